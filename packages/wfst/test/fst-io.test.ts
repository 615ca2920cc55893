import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KaldiInput } from '@jebena/io-ark';
import { FstBuilder, computeProperties, formatFst, parseFst, readFst, readFstFrom, writeFst } from '@jebena/wfst';
import { shared, testShared } from '../../../test/support/shared.js';

const goldens = {
  vector: ['hmm/G.fst', 'hmm/L.fst', 'hmm/L_disambig.fst', 'hmm/LG.fst', 'chain/den.fst', 'chain/normalization.fst'],
  const: ['decode/HCLG.fst', 'hmm/tri.HCLG.fst'],
} as const;

for (const type of ['vector', 'const'] as const)
  testShared(`Kaldi's ${type} files are read and written byte for byte`, () => {
    for (const name of goldens[type]) {
      const bytes = readFileSync(shared('golden', name));
      const fst = readFst(bytes, { path: name });
      expect(fst.numStates).toBeGreaterThan(0);
      expect(Buffer.from(writeFst(fst, { type })).equals(bytes)).toBe(true);
      expect(formatFst(readFst(writeFst(fst)))).toBe(formatFst(fst));
    }
  });

testShared('property bits computed in full agree with what Kaldi tested in full', () => {
  for (const name of [...goldens.const, ...goldens.vector]) {
    const fst = readFst(readFileSync(shared('golden', name)));
    const known = fst.properties!;
    expect(computeProperties(fst) & known).toBe(known);
  }
});

testShared('compact acceptors inside examples are read where they stand and written byte for byte', () => {
  const bytes = readFileSync(shared('golden/chain/egs.ark'));
  let found = 0;
  for (let at = bytes.indexOf('compact_acceptor'); at >= 0; at = bytes.indexOf('compact_acceptor', at + 1)) {
    const input = new KaldiInput(bytes, { path: 'egs.ark' }, true);
    input.offset = at - 8;
    const fst = readFstFrom(input);
    expect(Buffer.from(writeFst(fst, { type: 'compact_acceptor' })).equals(bytes.subarray(at - 8, input.offset))).toBe(
      true,
    );
    expect(bytes.subarray(input.offset, input.offset + 2).toString()).toBe('</');
    found++;
  }
  expect(found).toBe(10);
});

test('text form: states by first mention, costs of 0 left out, dead ends mentioned', () => {
  const fst = parseFst('3 1 1 2 0.5\n3 7 2 2\n1 0.25\n');
  expect(formatFst(fst)).toBe('0\t1\t1\t2\t0.5\n0\t2\t2\t2\n1\t0.25\n2\tInfinity\n');
});

test('a torn or wrong file says where', () => {
  const b = new FstBuilder();
  const [s, t] = [b.addState(), b.addState()];
  b.setStart(s);
  b.addArc(s, 1, 2, 0.5, t);
  b.setFinal(t);
  const bytes = writeFst(b.build());
  for (let length = 1; length < bytes.length; length++)
    expect(() => readFst(bytes.subarray(0, length), { path: 'x.fst' })).toThrow('x.fst, byte');
  const wrong = bytes.slice();
  wrong[bytes.length - 16] = 9;
  expect(() => readFst(wrong, { path: 'x.fst' })).toThrow(/x\.fst, byte \d+: expected a next state below 2, found 9/);
  expect(() => parseFst('0 1 2\n', {}, { path: 'x.txt' })).toThrow('x.txt, byte 0: expected from to ilabel olabel');
});
