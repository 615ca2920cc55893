import type { Matrix } from '@jebena/io-ark';
import type { Item } from '@jebena/stream';
import type { TestSet } from '../utterance.js';
import type { DigitBalance } from './digit-balance.js';

/** Corrections are settled again once so much more was heard: at first each so many strings, later each so large a share. */
const again = { strings: 5, share: 0.1 } as const;

/**
 * Outputs of a test set in order, corrected by what was heard of each speaker: in the strings before, as it can be done
 * while somebody speaks, or in all of them, as only a second pass can.
 */
export function* hearSpeakers(
  outputs: readonly Item<Matrix>[],
  { utterances, heard }: TestSet,
  newBalance: () => DigitBalance,
): Generator<Item<Matrix>> {
  const speakers = new Map(utterances.map(({ id, speaker }) => [id, speaker]));
  const balances = new Map([...speakers.values()].map((speaker) => [speaker, newBalance()]));
  const balanceOf = (id: string): DigitBalance => balances.get(speakers.get(id)!)!;
  if (heard === 'all') {
    for (const [id, output] of outputs) balanceOf(id).hear(output);
    for (const balance of balances.values()) balance.settle(15);
  }
  const settled = new Map<DigitBalance, number>();
  for (const [id, output] of outputs) {
    const balance = balanceOf(id);
    yield [id, heard ? balance.apply(output) : output];
    if (heard !== 'before') continue;
    balance.hear(output);
    const last = settled.get(balance) ?? 0;
    if (balance.strings < last + Math.max(again.strings, again.share * last)) continue;
    balance.settle(3);
    settled.set(balance, balance.strings);
  }
}
