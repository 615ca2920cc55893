import { assemble, type WasmFunction } from './assemble.js';

/** The part of WebAssembly that is used; workers and worklets have it too. */
interface WebAssemblyApi {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: { m: { buffer: ArrayBuffer } } & Exports };
}

type Exports = Readonly<Record<string, (...params: number[]) => void>>;

export interface WasmInstance {
  readonly memory: ArrayBuffer;
  readonly functions: Exports;
}

/**
 * Functions that are ready to be called, over `memoryBytes` of memory, all zeros.
 *
 * @returns undefined where the host forbids or lacks WebAssembly, its vectors or that much memory
 */
export function instantiate(functions: readonly WasmFunction[], memoryBytes: number): WasmInstance | undefined {
  const wasm = (globalThis as unknown as { WebAssembly?: WebAssemblyApi }).WebAssembly;
  if (!wasm) return undefined;
  try {
    const { exports } = new wasm.Instance(new wasm.Module(assemble(functions, memoryBytes)));
    return { memory: exports.m.buffer, functions: exports };
  } catch {
    return undefined;
  }
}
