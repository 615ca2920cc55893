import type { Engine, Tensor } from '@jebena/engine';
import type { Component, HostStatistics } from './component.js';
import { Computation } from './computation.js';
import { NetworkError } from './errors.js';
import { LoadedComponent } from './loaded-component.js';
import { Looped, type LoopedOptions } from './looped.js';
import type { Network } from './network.js';
import { makePlan } from './plan/make-plan.js';
import { BatchNormComponent } from './components/batch-norm.js';
import type { ComputationRequest } from './request.js';
import type { Parameter, TrainableComponent } from './trainable.js';

/** Plans that are kept; utterances of many lengths make many. */
const maxComputations = 64;

/**
 * A network on an engine. Its parameters are tensors that a trainer replaces; `save` brings them back.
 *
 * @example
 * ```ts
 * const model = network.load(engine);
 * const computation = model.compute({ sequences: 1, inputs: [...], outputs: [...] });
 * const pass = computation.forward({ input });
 * const y = await engine.read(pass.output('output'));
 * pass.dispose();
 * ```
 */
export class Model {
  private readonly loaded = new Map<string, LoadedComponent>();
  private readonly streams: Looped[] = [];
  private readonly computations = new Map<string, Computation>();

  constructor(
    readonly network: Network,
    readonly engine: Engine,
  ) {
    for (const [name, component] of network.components)
      this.loaded.set(name, new LoadedComponent(name, component, engine));
  }

  /** The updatable components, in the order of the model. */
  get trainable(): TrainableComponent[] {
    return [...this.loaded.values()].flatMap((c) => c.trainable ?? []);
  }

  /** All parameters as they are now. */
  *parameters(): Iterable<Parameter> {
    for (const { trainable, tensors } of this.loaded.values())
      for (const name of trainable?.parameters ?? []) yield { component: trainable!, name, tensor: tensors[name]! };
  }

  /** One parameter's tensor as it is now; it stays the model's. */
  parameter(component: string, name: string): Tensor {
    const tensor = this.of(component).tensors[name];
    if (!tensor)
      throw new NetworkError('ERR_NETWORK_NAME', `expected a parameter, found none called '${name}'`, {
        name: component,
      });
    return tensor;
  }

  /** Puts a tensor in the place of a parameter. The model takes it over and frees the one before. */
  replace(
    parameter: Pick<Parameter, 'name'> & { readonly component: { readonly name: string } },
    tensor: Tensor,
  ): void {
    this.of(parameter.component.name).replace(parameter.name, tensor);
  }

  private of(component: string): LoadedComponent {
    const found = this.loaded.get(component);
    if (!found)
      throw new NetworkError('ERR_NETWORK_NAME', `expected a component of the model, found none called '${component}'`);
    return found;
  }

  /** Plans a request; the same structure is planned once. */
  compute(request: ComputationRequest): Computation {
    const key = JSON.stringify([
      request.sequences,
      request.inputs.map(({ name, first, count, stride }) => [name, first, count, stride]),
      request.outputs.map(({ name, first, count, stride }) => [name, first, count, stride]),
      request.inputDerivatives ?? [],
    ]);
    const found = this.computations.get(key);
    const computation = found ?? new Computation(this.engine, request, makePlan(this.network, request), this.loaded);
    // The one used longest ago goes first; what it holds on the engine comes back if somebody still runs it.
    this.computations.delete(key);
    this.computations.set(key, computation);
    if (this.computations.size > maxComputations) {
      const [oldest] = this.computations.keys();
      this.computations.get(oldest!)!.dispose();
      this.computations.delete(oldest!);
    }
    return computation;
  }

  /** Plans the network over streams. */
  looped(options: LoopedOptions = {}): Looped {
    const looped = new Looped(this.network, this.loaded, this.engine, options);
    this.streams.push(looped);
    return looped;
  }

  /** Multiplies the batch-norm statistics (Kaldi's trainer: by 0.8 after each minibatch). */
  scaleBatchNormStatistics(by: number): void {
    for (const { component, statistics } of this.loaded.values())
      if (component instanceof BatchNormComponent) statistics.scale(by);
  }

  /** Sets the proportion of components that draw, where `proportionOf` has one for them, from the next pass on. */
  setDropout(proportionOf: (component: string) => number | undefined): void {
    for (const loaded of this.loaded.values()) {
      const proportion = 'dropoutProportion' in loaded.component ? proportionOf(loaded.name) : undefined;
      if (proportion === undefined) continue;
      if (!(proportion >= 0 && proportion <= 1))
        throw new NetworkError('ERR_NETWORK_CONFIG', `expected a dropout proportion in [0, 1], found ${proportion}`, {
          name: loaded.name,
        });
      loaded.component = loaded.component.with({ dropoutProportion: Math.fround(proportion) } as Partial<Component>);
    }
  }

  /** Sets all statistics to zero. */
  zeroStatistics(): void {
    for (const { statistics } of this.loaded.values()) statistics.clear();
  }

  /**
   * What training has added up, by component, as the sums that they are: a network that is saved holds averages, which
   * are rounded.
   */
  async statistics(): Promise<Record<string, HostStatistics>> {
    const all: Record<string, HostStatistics> = {};
    for (const [name, { statistics }] of this.loaded) if (statistics.changed) all[name] = await statistics.toHost();
    return all;
  }

  /** Puts statistics in the place of those of the components that they name. */
  restoreStatistics(all: Readonly<Record<string, HostStatistics>>): void {
    for (const [name, statistics] of Object.entries(all)) this.of(name).statistics.replace(statistics);
  }

  /** The network as it is now, back on the host. */
  async save(): Promise<Network> {
    const saved = new Map<string, Component>();
    for (const [name, component] of this.loaded) saved.set(name, await component.save());
    return this.network.withComponents((_, name) => saved.get(name)!);
  }

  dispose(): void {
    for (const computation of this.computations.values()) computation.dispose();
    this.computations.clear();
    for (const looped of this.streams) looped.dispose();
    for (const component of this.loaded.values()) component.dispose();
  }
}
