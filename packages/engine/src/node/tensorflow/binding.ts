/** What the native addon offers (native/addon.cc). Tensors and operations are numbers. */
export interface Binding {
  start(threads: number, device: string): void;
  devices(): string[];
  version(): string;
  matrix(rows: number, cols: number, data: Float32Array): number;
  constant(values: Int32Array | Float32Array, dims: Int32Array): number;
  read(tensor: number, into: Float32Array): void;
  free(tensor: number): void;
  operation(name: string, attributes: string): number;
  run(operation: number, inputs: Int32Array): number;
}
