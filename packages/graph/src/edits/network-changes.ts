import type { Matrix } from '@jebena/io-ark';
import { type Component, type HostStatistics, UpdatableComponent } from '../component.js';
import { BatchNormComponent } from '../components/batch-norm.js';
import { BlockAffineComponent } from '../components/block-affine.js';
import { RepeatedAffineComponent } from '../components/repeated-affine.js';
import { NetworkError } from '../errors.js';
import type { Network } from '../network.js';

/** The same network with the learning rate of every updatable component at `rate` times its factor. */
export const setLearningRate = (network: Network, rate: number): Network =>
  network.withComponents((component) => withLearningRate(component, rate));

/** An updatable component at `rate` times its factor; others as they are. */
export function withLearningRate(component: Component, rate: number): Component {
  if (!(component instanceof UpdatableComponent)) return component;
  const learningRate = Math.fround(Math.fround(rate) * Math.fround(component.learningRateFactor));
  return component.with({ learningRate });
}

/** The same network with batch norm by its statistics (`true`) or by the minibatch's own. */
export const setBatchNormTestMode = (network: Network, testMode: boolean): Network =>
  network.withComponents((component) =>
    component instanceof BatchNormComponent ? component.with({ testMode }) : component,
  );

/** The same network with all that draws (dropout, SpecAugment) switched off or on. */
export const setDropoutTestMode = (network: Network, testMode: boolean): Network =>
  network.withComponents((component) =>
    'testMode' in component && !(component instanceof BatchNormComponent)
      ? (component as Component).with({ testMode } as Partial<Component>)
      : component,
  );

/** Parameters and statistics times `scale` (nnet-utils.cc, ScaleNnet). */
export const scaleNetwork = (network: Network, scale: number): Network => combineNetworks([network], [scale]);

/**
 * The weighted sum of networks alike: parameters, and statistics with their counts, so that a mean is weighted by
 * what it was gathered over. All else is the first network's (nnet3-average, with weights that sum to 1).
 *
 * @throws NetworkError where a component is missing or of another shape
 */
export function combineNetworks(networks: readonly Network[], weights: readonly number[]): Network {
  const [first, ...others] = networks;
  if (!first || networks.length !== weights.length)
    throw new RangeError(`expected a weight for each network, found ${weights.length} for ${networks.length}`);
  return first.withComponents((component, name) => {
    const all = [component, ...others.map((network) => network.component(name))];
    return combine(name, all, weights.map(Math.fround));
  });
}

function combine(name: string, components: readonly Component[], weights: readonly number[]): Component {
  let result = components[0]!;
  for (const other of components)
    if (other.type !== result.type)
      throw new NetworkError('ERR_NETWORK_DIM', `expected ${result.type} in all networks, found ${other.type}`, {
        name,
      });
  if (result instanceof UpdatableComponent) {
    const parameters = components.map((component) => (component as UpdatableComponent).parameters());
    result = result.withParameters(sumOf(name, parameters, weights));
  }
  const statistics = components.map((component) => component.statistics());
  if (statistics[0]) {
    const given = statistics as HostStatistics[];
    const counts: Record<string, number> = {};
    given.forEach((one, i) => {
      for (const [key, count] of Object.entries(one.counts)) counts[key] = (counts[key] ?? 0) + weights[i]! * count;
    });
    const sums = sumOf(
      name,
      given.map((one) => one.sums),
      weights,
    );
    result = result.withStatistics({ sums, counts });
  }
  return result;
}

/** Weighted sums, key by key; what one does not have counts as zeros. */
function sumOf(
  name: string,
  all: readonly Readonly<Record<string, Matrix>>[],
  weights: readonly number[],
): Record<string, Matrix> {
  const sums: Record<string, Matrix> = {};
  for (const key of new Set(all.flatMap((values) => Object.keys(values)))) {
    const shape = all.find((values) => values[key])![key]!;
    // Summed in double: the order of the networks then does not show.
    const data = new Float64Array(shape.data.length);
    all.forEach((values, i) => {
      const one = values[key];
      if (!one) return;
      if (one.rows !== shape.rows || one.cols !== shape.cols) {
        const [expected, found] = [shape, one].map((m) => `${m.rows} x ${m.cols}`);
        throw new NetworkError('ERR_NETWORK_DIM', `expected ${key} of ${expected}, found ${found}`, { name });
      }
      for (let k = 0; k < data.length; k++) data[k]! += weights[i]! * one.data[k]!;
    });
    sums[key] = { rows: shape.rows, cols: shape.cols, data: Float32Array.from(data) };
  }
  return sums;
}

/** RepeatedAffine components as BlockAffine ones, so that training may make the repeats differ. */
export const repeatedToBlockAffine = (network: Network): Network =>
  network.withComponents((component) => {
    if (!(component instanceof RepeatedAffineComponent)) return component;
    const { linear, bias, blocks, learningRate, learningRateFactor, maxChange, l2Regularize } = component;
    const repeated = (values: ArrayLike<number>): Float32Array => {
      const all = new Float32Array(values.length * blocks);
      for (let i = 0; i < blocks; i++) all.set(values, i * values.length);
      return all;
    };
    return Object.assign(new BlockAffineComponent(), {
      blocks,
      linear: { rows: linear.rows * blocks, cols: linear.cols, data: repeated(linear.data) },
      bias: repeated(bias),
      learningRate,
      learningRateFactor,
      maxChange,
      l2Regularize,
    });
  });
