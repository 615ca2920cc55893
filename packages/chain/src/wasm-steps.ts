import { type Code, define, f32x4, get, i32, loop, set, v128, type WasmFunction, whileLoop } from '@jebena/wasm';
import { expOfVector } from './wasm-exp.js';
import type { KernelLayout } from './wasm-layout.js';

const { add, mul, div, splat } = f32x4;
const forward16 = (local: number): Code => set(local, i32.add(get(local), i32.const(16)));
const moved = (local: number, bytes: number): Code => set(local, i32.add(get(local), i32.const(bytes)));

/** Statements for each of the vectors that hold the sequences: `n` is the vector's number, 16 n its place in a row. */
const each = ({ lanes }: KernelLayout, statement: (n: number) => Code): Code =>
  Array.from({ length: lanes / 4 }, (_, n) => statement(n)).flat();

/**
 * forward(before, x, after, inverse): for each state h, after[h] = sum over arcs g -> h of probability * before[g] *
 * x[pdf]; then all of it divided by its sum, and the leak added. `inverse` becomes 1 over the sum.
 */
export function forward(at: KernelLayout): WasmFunction {
  const { lanes, states, entering, totals, leak } = at;
  const count = lanes / 4;
  return define(
    'forward',
    {
      params: ['before', 'x', 'after', 'inverse'],
      integers: ['arc', 'end', 'ends', 'g', 'q', 'h', 'initial'],
      vectors: { p: 1, sum: count, total: count },
    },
    ({ before, x, after, inverse, arc, end, ends, g, q, h, initial, p: [p], sum, total }) => [
      ...set(arc, i32.const(entering.arcs)),
      ...set(ends, i32.const(entering.ends)),
      ...set(h, get(after)),
      ...each(at, (n) => set(total[n]!, splat(0))),
      ...loop(
        [
          ...set(end, i32.load(get(ends), 0)),
          ...each(at, (n) => set(sum[n]!, splat(0))),
          ...whileLoop(i32.lessThan(get(arc), get(end)), [
            ...set(g, i32.add(get(before), i32.load(get(arc), 0))),
            ...set(q, i32.add(get(x), i32.load(get(arc), 4))),
            ...set(p!, v128.splat32(get(arc), 8)),
            ...each(at, (n) => {
              const share = mul(mul(get(p!), v128.load(get(g), 16 * n)), v128.load(get(q), 16 * n));
              return set(sum[n]!, add(get(sum[n]!), share));
            }),
            ...moved(arc, 12),
          ]),
          ...each(at, (n) => v128.store(get(h), 16 * n, get(sum[n]!))),
          ...each(at, (n) => set(total[n]!, add(get(total[n]!), get(sum[n]!)))),
          ...moved(h, 4 * lanes),
          ...moved(ends, 4),
        ],
        i32.lessThan(get(h), i32.add(get(after), i32.const(states))),
      ),
      ...each(at, (n) => v128.store(i32.const(totals), 16 * n, get(total[n]!))),
      ...each(at, (n) => set(total[n]!, div(splat(1), get(total[n]!)))),
      ...each(at, (n) => v128.store(get(inverse), 16 * n, get(total[n]!))),
      ...set(h, get(after)),
      ...set(initial, i32.const(leak)),
      ...loop(
        [
          ...set(p!, v128.splat32(get(initial), 0)),
          ...each(at, (n) => v128.store(get(h), 16 * n, add(mul(v128.load(get(h), 16 * n), get(total[n]!)), get(p!)))),
          ...moved(initial, 4),
          ...moved(h, 4 * lanes),
        ],
        i32.lessThan(get(h), i32.add(get(after), i32.const(states))),
      ),
    ],
  );
}

/**
 * backward(alpha, x, inverse, after, before): for each state g, before[g] = inverse * (sum over arcs g -> h of
 * probability * x[pdf] * after[h]), then the leak; each arc's share times alpha[g] is added to its pdf's posterior.
 */
export function backward(at: KernelLayout): WasmFunction {
  const { lanes, states, leaving, posterior, leak } = at;
  const count = lanes / 4;
  return define(
    'backward',
    {
      params: ['alpha', 'x', 'inverse', 'after', 'before'],
      integers: ['arc', 'end', 'ends', 'g', 'q', 'h', 'initial'],
      vectors: { p: 1, y: 1, a: count, sum: count, extra: count },
    },
    ({ alpha, x, inverse, after, before, arc, end, ends, g, q, h, initial, p: [p], y: [y], a, sum, extra }) => [
      ...set(arc, i32.const(leaving.arcs)),
      ...set(ends, i32.const(leaving.ends)),
      ...set(initial, i32.const(leak)),
      ...set(g, get(before)),
      ...each(at, (n) => set(extra[n]!, splat(0))),
      ...loop(
        [
          ...set(end, i32.load(get(ends), 0)),
          ...each(at, (n) => set(a[n]!, mul(v128.load(get(alpha), 16 * n), v128.load(get(inverse), 16 * n)))),
          ...each(at, (n) => set(sum[n]!, splat(0))),
          ...whileLoop(i32.lessThan(get(arc), get(end)), [
            ...set(h, i32.add(get(after), i32.load(get(arc), 0))),
            ...set(q, i32.load(get(arc), 4)),
            ...set(p!, v128.splat32(get(arc), 8)),
            ...each(at, (n) => [
              ...set(y!, mul(mul(get(p!), v128.load(i32.add(get(x), get(q)), 16 * n)), v128.load(get(h), 16 * n))),
              ...set(sum[n]!, add(get(sum[n]!), get(y!))),
              ...v128.store(
                get(q),
                posterior + 16 * n,
                add(v128.load(get(q), posterior + 16 * n), mul(get(a[n]!), get(y!))),
              ),
            ]),
            ...moved(arc, 12),
          ]),
          ...set(p!, v128.splat32(get(initial), 0)),
          ...each(at, (n) => [
            ...set(sum[n]!, mul(get(sum[n]!), v128.load(get(inverse), 16 * n))),
            ...v128.store(get(g), 16 * n, get(sum[n]!)),
            ...set(extra[n]!, add(get(extra[n]!), mul(get(p!), get(sum[n]!)))),
          ]),
          ...moved(initial, 4),
          ...moved(ends, 4),
          ...moved(alpha, 4 * lanes),
          ...moved(g, 4 * lanes),
        ],
        i32.lessThan(get(g), i32.add(get(before), i32.const(states))),
      ),
      ...set(g, get(before)),
      ...loop(
        [
          ...each(at, (n) => v128.store(get(g), 16 * n, add(v128.load(get(g), 16 * n), get(extra[n]!)))),
          ...moved(g, 4 * lanes),
        ],
        i32.lessThan(get(g), i32.add(get(before), i32.const(states))),
      ),
    ],
  );
}

/** Four vectors as the rows of a matrix, turned into its columns: the first of each, the second of each, ... */
function transposed([a, b, c, d]: readonly number[]): Code[] {
  const pairs = (first: number, second: number, high: 0 | 2): Code =>
    v128.lanes32(get(first), get(second), [high, 4 + high, 1 + high, 5 + high]);
  return ([0, 2] as const).flatMap((high) => {
    const [ab, cd] = [pairs(a!, b!, high), pairs(c!, d!, high)];
    return [v128.lanes32(ab, cd, [0, 1, 4, 5]), v128.lanes32(ab, cd, [2, 3, 6, 7])];
  });
}

/** exponentiate(x): exp of `rows`, held to +-30, a row for each pdf and a column for each sequence. */
export function exponentiate(at: KernelLayout): WasmFunction {
  const { lanes, stride, rows, largest } = at;
  return define(
    'exponentiate',
    { params: ['x'], integers: ['pdf'], vectors: { row: 4, temporary: 3, most: 1 } },
    ({ x, pdf, row, temporary, most: [most] }) => [
      ...set(most!, v128.load(i32.const(largest), 0)),
      ...set(pdf, i32.const(rows)),
      ...loop(
        [
          ...each(at, (n) => [
            ...row.flatMap((vector, i) => set(vector, v128.load(get(pdf), (4 * n + i) * 4 * stride))),
            ...row.flatMap((vector) => set(most!, f32x4.max(get(most!), f32x4.abs(get(vector))))),
            ...row.flatMap((vector) => expOfVector(vector, temporary)),
            ...transposed(row).flatMap((column, i) => v128.store(get(x), 16 * n + i * 4 * lanes, column)),
          ]),
          ...forward16(pdf),
          ...moved(x, 16 * lanes),
        ],
        i32.lessThan(get(pdf), i32.const(rows + 4 * stride)),
      ),
      ...v128.store(i32.const(largest), 0, get(most!)),
    ],
  );
}

/** posteriorsToRows(): `rows` becomes `scale` times the posteriors, a row for each sequence; these become zeros. */
export function posteriorsToRows(at: KernelLayout): WasmFunction {
  const { lanes, stride, rows, posterior, scale } = at;
  return define(
    'posteriorsToRows',
    { params: [], integers: ['pdf', 'from'], vectors: { row: 4, factor: 1 } },
    ({ pdf, from, row, factor: [factor] }) => [
      ...set(factor!, v128.splat32(i32.const(scale), 0)),
      ...set(from, i32.const(posterior)),
      ...set(pdf, i32.const(rows)),
      ...loop(
        [
          ...each(at, (n) => [
            ...row.flatMap((vector, i) => set(vector, mul(get(factor!), v128.load(get(from), 16 * n + i * 4 * lanes)))),
            ...row.flatMap((_, i) => v128.store(get(from), 16 * n + i * 4 * lanes, splat(0))),
            ...transposed(row).flatMap((column, i) => v128.store(get(pdf), (4 * n + i) * 4 * stride, column)),
          ]),
          ...forward16(pdf),
          ...moved(from, 16 * lanes),
        ],
        i32.lessThan(get(pdf), i32.const(rows + 4 * stride)),
      ),
    ],
  );
}
