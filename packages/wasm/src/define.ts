import type { WasmFunction } from './assemble.js';
import type { Code } from './code.js';

export interface Locals<P extends string, I extends string, V extends string> {
  /** Names of the parameters, 32-bit integers all. */
  readonly params: readonly P[];
  readonly integers?: readonly I[];
  /** Names of vectors and how many of each. */
  readonly vectors?: { readonly [name in V]: number };
}

/**
 * A function whose locals have names: `body` is given their numbers, of vectors a list.
 *
 * @example
 * ```ts
 * define('twice', { params: ['at'], vectors: { x: 1 } }, ({ at, x: [x] }) => [
 *   ...set(x!, v128.load(get(at), 0)),
 *   ...v128.store(get(at), 0, f32x4.add(get(x!), get(x!))),
 * ]);
 * ```
 */
export function define<P extends string, I extends string = never, V extends string = never>(
  name: string,
  { params, integers = [], vectors }: Locals<P, I, V>,
  body: (locals: Record<P | I, number> & Record<V, readonly number[]>) => Code,
): WasmFunction {
  const numbers: Record<string, number | readonly number[]> = {};
  let next = 0;
  for (const local of [...params, ...integers]) numbers[local] = next++;
  const first = next;
  for (const [local, count] of Object.entries<number>(vectors ?? {}))
    numbers[local] = Array.from({ length: count }, () => next++);
  return {
    name,
    params: params.length,
    integers: integers.length,
    vectors: next - first,
    body: body(numbers as Record<P | I, number> & Record<V, readonly number[]>),
  };
}
