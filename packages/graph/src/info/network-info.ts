import { descriptorText } from '../descriptor.js';
import { type Network, nodeLine } from '../network.js';
import type { NetworkNode } from '../network-node.js';
import type { AcousticModel } from '../acoustic-model.js';
import { componentInfo } from './component-info.js';
import { short } from './summary.js';

/** What nnet3-info prints of a network: contexts, number of parameters, modulus, nodes, components; lines end in \n. */
export function networkInfo(network: Network): string {
  const lines = [
    ...(isSimple(network) ? [`left-context: ${network.leftContext}`, `right-context: ${network.rightContext}`] : []),
    `num-parameters: ${network.parameterCount}`,
    `modulus: ${network.modulus}`,
    ...network.nodes.map((node) => nodeInfo(network, node)),
    ...Array.from(network.components, ([name, component]) => `component name=${name} type=${componentInfo(component)}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Whether it has `input` and `output` and no further input but `ivector` (nnet-utils.cc, IsSimpleNnet). */
function isSimple(network: Network): boolean {
  const names = new Set(network.inputs.map(({ name }) => name));
  if (!names.has('input') || !network.outputs.some(({ name }) => name === 'output')) return false;
  return names.size === 1 || (names.size === 2 && names.has('ivector'));
}

/** A node's config line with dimensions. */
function nodeInfo(network: Network, node: NetworkNode): string {
  switch (node.kind) {
    case 'component':
      return `${nodeLine(node)} input-dim=${network.descriptorDim(node.input)} output-dim=${network.nodeDim(node.name)}`;
    case 'output': {
      const dim = network.descriptorDim(node.input);
      return `output-node name=${node.name} input=${descriptorText(node.input)} dim=${dim} objective=${node.objective}`;
    }
    default:
      return nodeLine(node);
  }
}

/** What nnet3-am-info prints of an acoustic model. */
export function acousticModelInfo({ network, priors }: AcousticModel): string {
  const has = (name: string): boolean => network.inputs.some((node) => node.name === name);
  const dim = (name: string): number => (has(name) ? network.inputDim(name) : -1);
  const lines = [
    `input-dim: ${dim('input')}`,
    `ivector-dim: ${dim('ivector')}`,
    `num-pdfs: ${network.outputs.some(({ name }) => name === 'output') ? network.outputDim() : -1}`,
    `prior-dimension: ${priors.length}`,
  ];
  if (priors.length > 0) {
    const [sum, least, most] = [
      priors.reduce((a, b) => a + b, 0),
      priors.reduce((a, b) => Math.min(a, b), Infinity),
      priors.reduce((a, b) => Math.max(a, b), -Infinity),
    ];
    lines.push(`prior-sum: ${short(sum)}`, `prior-min: ${short(least)}`, `prior-max: ${short(most)}`);
  }
  return [...lines, '# Nnet info follows.', networkInfo(network)].join('\n');
}
