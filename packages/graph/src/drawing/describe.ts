import { type Component, UpdatableComponent } from '../component.js';
import type { Descriptor, SumDescriptor } from '../descriptor.js';
import { index, timeOf } from '../indexes.js';
import type { Network } from '../network.js';

/** One node of a network, in numbers. */
export interface LayerDescription {
  readonly name: string;
  /** Type of its component without `Component`, or `input`, `output`, `dim-range`. */
  readonly type: string;
  readonly inputDim: number;
  readonly outputDim: number;
  readonly parameters: number;
  /** Frames of the inputs before and after a frame of this node that it needs, recurrences left out. */
  readonly leftContext: number;
  readonly rightContext: number;
  /** Multiplications with an addition, for one frame of this node. */
  readonly multiplyAdds: number;
}

export interface NetworkDescription {
  readonly layers: readonly LayerDescription[];
  readonly parameters: number;
  /** For one frame, were every node computed at every frame. */
  readonly multiplyAdds: number;
  readonly leftContext: number;
  readonly rightContext: number;
}

/**
 * What a network is made of: a row for each node, with dimensions, parameters, context and multiply-adds a frame.
 *
 * @example
 * ```ts
 * console.log(describeText(describe(network)));
 * ```
 */
export function describe(network: Network): NetworkDescription {
  const spans = new Map<string, Span>();
  const layers = network.nodes.map((node): LayerDescription => {
    const { left, right } = spanOf(network, node.name, spans);
    const context = { leftContext: Math.max(0, left), rightContext: Math.max(0, right) };
    const outputDim = network.nodeDim(node.name);
    if (node.kind !== 'component') {
      const inputDim = node.kind === 'dim-range' ? network.nodeDim(node.of) : outputDim;
      return { name: node.name, type: node.kind, inputDim, outputDim, parameters: 0, ...context, multiplyAdds: 0 };
    }
    const component = network.component(node.component);
    return {
      name: node.name,
      type: component.type.replace(/Component$/, ''),
      inputDim: component.inputDim,
      outputDim,
      parameters: component instanceof UpdatableComponent ? component.parameterCount : 0,
      ...context,
      multiplyAdds: multiplyAdds(component),
    };
  });
  return {
    layers,
    parameters: network.parameterCount,
    multiplyAdds: layers.reduce((sum, layer) => sum + layer.multiplyAdds, 0),
    leftContext: Math.max(...layers.map((layer) => layer.leftContext)),
    rightContext: Math.max(...layers.map((layer) => layer.rightContext)),
  };
}

/** A description as a table of text. */
export function describeText(description: NetworkDescription): string {
  const head = ['node', 'type', 'input', 'output', 'parameters', 'context', 'multiply-adds'];
  const number = (n: number): string => n.toLocaleString('en-US');
  const context = (left: number, right: number): string => (left || right ? `${-left || 0}..${right}` : '');
  const rows = description.layers.map((layer) => [
    layer.name,
    layer.type,
    number(layer.inputDim),
    number(layer.outputDim),
    layer.parameters ? number(layer.parameters) : '',
    context(layer.leftContext, layer.rightContext),
    layer.multiplyAdds ? number(layer.multiplyAdds) : '',
  ]);
  const { parameters, leftContext, rightContext } = description;
  const foot = [
    'all',
    '',
    '',
    '',
    number(parameters),
    context(leftContext, rightContext),
    number(description.multiplyAdds),
  ];
  const all = [head, ...rows, foot];
  const widths = head.map((_, c) => Math.max(...all.map((row) => row[c]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, c) => (c < 2 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

interface Span {
  readonly left: number;
  readonly right: number;
}
const nothing: Span = { left: 0, right: 0 };

/** Frames that a node needs on both sides; what may be missing, and so every recurrence, is left out. */
function spanOf(network: Network, name: string, known: Map<string, Span>): Span {
  const found = known.get(name);
  if (found) return found;
  known.set(name, nothing);
  const node = network.node(name);
  let span: Span = nothing;
  if (node.kind === 'dim-range') span = spanOf(network, node.of, known);
  else if (node.kind !== 'input') {
    span = descriptorSpan(node.input, (of) => spanOf(network, of, known));
    if (node.kind === 'component') span = add(span, reach(network.component(node.component)));
  }
  known.set(name, span);
  return span;
}

const add = (a: Span, b: Span): Span => ({ left: a.left + b.left, right: a.right + b.right });
/** The widest on each side; a side may be below 0 where only the other is needed. */
const join = (spans: readonly Span[]): Span =>
  spans.length === 0
    ? nothing
    : { left: Math.max(...spans.map(({ left }) => left)), right: Math.max(...spans.map(({ right }) => right)) };

/** Frames that a component itself looks back and ahead. */
function reach(component: Component): Span {
  if (component.simple) return nothing;
  // A component that works by periods needs most at the worst place of one.
  const spans = Array.from({ length: component.modulus }, (_, t) => {
    const used = component.usedIndexes(index(t), () => true) ?? [];
    return join(used.map((i) => ({ left: t - timeOf(i), right: timeOf(i) - t })));
  });
  return join(spans);
}

const descriptorSpan = (descriptor: Descriptor, of: (node: string) => Span): Span =>
  join(descriptor.map((part) => partSpan(part, of)));

function partSpan(part: SumDescriptor, of: (node: string) => Span): Span {
  switch (part.kind) {
    case 'node':
      return of(part.node);
    case 'offset': {
      const inner = partSpan(part.of, of);
      return { left: inner.left - part.t, right: inner.right + part.t };
    }
    case 'round':
      return add(partSpan(part.of, of), { left: part.modulus - 1, right: 0 });
    case 'switch':
      return join(part.of.map((item) => partSpan(item, of)));
    case 'sum':
      return join([partSpan(part.a, of), partSpan(part.b, of)]);
    case 'failover':
      return partSpan(part.b, of);
    default:
      return nothing;
  }
}

/** Multiply-adds of a component for one frame: those of its products; what is done element by element is not counted. */
function multiplyAdds(component: Component): number {
  const values = component as Component & {
    readonly numHeads?: number;
    readonly heightOut?: number;
    readonly blocks?: number;
  };
  const matrices = component instanceof UpdatableComponent ? component.parameters() : component.constants();
  // Vectors are matrices of one row, but so are the weights of a layer with one output.
  const weights = Object.entries(matrices).reduce(
    (sum, [name, { rows, cols }]) => sum + (rows > 1 || name === 'linear' ? rows * cols : 0),
    0,
  );
  switch (component.type) {
    case 'TimeHeightConvolutionComponent':
      return weights * (values.heightOut ?? 1);
    case 'RepeatedAffineComponent':
    case 'NaturalGradientRepeatedAffineComponent':
      return weights * (values.blocks ?? 1);
    case 'RestrictedAttentionComponent':
      return attentionMultiplyAdds(component);
    default:
      return weights;
  }
}

/** For each head and place of the window, a product of keys and one of values. */
function attentionMultiplyAdds(component: Component): number {
  const { numHeads, keyDim, valueDim, contextDim } = component as Component &
    Record<'numHeads' | 'keyDim' | 'valueDim' | 'contextDim', number>;
  return numHeads * contextDim * (keyDim + valueDim);
}
