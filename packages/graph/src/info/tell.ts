import type { Component, ComponentType, UpdatableComponent } from '../component.js';
import { short } from './summary.js';

/** How components of a class, and of those derived from it, are told; `told` tells a part. */
export interface Teller {
  readonly type: unknown;
  readonly text: (component: any, told: (part: Component) => string) => string;
}
type Class<C> = (abstract new () => C) | (ComponentType & (new () => C));

/** Declares how a class is told; keeps the component's type. */
export const tell = <C extends Component>(
  type: Class<C>,
  text: (component: C, told: (part: Component) => string) => string,
): Teller => ({ type, text });

/** Its type and dimensions. */
export const plain = (c: Component): string => `${c.type}, input-dim=${c.inputDim}, output-dim=${c.outputDim}`;

/** What all updatable components begin with. */
export function updatable(c: UpdatableComponent): string {
  const parts = [`${plain(c)}, learning-rate=${short(c.learningRate)}`];
  if (c.isGradient) parts.push('is-gradient=true');
  if (c.l2Regularize !== 0) parts.push(`l2-regularize=${short(c.l2Regularize)}`);
  if (c.learningRateFactor !== 1) parts.push(`learning-rate-factor=${short(c.learningRateFactor)}`);
  if (c.maxChange > 0) parts.push(`max-change=${short(c.maxChange)}`);
  return parts.join(', ');
}
