import { type Component, UpdatableComponent } from '../component.js';
import { plain, updatable } from './tell.js';
import { affineTellers } from './tell-affines.js';
import { convolutionTellers } from './tell-convolutions.js';
import { elementTellers } from './tell-elements.js';
import { fixedTellers } from './tell-fixed.js';
import { nonlinearityTellers } from './tell-nonlinearities.js';

const tellers = new Map(
  [affineTellers, convolutionTellers, elementTellers, fixedTellers, nonlinearityTellers]
    .flat()
    .map(({ type, text }) => [type, text]),
);

/**
 * What nnet3-info says of a component: its type, dimensions, settings, and sums over its parameters. A type that is
 * not Kaldi's is told by its dimensions.
 */
export function componentInfo(component: Component): string {
  for (let type = component.constructor; typeof type === 'function'; type = Object.getPrototypeOf(type)) {
    const text = tellers.get(type);
    if (text) return text(component, componentInfo);
  }
  return component instanceof UpdatableComponent ? updatable(component) : plain(component);
}
