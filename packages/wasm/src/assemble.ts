import { type Code, unsigned } from './code.js';

export interface WasmFunction {
  /** What it is exported as; the last function is exported in any case, as `f` where it has no name. */
  readonly name?: string;
  /** How many 32-bit integers it takes. */
  readonly params: number;
  /** Further locals: integers, then vectors. */
  readonly integers?: number;
  readonly vectors?: number;
  readonly body: Code;
}

const section = (id: number, content: Code): number[] => [id, ...unsigned(content.length), ...content];
const list = (items: readonly Code[]): number[] => [...unsigned(items.length), ...items.flat()];
const name = (text: string): number[] => [text.length, ...Array.from(text, (c) => c.charCodeAt(0))];

/** `\0asm`, version 1. */
const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** A module that exports its memory as `m` and its functions that have a name. */
export function assemble(functions: readonly WasmFunction[], memoryBytes: number): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ params }) => [0x60, ...list(Array.from({ length: params }, () => [0x7f])), 0]);
  const bodies = functions.map(({ integers = 0, vectors = 0, body }) => {
    const locals = list([
      [...unsigned(integers), 0x7f],
      [...unsigned(vectors), 0x7b],
    ]);
    return [...unsigned(locals.length + body.length + 1), ...locals, ...body, 0x0b];
  });
  const last = functions.length - 1;
  const exported = functions.flatMap((f, i) => {
    const as = f.name ?? (i === last ? 'f' : undefined);
    return as === undefined ? [] : [[...name(as), 0, ...unsigned(i)]];
  });
  return Uint8Array.from([
    ...header,
    ...section(1, list(types)),
    ...section(3, list(functions.map((_, i) => unsigned(i)))),
    ...section(5, list([[0, ...unsigned(Math.ceil(memoryBytes / 65536))]])),
    ...section(7, list([[...name('m'), 2, 0], ...exported])),
    ...section(10, list(bodies)),
  ]);
}
