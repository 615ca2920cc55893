import type { BeamSearch } from '@jebena/decode';
import { bool, defineOptions, float, type OptionValues, resolveOptions, text, UsageError } from '@jebena/options';

/** What a rule is asked about. Times in seconds. */
export interface EndPointState {
  /** Length of the utterance so far. */
  readonly length: number;
  /** Silence at its end. */
  readonly trailingSilence: number;
  /** How much dearer the best path to a final state is than the best path; Infinity where none ends in one. */
  readonly relativeCost: number;
}

interface EndPointRule {
  readonly mustContainNonsilence: boolean;
  readonly minTrailingSilence: number;
  readonly maxRelativeCost: number;
  readonly minUtteranceLength: number;
}

const rule = <N extends string>(name: N, r: EndPointRule) =>
  ({
    [`endpoint.${name}.mustContainNonsilence`]: bool(r.mustContainNonsilence, `${name}: only after speech`),
    [`endpoint.${name}.minTrailingSilence`]: float(r.minTrailingSilence, `${name}: seconds of silence at the end`),
    [`endpoint.${name}.maxRelativeCost`]: float(
      r.maxRelativeCost,
      `${name}: how much dearer than the best path one to a final state may be`,
    ),
    [`endpoint.${name}.minUtteranceLength`]: float(r.minUtteranceLength, `${name}: seconds in all`),
  }) as {
    [K in keyof EndPointRule as `endpoint.${N}.${K}`]: EndPointRule[K] extends boolean
      ? ReturnType<typeof bool>
      : ReturnType<typeof float>;
  };

const r = (silence: number, cost: number, length = 0, speech = true): EndPointRule => ({
  mustContainNonsilence: speech,
  minTrailingSilence: silence,
  maxRelativeCost: cost,
  minUtteranceLength: length,
});

/**
 * Kaldi's five rules of end-pointing with its defaults (OnlineEndpointConfig in online2/online-endpoint.h): after 5 s
 * of silence, though nothing was said; after 0.5 s where the grammar likes an end, 1 s where it may, 2 s in any case;
 * after 20 s whatever comes.
 */
export const endPointOptions = defineOptions({
  'endpoint.silencePhones': text('1', 'Phones of silence, by number, as 1:2:3'),
  ...rule('rule1', r(5, Infinity, 0, false)),
  ...rule('rule2', r(0.5, 2)),
  ...rule('rule3', r(1, 8)),
  ...rule('rule4', r(2, Infinity)),
  ...rule('rule5', r(0, Infinity, 20, false)),
});

/** What the rules are asked about, of a search at its present frame. */
export function endPointState(
  search: Pick<BeamSearch, 'traceback' | 'numFrames' | 'finalRelativeCost'>,
  isSilence: (transitionId: number) => boolean,
  secondsPerFrame: number,
): EndPointState {
  let silent = 0;
  for (const tid of search.traceback()) {
    if (!isSilence(tid)) break;
    silent++;
  }
  return {
    length: search.numFrames * secondsPerFrame,
    trailingSilence: silent * secondsPerFrame,
    relativeCost: search.finalRelativeCost,
  };
}

export type EndPointOptions = OptionValues<typeof endPointOptions>;

const ruleNames = ['rule1', 'rule2', 'rule3', 'rule4', 'rule5'] as const;

/** Says when an utterance is over. */
export class EndPointer {
  readonly silencePhones: ReadonlySet<number>;
  private readonly rules: readonly EndPointRule[];

  /** @throws UsageError for phones that are no numbers */
  constructor(given: Partial<EndPointOptions> = {}) {
    const options = resolveOptions(endPointOptions, given);
    const phones = options['endpoint.silencePhones'].split(':').filter(Boolean).map(Number);
    if (!phones.every((p) => Number.isInteger(p) && p > 0))
      throw new UsageError(
        `option 'endpoint.silencePhones': expected phones as 1:2:3, found '${options['endpoint.silencePhones']}'`,
      );
    this.silencePhones = new Set(phones);
    this.rules = ruleNames.map((name) => ({
      mustContainNonsilence: options[`endpoint.${name}.mustContainNonsilence`],
      minTrailingSilence: options[`endpoint.${name}.minTrailingSilence`],
      maxRelativeCost: options[`endpoint.${name}.maxRelativeCost`],
      minUtteranceLength: options[`endpoint.${name}.minUtteranceLength`],
    }));
  }

  /** The first rule, 1 to 5, by which the utterance is over; undefined where none says so. */
  rule({ length, trailingSilence, relativeCost }: EndPointState): number | undefined {
    const at = this.rules.findIndex(
      (rule) =>
        (!rule.mustContainNonsilence || length > trailingSilence) &&
        trailingSilence >= rule.minTrailingSilence &&
        relativeCost <= rule.maxRelativeCost &&
        length >= rule.minUtteranceLength,
    );
    return at < 0 ? undefined : at + 1;
  }
}
