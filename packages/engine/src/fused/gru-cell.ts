import { elementwise } from '../elementwise.js';
import type { Engine, Tensor } from '../engine.js';

const gates = elementwise(3, 0, (e, [z, r, h]) => {
  const reset = e.op('sigmoid', r!);
  return [e.op('sigmoid', z!), reset, e.mul(reset, h!)];
});
const output = elementwise(3, 0, (e, [a, z, h]) => {
  const candidate = e.op('tanh', a!);
  return [candidate, e.mulAdd(z!, e.sub(h!, candidate), candidate)];
});
const outputGrad = elementwise(4, 0, (e, [candidate, z, h, dy]) => {
  const keeps = e.mul(dy!, z!);
  const da = e.op('tanhGrad', candidate!, e.sub(dy!, keeps));
  return [da, e.op('sigmoidGrad', z!, e.mul(dy!, e.sub(h!, candidate!))), keeps];
});
const gatesGrad = elementwise(4, 0, (e, [r, h, drh, dh]) => [
  e.op('sigmoidGrad', r!, e.mul(drh!, h!)),
  e.mulAdd(drh!, r!, dh!),
]);

/**
 * The gates of a GRU step that resets the state before its product (Cho et al. 2014): z = sigmoid(xz), r =
 * sigmoid(xr), and r * h, of which the candidate is then computed.
 */
export function gruGates(engine: Engine, xz: Tensor, xr: Tensor, h: Tensor): { z: Tensor; r: Tensor; rh: Tensor } {
  const [z, r, rh] = engine.map(gates, [xz, xr, h]);
  return { z: z!, r: r!, rh: rh! };
}

/** The step's output: candidate = tanh(a), y = z h + (1 - z) candidate. */
export function gruOutput(engine: Engine, a: Tensor, z: Tensor, h: Tensor): { candidate: Tensor; y: Tensor } {
  const [candidate, y] = engine.map(output, [a, z, h]);
  return { candidate: candidate!, y: y! };
}

/** The way back through `gruOutput`: derivatives of a and of xz, and the part of h's that goes through z. */
export function gruOutputGrad(
  engine: Engine,
  candidate: Tensor,
  z: Tensor,
  h: Tensor,
  dy: Tensor,
): { da: Tensor; dxz: Tensor; dh: Tensor } {
  const [da, dxz, dh] = engine.map(outputGrad, [candidate, z, h, dy]);
  return { da: da!, dxz: dxz!, dh: dh! };
}

/** The way back through r * h: the derivative of xr, and h's, to which `dh` is added. */
export function gruGatesGrad(
  engine: Engine,
  r: Tensor,
  h: Tensor,
  drh: Tensor,
  dh: Tensor,
): { dxr: Tensor; dh: Tensor } {
  const [dxr, total] = engine.map(gatesGrad, [r, h, drh, dh]);
  return { dxr: dxr!, dh: total! };
}
