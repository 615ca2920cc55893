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

  // Kernels for the host's CPU (native/cpu*.cc); they look into tensors in place, and may be done after the call
  // (native/tasks.h): `read` waits for what it reads.
  kernels(): string;
  hasMatmul(): boolean;
  matmul(
    a: number,
    b: number,
    transposeA: boolean,
    transposeB: boolean,
    bias: number,
    relu: boolean,
    half: boolean,
    into: number,
    scale: number,
  ): number;
  matmulMomentum(
    value: number,
    velocity: number,
    a: number,
    b: number,
    half: boolean,
    momentum: number,
    scale: number,
    rate: number,
    outs: Int32Array,
  ): void;
  matmulPatches(
    x: number,
    patches: number,
    perRow: number,
    other: number,
    bias: number,
    relu: boolean,
    dy: boolean,
    half: boolean,
  ): number;
  map(
    code: Int32Array,
    parameters: Float32Array,
    inputs: Int32Array,
    consume: Int32Array,
    rows: number,
    cols: number,
    outs: Int32Array,
    beside: number,
  ): void;
  mapSums(
    code: Int32Array,
    parameters: Float32Array,
    inputs: Int32Array,
    consume: Int32Array,
    rows: number,
    cols: number,
    outs: Int32Array,
  ): void;
  addRows(sum: number, x: number, first: number, scale: number): number;
  rows(job: number, a: number, b: number): number;
  sumRows(a: number, b: number, all: boolean): number;
  symmetricEigen(a: Float64Array, n: number, values: Float64Array, vectors: Float64Array): boolean;
  full(rows: number, cols: number, value: number): number;
  view(x: number, row: number, rows: number, stride: number, col: number, cols: number): number;
  reshape(x: number, rows: number, cols: number): number;
  concat(xs: Int32Array, beside: boolean): number;
  transpose(x: number): number;
  index(rows: Int32Array): number;
  freeIndex(index: number): void;
  gather(x: number, rows: number): number;
  scatterAdd(x: number, rows: number, count: number): number;
  pick(x: number, columns: number): number;
  spread(values: number, columns: number, count: number): number;
}
