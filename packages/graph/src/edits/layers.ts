import { type Component, UpdatableComponent } from '../component.js';
import { NetworkError } from '../errors.js';
import type { Network } from '../network.js';
import { namePattern } from './name-pattern.js';

/** How a component is trained; what is left out stays. */
export interface LayerSettings {
  /** The learning rate of the component alone, its factor included: what `nnet3-train` takes from the file. */
  readonly learningRate?: number;
  /** Multiplies the rate of a schedule. 0: the component is left as it is. */
  readonly learningRateFactor?: number;
  /** Largest 2-norm of the component's change in one step; 0 stands for no limit. */
  readonly maxChange?: number;
  readonly l2Regularize?: number;
  /** 0: none; above 0: that scale; below 0: a floating scale. Of components that have the constraint. */
  readonly orthonormalConstraint?: number;
  /** Of components that draw, in [0, 1]. */
  readonly dropoutProportion?: number;
}

/**
 * The network with other settings for the components that a pattern (`*` stands for any text) names; of two patterns
 * that name one, the later wins, setting by setting.
 *
 * @throws NetworkError where a pattern names no component that has the setting, or a value is out of range
 * @example
 * ```ts
 * setLayers(network, { 'tdnn*': { learningRateFactor: 0.1 }, 'output.affine': { maxChange: 1.5, l2Regularize: 1e-3 } });
 * ```
 */
export function setLayers(network: Network, layers: Readonly<Record<string, LayerSettings>>): Network {
  return Object.entries(layers).reduce((changed, [pattern, settings]) => {
    const matches = namePattern(pattern);
    const given = Object.entries(settings).filter(([, value]) => value !== undefined);
    const found = new Set<string>();
    for (const [key, value] of given) check(pattern, key, value as number);
    const result = changed.withComponents((component, name) => {
      if (!matches(name)) return component;
      const taken = given.filter(([key]) => has(component, key as keyof LayerSettings));
      for (const [key] of taken) found.add(key);
      return component.with(Object.fromEntries(taken.map(([key, value]) => [key, Math.fround(value as number)])));
    });
    for (const [key] of given)
      if (!found.has(key))
        throw new NetworkError('ERR_NETWORK_NAME', `expected a component with ${key}, found none called '${pattern}'`);
    return result;
  }, network);
}

/** The network with components that training leaves as they are, bit for bit: rate and factor 0. */
export const freezeLayers = (network: Network, ...patterns: readonly string[]): Network =>
  setLayers(
    network,
    Object.fromEntries(patterns.map((pattern) => [pattern, { learningRate: 0, learningRateFactor: 0 }])),
  );

const has = (component: Component, key: keyof LayerSettings): boolean =>
  key === 'orthonormalConstraint' || key === 'dropoutProportion'
    ? key in component
    : component instanceof UpdatableComponent;

function check(pattern: string, key: string, value: number): void {
  const highest = key === 'dropoutProportion' ? 1 : Infinity;
  const lowest = key === 'orthonormalConstraint' ? -Infinity : 0;
  if (!(value >= lowest && value <= highest))
    throw new NetworkError(
      'ERR_NETWORK_CONFIG',
      `${pattern}: expected ${key} in [${lowest}, ${highest}], found ${value}`,
    );
}
