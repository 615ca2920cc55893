import { type ElementwiseOp, type ElementwiseProgram, interpret } from './elementwise.js';
import type { Engine, Tensor } from './engine.js';

/**
 * An elementwise program by an engine's single operations, each of which makes a matrix: for engines that have no way to
 * run one in a pass. The first `beside` outputs stand side by side in one matrix.
 */
export function interpretedMap(
  engine: Engine,
  program: ElementwiseProgram,
  inputs: readonly Tensor[],
  parameters: readonly number[],
  whole: Tensor,
  beside: number,
): Tensor[] {
  return engine.tidy(() => {
    const out = interpret(
      program,
      inputs,
      (i) => engine.full(1, 1, parameters[i]!),
      (op, x) => step(engine, op, x),
    );
    // What was never spread out still is a row, a column or a number.
    const spread = out.map((x) => spreadTo(engine, x, whole));
    return beside > 0 ? [engine.concatCols(spread.slice(0, beside)), ...spread.slice(beside)] : spread;
  });
}

const spreadTo = (engine: Engine, x: Tensor, { rows, cols }: Tensor): Tensor =>
  x.rows === rows && x.cols === cols ? x : engine.binary('add', x, engine.zeros(rows, cols));

function step(engine: Engine, op: ElementwiseOp, [a, b, c]: readonly Tensor[]): Tensor {
  if (op === 'copy') return engine.scale(a!, 1);
  if (op === 'mulAdd') return engine.binary('add', engine.binary('mul', a!, b!), c!);
  if (op === 'add' || op === 'sub' || op === 'mul' || op === 'div' || op === 'max' || op === 'min')
    return engine.binary(op, a!, b!);
  if (op === 'greater' || op === 'less') return engine.binary(op, a!, b!);
  if (op === 'select' || op === 'reluGrad' || op === 'sigmoidGrad' || op === 'tanhGrad') {
    const operands = op === 'select' ? [a!, b!, c!] : [a!, b!];
    const rows = Math.max(...operands.map((x) => x.rows));
    const cols = Math.max(...operands.map((x) => x.cols));
    const [x, y, z] = operands.map((operand) => spreadTo(engine, operand, { rows, cols }));
    return op === 'select' ? engine.where(x!, y!, z!) : engine[op](x!, y!);
  }
  return engine.unary(op, a!);
}
