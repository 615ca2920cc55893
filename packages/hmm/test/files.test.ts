import { readFileSync } from 'node:fs';
import { KaldiInput, KaldiOutput } from '@jebena/io-ark';
import { ContextTree, Topology, TransitionModel } from '@jebena/hmm';
import { describe, expect, test } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';

const golden = (name: string): Uint8Array => readFileSync(shared('golden', name));
const text = (write: (output: KaldiOutput) => void): string => {
  const output = new KaldiOutput({ binary: false });
  write(output);
  return new TextDecoder().decode(output.bytes());
};
const binary = (write: (output: KaldiOutput) => void): Uint8Array => {
  const output = new KaldiOutput({ binary: true });
  write(output);
  return output.bytes();
};
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe('files that Kaldi wrote', () => {
  testShared('a topology is read from text, written and read in both forms', () => {
    const topology = Topology.read(new KaldiInput(golden('hmm/topo')));
    const words = (s: string): string => s.split(/\s+/).join(' ').trim();
    expect(words(text((o) => topology.write(o)))).toBe(words(decode(golden('hmm/topo'))));
    const again = Topology.read(new KaldiInput(binary((o) => topology.write(o))));
    expect(again).toEqual(topology);
    expect(topology.minLength(1)).toBe(3);
    expect(topology.minLength(2)).toBe(3);
    expect(topology.numPdfClasses(1)).toBe(5);
  });

  testShared.each(['hmm/tri.tree', 'chain/tree', 'hmm/tri.tree.txt'])('tree %s byte for byte', (name) => {
    const bytes = golden(name);
    const input = new KaldiInput(bytes);
    const tree = ContextTree.read(input);
    expect(input.atEnd).toBe(true);
    if (input.binary)
      expect(
        Buffer.compare(
          binary((o) => tree.write(o)),
          bytes,
        ),
      ).toBe(0);
    else expect(text((o) => tree.write(o))).toBe(decode(bytes));
  });

  testShared('both forms of a tree are one', () => {
    const trees = ['hmm/tri.tree', 'hmm/tri.tree.txt'].map((name) => ContextTree.read(new KaldiInput(golden(name))));
    expect(trees[0]).toEqual(trees[1]);
  });

  testShared.each(['hmm/tri.mdl', 'hmm/tri.trans_mdl.txt', 'chain/0.trans_mdl', 'decode/final.mdl', 'hybrid/tdnn.mdl'])(
    'transition model %s byte for byte',
    (name) => {
      const bytes = golden(name);
      const input = new KaldiInput(bytes);
      const model = TransitionModel.read(input);
      const written = input.binary ? binary((o) => model.write(o)) : text((o) => model.write(o));
      if (typeof written === 'string') expect(written).toBe(decode(bytes.subarray(0, written.length)));
      else expect(Buffer.compare(written, bytes.subarray(0, written.length))).toBe(0);
    },
  );

  testShared.each([
    ['hmm/tri.tree', 'hmm/tri.mdl'],
    ['chain/tree', 'chain/0.trans_mdl'],
  ])('the states made of %s are those of %s', (treeName, modelName) => {
    const model = TransitionModel.read(new KaldiInput(golden(modelName)));
    const made = TransitionModel.create(ContextTree.read(new KaldiInput(golden(treeName))), model.topology);
    expect(made.tuples).toEqual(model.tuples);
    expect(made.numPdfs).toBe(model.numPdfs);
    expect(made.logProbs.length).toBe(model.logProbs.length);
  });
});

describe('by rule', () => {
  const states = [0, 1].map((i) => ({
    forwardPdfClass: i,
    selfLoopPdfClass: i,
    transitions: [
      { to: i, probability: 0.5 },
      { to: i + 1, probability: 0.5 },
    ],
  }));
  const topology = Topology.of([
    [
      [1, 2, 3],
      [...states, { forwardPdfClass: -1, selfLoopPdfClass: -1, transitions: [] }],
    ],
  ]);

  test('a monophone tree gives each phone and class its pdf', () => {
    const model = TransitionModel.create(ContextTree.monophone(topology), topology);
    expect(model.numPdfs).toBe(6);
    expect(Array.from(model.tidToPdf.slice(1))).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    expect(ContextTree.monophone(topology, [[1, 2], [3]]).numPdfs).toBe(4);
  });

  test('a biphone tree tells left neighbours apart', () => {
    const tree = ContextTree.biphone(topology);
    expect(tree.numPdfs).toBe(3 * 4 * 2);
    const pdfs = new Set([0, 1, 2, 3].flatMap((left) => [1, 2, 3].map((phone) => tree.pdf([left, phone], 0))));
    expect(pdfs.size).toBe(12);
    expect(TransitionModel.create(tree, topology).numTransitionStates).toBe(24);
  });

  test('rare biphones share pdfs, phones without context have none of their own', () => {
    const biphone = (left: number, phone: number): number => (left === 1 ? 200 : phone === 3 ? 5 : 50);
    const monophone = (phone: number): number => (phone === 3 ? 10 : 100);
    const tree = ContextTree.biphone(topology, { counts: { biphone, monophone } });
    // At the start, after 1, and, where rare, one for all others; those of phone 3 are of no phone.
    const pdf = (left: number, phone: number): number => tree.pdf([left, phone], 0)!;
    expect(pdf(2, 1)).toBe(pdf(3, 1));
    expect(new Set([pdf(0, 1), pdf(1, 1), pdf(2, 1)]).size).toBe(3);
    expect(pdf(2, 3)).toBe(pdf(3, 3));
    expect(tree.numPdfs).toBe(2 * (3 + 3 + 3));
    const alone = ContextTree.biphone(topology, { contextIndependent: [2] });
    expect([0, 1, 2, 3].map((left) => alone.pdf([left, 2], 0))).toEqual([0, 0, 0, 0]);
    expect(alone.pdf([2, 1], 0)).toBe(alone.pdf([0, 1], 0));
    expect(alone.numPdfs).toBe(2 * (1 + 2 * 3));
  });

  test('what does not hold together is said in one line', () => {
    expect(() => Topology.of([[[1], [states[0]!, states[1]!]]])).toThrow(
      /entry 0: expected no transitions from its last/,
    );
    expect(() => ContextTree.monophone(topology, [[1, 2]])).toThrow('no set holds phone 3');
    expect(() =>
      TransitionModel.read(new KaldiInput(new TextEncoder().encode('<TransitionModel> <Topology> <X>'))),
    ).toThrow(/byte 29: expected <TopologyEntry> or <\/Topology>, found "<X>"/);
  });
});
