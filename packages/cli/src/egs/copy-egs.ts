import { Random } from '@jebena/egs';
import { type Holder, floatHolder, tokenHolder } from '@jebena/io-ark';
import { bool, defineOptions, float, int, text, within } from '@jebena/options';
import { openTable, readTable, tableWriter, writing } from '../io-ark/tables.js';
import type { ProgramContext } from '../program.js';

/** Options that both copying programs take. */
export const copyOptions = defineOptions({
  random: bool(false, 'If true, write to the output archives at random, not in turn'),
  srand: int(0, 'Seed of the random draws (--random, --keep-proportion, --frame=random)'),
  keepProportion: float(1, 'Keep or repeat each eg this many times on average', within(0, Infinity)),
  frameShift: int(0, 'Frames by which to move inputs against outputs; iVectors stay'),
  leftContext: int(-1, 'Keep no more left context than this; -1: all', within(-1, Infinity)),
  rightContext: int(-1, 'Keep no more right context than this; -1: all', within(-1, Infinity)),
  weights: text('', 'Rspecifier of a weight for each eg, by which its supervision is scaled'),
  outputs: text('', "Rspecifier of a name for each eg, which its output 'output' is given"),
});

interface Copy<E> {
  readonly holder: Holder<E>;
  /** Undefined where nothing is left. */
  readonly edit: (example: E, random: Random) => E | undefined;
  readonly scale: (example: E, weight: number) => E;
  readonly rename: (example: E, name: string) => E;
}

/** Copies examples to one or more archives; returns the exit code. */
export async function copyEgs<E>(
  { holder, edit, scale, rename }: Copy<E>,
  [input, ...outputs]: readonly string[],
  given: { random: boolean; srand: number; keepProportion: number; weights: string; outputs: string },
  context: ProgramContext,
): Promise<number> {
  const random = Random.of(given.srand, 'copy');
  const weights = given.weights ? openTable(floatHolder, given.weights, context) : undefined;
  const names = given.outputs ? openTable(tokenHolder, given.outputs, context) : undefined;
  const writers = outputs.map((output) => tableWriter<E>(holder, output));
  let [read, written, skipped, failed] = [0, 0, 0, 0];
  await writing(writers, async () => {
    for await (const [key, original] of readTable(holder, input!, context)) {
      read++;
      const whole = Math.floor(given.keepProportion);
      const copies = whole + (random.unit() < given.keepProportion - whole ? 1 : 0);
      if (copies === 0) continue;
      let example: E | undefined = original;
      const weight = await weights?.get(key);
      const name = await names?.get(key);
      if ((weights && weight === undefined) || (names && name === undefined)) {
        context.warn(`no ${names && name === undefined ? 'output name' : 'weight'} for ${key}: left out`);
        failed++;
        continue;
      }
      if (weight !== undefined) example = scale(example, weight);
      if (name !== undefined) example = rename(example, name);
      for (let i = 0; i < copies; i++) {
        const edited = edit(example, random);
        if (edited === undefined) {
          skipped++;
          continue;
        }
        const index = given.random ? random.below(writers.length) : written % writers.length;
        await writers[index]!.write(key, edited);
        written++;
      }
    }
  }).finally(async () => {
    await weights?.close();
    await names?.close();
  });
  if (skipped > 0) context.warn(`${skipped} egs lack the frame asked for`);
  context.log(
    `Read ${read} neural-network training examples, wrote ${written}, left out ${failed} for want of a weight or name`,
  );
  return written > 0 ? 0 : 1;
}
