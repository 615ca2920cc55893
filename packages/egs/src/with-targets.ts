import type { Matrix } from '@jebena/io-ark';
import { type Item, type Stage, type StageOptions, stage } from '@jebena/stream';
import { closing } from './closing.js';
import { TargetJoiner, type TargetJoinerOptions } from './target-joiner.js';
import type { Lookup } from './lookup.js';
import type { TargetSource } from './target-source.js';
import type { UtteranceExample } from './utterance-example.js';

export interface WithTargetsOptions extends TargetJoinerOptions, StageOptions {}

/**
 * Joins features `[key, feats]` with the targets of the same key, as `nnet3-get-egs` does.
 *
 * @param targets a map, anything with `get(key)`, or a table that is read along (items that are not asked for yet are held)
 * @example
 * ```ts
 * pipe(readMatrices('scp:feats.scp'), withTargets(readInt32Vectors('ark:ali.ark')), chunks({ sizes: 150 }))
 * ```
 * @throws EgsError where an utterance has no targets, or of another length, and there is no report
 */
export function withTargets(
  targets: Lookup<TargetSource>,
  options: WithTargetsOptions = {},
): Stage<Item<Matrix>, UtteranceExample> {
  return (source) => {
    let joiner: TargetJoiner | undefined;
    const joined = stage<Item<Matrix>, UtteranceExample>(() => {
      const made = (joiner = new TargetJoiner(targets, options));
      return {
        push: async ([key, feats]) => {
          const utterance = await made.join(key, feats);
          return utterance ? [utterance] : [];
        },
      };
    }, options)(source);
    return closing(joined, () => joiner?.close());
  };
}
