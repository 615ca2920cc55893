import { DenominatorGraph, evaluateChain, type Supervision } from '@jebena/chain';
import { define, get, i32, instantiate, loop, set, v128 } from '@jebena/wasm';
import { FstBuilder, parseFst } from '@jebena/wfst';
import { afterEach, expect, test, vi } from 'vitest';
import { expOfVector } from '../src/wasm-exp.js';

afterEach(() => vi.unstubAllGlobals());

const random = (seed: number) => () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
};

/** States in a ring, with arcs to anywhere; some states have no arc but the one that leads to them. */
function randomGraph(states: number, arcs: number, pdfs: number): DenominatorGraph {
  const draw = random(7);
  const any = (n: number): number => Math.floor(draw() * n);
  const b = new FstBuilder();
  b.ensureStates(states);
  b.setStart(0);
  const add = (from: number, to: number): void => {
    const label = 1 + any(pdfs);
    b.addArc(from, label, label, 0.2 + 2 * draw(), to);
  };
  for (let s = 0; s < states; s++) {
    b.setFinal(s);
    add(s, (s + 1) % states);
    for (let a = any(2 * (arcs / states)); a > 0; a--) add(s, any(states));
  }
  return new DenominatorGraph(b.build(), pdfs);
}

test.each([
  { sequences: 1, pdfs: 4 },
  { sequences: 7, pdfs: 5 },
  { sequences: 17, pdfs: 10 },
  { sequences: 34, pdfs: 32 },
])('vectors give what plain loops give: $sequences sequences, $pdfs pdfs', ({ sequences, pdfs }) => {
  const frames = 9;
  const draw = random(sequences);
  const data = Float32Array.from({ length: frames * sequences * pdfs }, () => 24 * draw() - 12);
  data[3] = 41;
  data[4] = -41;
  const line = parseFst(`${Array.from({ length: frames }, (_, t) => `${t} ${t + 1} 1 1`).join('\n')}\n${frames}\n`);
  const supervision: Supervision = {
    weight: 0.7,
    numSequences: sequences,
    framesPerSequence: frames,
    labelDim: pdfs,
    e2eFsts: Array.from({ length: sequences }, () => line),
  };
  const run = () =>
    evaluateChain(
      randomGraph(13, 60, pdfs),
      supervision,
      { rows: frames * sequences, cols: pdfs, data },
      {
        leakyHmmCoefficient: 0.1,
      },
    );
  const vectors = run();
  vi.stubGlobal('WebAssembly', undefined);
  const plain = run();
  expect(vectors.failed).toBe(false);
  expect(vectors.objective / plain.objective).toBeCloseTo(1, 5);
  expect(vectors.derivative.reduce((most, d, i) => Math.max(most, Math.abs(d - plain.derivative[i]!)), 0)).toBeLessThan(
    5e-6,
  );
});

test('a graph takes more frames, then fewer, and the same numbers come out', () => {
  const graph = randomGraph(11, 40, 6);
  const evaluate = (frames: number) => {
    const draw = random(frames);
    const data = Float32Array.from({ length: frames * 6 }, () => 4 * draw() - 2);
    const line = parseFst(`${Array.from({ length: frames }, (_, t) => `${t} ${t + 1} 1 1`).join('\n')}\n${frames}\n`);
    const supervision = { weight: 1, numSequences: 1, framesPerSequence: frames, labelDim: 6, e2eFsts: [line] };
    return evaluateChain(graph, supervision, { rows: frames, cols: 6, data }, { leakyHmmCoefficient: 0.3 });
  };
  const [short, , again] = [evaluate(5), evaluate(12), evaluate(5)];
  expect(again).toEqual(short);
});

test('exponentials are within 2e-7 of themselves, held to +-30', () => {
  const size = 4096;
  const exp = define('exp', { params: ['at', 'end'], vectors: { x: 1, rest: 3 } }, ({ at, end, x: [x], rest }) =>
    loop(
      [
        ...set(x!, v128.load(get(at), 0)),
        ...expOfVector(x!, rest),
        ...v128.store(get(at), 0, get(x!)),
        ...set(at, i32.add(get(at), i32.const(16))),
      ],
      i32.lessThan(get(at), get(end)),
    ),
  );
  const { memory, functions } = instantiate([exp], 4 * size)!;
  const values = new Float32Array(memory, 0, size);
  values.forEach((_, i) => (values[i] = (66 * i) / size - 33));
  values[0] = NaN;
  values[1] = Infinity;
  values[2] = -Infinity;
  values[3] = 0;
  const given = values.slice();
  functions['exp']!(0, 4 * size);
  expect(values[0]).toBeNaN();
  expect(values[3]).toBe(1);
  const errors = Array.from(given, (x, i) => Math.abs(values[i]! / Math.exp(Math.min(Math.max(x, -30), 30)) - 1));
  expect(Math.max(...errors.slice(1))).toBeLessThan(2e-7);
});
