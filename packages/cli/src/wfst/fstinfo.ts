import { defineOptions } from '@jebena/options';
import { Property, accessible, coaccessible, components, computeProperties } from '@jebena/wfst';
import { defineProgram } from '../program.js';
import { readFstFile, writeTextFile } from './files.js';

const questions: readonly (readonly [string, bigint])[] = [
  ['acceptor', Property.acceptor],
  ['input deterministic', Property.inputDeterministic],
  ['output deterministic', Property.outputDeterministic],
  ['input/output epsilons', Property.epsilons],
  ['input epsilons', Property.inputEpsilons],
  ['output epsilons', Property.outputEpsilons],
  ['input label sorted', Property.inputSorted],
  ['output label sorted', Property.outputSorted],
  ['weighted', Property.weighted],
  ['cyclic', Property.cyclic],
  ['cyclic at initial state', Property.initialCyclic],
  ['top sorted', Property.topSorted],
  ['accessible', Property.accessible],
  ['coaccessible', Property.coaccessible],
  ['string', Property.string],
  ['weighted cycles', Property.weightedCycles],
];

export const program = defineProgram({
  name: 'fstinfo',
  summary: 'Prints what a machine is like.',
  usage: ['[<in.fst>]'],
  options: defineOptions({}),
  args: [0, 1],
  run: async ([input]) => {
    const fst = await readFstFile(input);
    const count = (labels: Int32Array, others = labels): number =>
      labels.reduce((n, label, a) => n + (label === 0 && others[a] === 0 ? 1 : 0), 0);
    const [reached, useful] = [accessible(fst), coaccessible(fst)];
    const sum = (marks: Uint8Array): number => marks.reduce((a, b) => a + b, 0);
    const properties = computeProperties(fst);
    const rows: (readonly [string, unknown])[] = [
      ['arc type', fst.semiring === 'log' ? 'log' : 'standard'],
      ['input symbol table', fst.inputSymbols?.name ?? 'none'],
      ['output symbol table', fst.outputSymbols?.name ?? 'none'],
      ['# of states', fst.numStates],
      ['# of arcs', fst.numArcs],
      ['initial state', fst.start],
      ['# of final states', fst.final.reduce((n, w) => n + (w === Infinity ? 0 : 1), 0)],
      ['# of input/output epsilons', count(fst.ilabel, fst.olabel)],
      ['# of input epsilons', count(fst.ilabel)],
      ['# of output epsilons', count(fst.olabel)],
      ['# of accessible states', sum(reached)],
      ['# of coaccessible states', sum(useful)],
      ['# of connected states', sum(reached.map((r, s) => r & useful[s]!))],
      ['# of strongly conn components', components(fst).count],
      ...questions.map(([name, bit]) => [name, (properties & bit) === 0n ? 'n' : 'y'] as const),
    ];
    await writeTextFile('-', rows.map(([name, value]) => `${name.padEnd(50)}${String(value)}\n`).join(''));
  },
});
