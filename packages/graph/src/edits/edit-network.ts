import { type Component, UpdatableComponent } from '../component.js';
import { AffineComponent } from '../components/affine.js';
import { FixedAffineComponent } from '../components/fixed-affine.js';
import { type ConfigLine, configLines } from '../config-line.js';
import type { Network } from '../network.js';
import { removeOrphanComponents, removeOrphanNodes, removeOutputNodes, renameNode } from './change-nodes.js';
import { applySvd, reduceRank } from './low-rank.js';
import { namePattern } from './name-pattern.js';
import { withLearningRate } from './network-changes.js';

/** Settings of `editNetwork`. */
export interface EditOptions {
  /** Told what each edit did, in Kaldi's words. */
  readonly log?: (text: string) => void;
}

/**
 * Applies edits, one a line, as Kaldi's `nnet3-copy --edits-config` does (nnet-utils.cc, ReadEditConfig):
 * convert-to-fixed-affine, remove-orphan-nodes, remove-orphan-components, remove-orphans, set-learning-rate,
 * set-learning-rate-factor, rename-node, remove-output-nodes, set-dropout-proportion, apply-svd, reduce-rank.
 *
 * @example
 * ```ts
 * editNetwork(network, 'set-dropout-proportion name=lstm* proportion=0.3');
 * ```
 * @throws NetworkError naming the line and what is wrong there
 */
export function editNetwork(network: Network, edits: string, { log = () => {} }: EditOptions = {}): Network {
  return configLines(edits).reduce((edited, line) => {
    const edit = directives[line.directive];
    if (!edit) return line.fail(`expected ${Object.keys(directives).join(', ')}, found '${line.directive}'`);
    const result = edit(edited, line, log);
    line.end();
    return result;
  }, network);
}

type Edit = (network: Network, line: ConfigLine, log: (text: string) => void) => Network;

/** Changes the components that the pattern names and that `change` has an answer for; counts them. */
function changeComponents(
  network: Network,
  line: ConfigLine,
  change: (component: Component) => Component | undefined,
): { network: Network; count: number } {
  const matches = namePattern(line.string('name', '*'));
  let count = 0;
  const changed = network.withComponents((component, name) => {
    const result = matches(name) ? change(component) : undefined;
    if (result) count++;
    return result ?? component;
  });
  return { network: changed, count };
}

const directives: Readonly<Record<string, Edit>> = {
  'convert-to-fixed-affine': (network, line, log) => {
    const { network: changed, count } = changeComponents(network, line, (component) =>
      component instanceof AffineComponent
        ? Object.assign(new FixedAffineComponent(), { linear: component.linear, bias: component.bias })
        : undefined,
    );
    log(`Converted ${count} components to FixedAffineComponent.`);
    return changed;
  },
  'remove-orphan-nodes': (network, line) => removeOrphanNodes(network, line.bool('remove-orphan-inputs', false)),
  'remove-orphan-components': removeOrphanComponents,
  'remove-orphans': (network, line) =>
    removeOrphanComponents(removeOrphanNodes(network, line.bool('remove-orphan-inputs', false))),
  'set-learning-rate': (network, line, log) => {
    const rate = line.float('learning-rate');
    const { network: changed, count } = changeComponents(network, line, (component) =>
      component instanceof UpdatableComponent ? withLearningRate(component, rate) : undefined,
    );
    log(`Set learning rates for ${count} components.`);
    return changed;
  },
  'set-learning-rate-factor': (network, line, log) => {
    const learningRateFactor = Math.fround(line.float('learning-rate-factor'));
    const { network: changed, count } = changeComponents(network, line, (component) =>
      component instanceof UpdatableComponent ? component.with({ learningRateFactor }) : undefined,
    );
    log(`Set learning rate factors for ${count} components.`);
    return changed;
  },
  'rename-node': (network, line) => renameNode(network, line.string('old-name'), line.string('new-name')),
  'remove-output-nodes': (network, line, log) => {
    const { network: changed, removed } = removeOutputNodes(network, line.string('name'));
    log(`Removing ${removed} output nodes.`);
    return changed;
  },
  'set-dropout-proportion': (network, line, log) => {
    const dropoutProportion = Math.fround(line.float('proportion'));
    const { network: changed, count } = changeComponents(network, line, (component) =>
      'dropoutProportion' in component
        ? (component as Component).with({ dropoutProportion } as Partial<Component>)
        : undefined,
    );
    log(`Set dropout proportions for ${count} components.`);
    return changed;
  },
  'apply-svd': (network, line, log) => {
    const options = {
      pattern: line.string('name'),
      bottleneckDim: line.int('bottleneck-dim', -1),
      energyThreshold: line.float('energy-threshold', -1),
      shrinkageThreshold: line.float('shrinkage-threshold', 1),
    };
    if (options.bottleneckDim <= 0 && options.energyThreshold <= 0)
      line.fail('expected bottleneck-dim or energy-threshold above 0, found neither');
    if (options.energyThreshold >= 1) line.fail(`expected energy-threshold below 1, found ${options.energyThreshold}`);
    return applySvd(network, options, log);
  },
  'reduce-rank': (network, line, log) => reduceRank(network, line.string('name'), line.positive('rank'), log),
};
