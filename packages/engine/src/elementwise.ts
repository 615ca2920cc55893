import type { BinaryOp, UnaryOp } from './engine.js';

/** What an elementwise program can do with a place; `select` is c ? a : b, `mulAdd` a * b + c. */
export type ElementwiseOp = UnaryOp | BinaryOp | 'copy' | 'mulAdd' | 'select' | 'reluGrad' | 'sigmoidGrad' | 'tanhGrad';

// The order of native/simd.h's codes.
const codes: readonly ElementwiseOp[] = [
  'copy',
  'add',
  'sub',
  'mul',
  'div',
  'max',
  'min',
  'greater',
  'less',
  'mulAdd',
  'select',
  'relu',
  'sigmoid',
  'tanh',
  'exp',
  'log',
  'sqrt',
  'rsqrt',
  'square',
  'abs',
  'neg',
  'sign',
  'reciprocal',
  'reluGrad',
  'sigmoidGrad',
  'tanhGrad',
];
// Where operands are: temporaries, inputs, parameters, outputs, as in native/simd.h.
const [inputs, parameters, outputs] = [32, 48, 64];

/** A value inside an elementwise program. */
export interface Value {
  readonly op?: ElementwiseOp;
  readonly of: readonly Value[];
  /** Of an input or parameter: where it is. */
  readonly place?: number;
}

/** Writes an elementwise program: each method makes a value from others. */
export class Writer {
  /** A number that each run gives anew. */
  parameter(i: number): Value {
    return { of: [], place: parameters + i };
  }
  op(op: ElementwiseOp, ...of: readonly Value[]): Value {
    return { op, of };
  }
  add = (a: Value, b: Value): Value => this.op('add', a, b);
  sub = (a: Value, b: Value): Value => this.op('sub', a, b);
  mul = (a: Value, b: Value): Value => this.op('mul', a, b);
  mulAdd = (a: Value, b: Value, c: Value): Value => this.op('mulAdd', a, b, c);
}

/**
 * A function of several matrices, element by element, that an engine may run in one pass over memory
 * (`Engine.map`); an engine that cannot runs its steps one by one.
 */
export interface ElementwiseProgram {
  readonly inputs: number;
  readonly parameters: number;
  readonly outputs: number;
  /** Five numbers an instruction: code, destination, operands. */
  readonly code: Int32Array;
}

/**
 * Makes an elementwise program. `write` is called once, with a writer and a value for each input, and returns the
 * outputs.
 *
 * @example
 * ```ts
 * // momentum: v = m v + g, w = w + v
 * const momentum = elementwise(3, 1, (e, [w, v, g]) => {
 *   const next = e.mulAdd(e.parameter(0), v!, g!);
 *   return [e.add(w!, next), next];
 * });
 * const [w2, v2] = engine.map(momentum, [w, v, g], { parameters: [0.9], consume: [0, 1] });
 * ```
 */
export function elementwise(
  inputCount: number,
  parameterCount: number,
  write: (e: Writer, inputs: readonly Value[]) => readonly Value[],
): ElementwiseProgram {
  const given = Array.from({ length: inputCount }, (_, i): Value => ({ of: [], place: inputs + i }));
  const writer = new Writer();
  const written = write(writer, given);
  // An input that is handed on is copied before any output is written: that output may be in the input's place.
  const results = written.map((v) => (v.op ? v : writer.op('copy', v)));
  const steps: Value[] = [];
  const visit = (value: Value): void => {
    if (value.place !== undefined || steps.includes(value)) return;
    value.of.forEach(visit);
    steps.push(value);
  };
  results.forEach(visit);
  // Outputs are written last, by their own instructions: an output may take over an input's memory.
  const lastUse = new Map<Value, number>();
  steps.forEach((step, i) => step.of.forEach((v) => lastUse.set(v, i)));
  results.forEach((v) => lastUse.set(v, steps.length));
  const place = new Map<Value, number>();
  const free = Array.from({ length: inputs }, (_, i) => inputs - 1 - i);
  const at = (v: Value): number => v.place ?? place.get(v)!;
  const code: number[] = [];
  steps.forEach((step, i) => {
    const operands = step.of.map(at);
    for (const v of new Set(step.of)) if (lastUse.get(v) === i && place.has(v)) free.push(place.get(v)!);
    // The last step's result may be written straight away: nothing is read after it but temporaries.
    const last = i === steps.length - 1;
    const to = last ? outputs + results.indexOf(step) : free.pop();
    if (to === undefined) throw new RangeError('an elementwise program has too many values at once');
    place.set(step, to);
    code.push(codes.indexOf(step.op!), to, ...[0, 1, 2].map((k) => operands[k] ?? operands[0]!));
  });
  results.forEach((v, o) => {
    if (at(v) !== outputs + o) code.push(0, outputs + o, at(v), at(v), at(v));
  });
  return {
    inputs: inputCount,
    parameters: parameterCount,
    outputs: results.length,
    code: Int32Array.from(code),
  };
}

/** Runs a program step by step: `apply` does one operation. For engines that have no way to run it whole. */
export function interpret<T>(
  { code }: ElementwiseProgram,
  given: readonly T[],
  parameter: (i: number) => T,
  apply: (op: ElementwiseOp, operands: readonly T[]) => T,
): T[] {
  const places = new Map<number, T>(given.map((x, i) => [inputs + i, x]));
  const at = (i: number): T => {
    if (!places.has(i) && i >= parameters && i < outputs) places.set(i, parameter(i - parameters));
    return places.get(i)!;
  };
  const out: T[] = [];
  for (let i = 0; i < code.length; i += 5) {
    const op = codes[code[i]!]!;
    const value = apply(op, [at(code[i + 2]!), at(code[i + 3]!), at(code[i + 4]!)]);
    places.set(code[i + 1]!, value);
    if (code[i + 1]! >= outputs) out[code[i + 1]! - outputs] = value;
  }
  return out;
}
