import { descriptorText } from '../descriptor.js';
import type { Network } from '../network.js';
import type { DrawnNode } from './picture.js';
import { type PictureOptions, pictureDot } from './picture-dot.js';
import { dotToSvg } from './svg.js';

/**
 * DOT text of a network to look at: a box for each node (or, `short`, for each layer, layers that are alike in one),
 * coloured by kind, offsets and dimensions on the edges, recurrences dashed.
 */
export const networkToDot = (network: Network, options: PictureOptions = {}): string =>
  pictureDot(drawnNodes(network), options);

/**
 * The same as SVG.
 *
 * @example
 * ```ts
 * document.body.innerHTML = await networkToSvg(Network.fromConfig(config), { short: true });
 * ```
 */
export const networkToSvg = (network: Network, options: PictureOptions = {}): Promise<string> =>
  dotToSvg(networkToDot(network, options));

function drawnNodes(network: Network): DrawnNode[] {
  return network.nodes.map((node): DrawnNode => {
    const { name, kind } = node;
    const dim = network.nodeDim(name);
    switch (node.kind) {
      case 'input':
        return { name, kind, dim };
      case 'output':
        return { name, kind, dim, input: descriptorText(node.input) };
      case 'dim-range':
        return { name, kind, dim, input: node.of, detail: `${node.offset}\u2026${node.offset + node.dim - 1}` };
      case 'component': {
        const component = network.component(node.component);
        const type = component.type.replace(/Component$/, '');
        const offsets = 'timeOffsets' in component ? { detail: (component.timeOffsets as Int32Array).join(',') } : {};
        return { name, kind, dim, type, input: descriptorText(node.input), ...offsets };
      }
    }
  });
}
