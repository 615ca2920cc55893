import type { Binding } from './binding.js';

/** libtensorflow's operations, called one by one on tensors by number. Attributes are spelled as in native/state.h. */
export class RawOperations {
  readonly #known = new Map<string, number>();
  constructor(readonly binding: Binding) {}

  run(name: string, attributes: string, ...inputs: readonly number[]): number {
    const key = `${name} ${attributes}`;
    let operation = this.#known.get(key);
    if (operation === undefined) this.#known.set(key, (operation = this.binding.operation(name, attributes)));
    return this.binding.run(operation, Int32Array.from(inputs));
  }

  /** Runs and frees the inputs that are listed in `spent`. */
  last(name: string, attributes: string, inputs: readonly number[], spent: readonly number[]): number {
    try {
      return this.run(name, attributes, ...inputs);
    } finally {
      for (const tensor of spent) this.binding.free(tensor);
    }
  }

  ints(...values: readonly number[]): number {
    return this.binding.constant(Int32Array.from(values), Int32Array.of(values.length));
  }
  int(value: number): number {
    return this.binding.constant(Int32Array.of(value), new Int32Array(0));
  }
  float(value: number): number {
    return this.binding.constant(Float32Array.of(value), new Int32Array(0));
  }
}
