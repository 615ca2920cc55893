import { UsageError, bool, defineOptions, float } from '@jebena/options';
import { type Fst, connect, invert, relabel } from '@jebena/wfst';
import { defineProgram } from '../program.js';
import { readFstFile, readIntegers, writeFstFile } from './files.js';

export const program = defineProgram({
  name: 'fstrmsymbols',
  summary: 'Replaces symbols by epsilon on the input side, or removes or penalizes their arcs.',
  usage: ['<in-disambig-list> [<in.fst> [<out.fst>]]'],
  options: defineOptions({
    applyToOutput: bool(false, 'On the output side instead'),
    removeFromOutput: bool(false, 'The same, an older name'),
    removeArcs: bool(false, 'Remove the arcs instead'),
    penalty: float(-Infinity, "Add this to the arcs' cost instead"),
  }),
  args: [1, 3],
  run: async ([list, input, output], { applyToOutput, removeFromOutput, removeArcs, penalty }) => {
    if (removeArcs && penalty !== -Infinity)
      throw new UsageError('only one of --remove-arcs and --penalty can be given');
    const fst = await readFstFile(input);
    const symbols = new Set(await readIntegers(list!));
    const onOutput = applyToOutput || removeFromOutput;
    const change = (on: Fst): Fst => {
      if (penalty !== -Infinity)
        return on.with({ weight: on.weight.map((w, a) => (symbols.has(on.ilabel[a]!) ? w + penalty : w)) });
      if (!removeArcs) return relabel(on, { input: new Map(Array.from(symbols, (s) => [s, 0])) });
      return withoutArcs(on, symbols);
    };
    await writeFstFile(output, onOutput ? invert(change(invert(fst))) : change(fst));
  },
});

/** What is left without the arcs. */
function withoutArcs(fst: Fst, symbols: ReadonlySet<number>): Fst {
  const kept = fst.ilabel.map((label, a) => (symbols.has(label) ? -1 : a)).filter((a) => a >= 0);
  const firstArc = new Int32Array(fst.numStates + 1);
  for (let s = 0, k = 0; s < fst.numStates; s++) {
    while (k < kept.length && kept[k]! < fst.firstArc[s + 1]!) k++;
    firstArc[s + 1] = k;
  }
  return connect(
    fst.with({
      firstArc,
      ilabel: kept.map((a) => fst.ilabel[a]!),
      olabel: kept.map((a) => fst.olabel[a]!),
      nextState: kept.map((a) => fst.nextState[a]!),
      weight: Float32Array.from(kept, (a) => fst.weight[a]!),
    }),
  );
}
