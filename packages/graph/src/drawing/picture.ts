import { type XconfigDescriptor, parseXconfigDescriptor } from '../xconfig/descriptor.js';

/** A node of a network as a drawing needs it. */
export interface DrawnNode {
  readonly name: string;
  readonly kind: 'input' | 'component' | 'dim-range' | 'output';
  readonly dim: number;
  /** Type of the component, without `Component`. */
  readonly type?: string;
  /** What it reads, as a descriptor's text or a node's name. */
  readonly input?: string;
  /** A word or two on the component, e.g. time offsets. */
  readonly detail?: string;
}

/** One use of a node by another: `node` read with `how` (`-3`, `×0.66`, `round 3`) and whether it may be missing. */
export interface Use {
  readonly node: string;
  readonly dim: number;
  readonly how: string;
  readonly optional: boolean;
}

/** A box of a picture. */
export interface Box {
  readonly name: string;
  readonly lines: readonly string[];
  readonly kind: DrawnNode['kind'];
  readonly type: string;
  readonly uses: readonly Use[];
  readonly dim: number;
  /** Text by which equal boxes in a row are known. */
  readonly signature: string;
}

const minus = '\u2212';
const signed = (t: number): string => (t < 0 ? `${minus}${-t}` : t > 0 ? `+${t}` : '0');

/** All uses that a descriptor makes of nodes, in order; a constant is none. */
export function usesOf(text: string, dimOf: (node: string) => number): Use[] {
  const uses: Use[] = [];
  const walk = (d: XconfigDescriptor, offset: number, how: readonly string[], optional: boolean): void => {
    if ('layer' in d) {
      const words = offset === 0 ? how : [signed(offset), ...how];
      uses.push({ node: d.layer, dim: dimOf(d.layer), how: words.join(' '), optional });
      return;
    }
    const inner = d.items.filter((item): item is XconfigDescriptor => typeof item === 'object');
    switch (d.operation) {
      case 'Offset':
        return walk(inner[0]!, offset + Number(d.items[1]), how, optional);
      case 'Scale':
        return walk(inner[0]!, offset, [...how, `\u00d7${String(d.items[0]).replace('-', minus)}`], optional);
      case 'Round':
        return walk(inner[0]!, offset, [...how, `round ${d.items[1] as number}`], optional);
      case 'ReplaceIndex':
        return walk(inner[0]!, offset, [...how, `${d.items[1] as string}=${d.items[2] as number}`], optional);
      case 'IfDefined':
        return walk(inner[0]!, offset, how, true);
      case 'Failover':
        walk(inner[0]!, offset, how, optional);
        return walk(inner[1]!, offset, [...how, 'else'], optional);
      case 'Switch':
        return inner.forEach((item, i) => walk(item, offset, [...how, `t mod ${inner.length} = ${i}`], optional));
      default:
        inner.forEach((item) => walk(item, offset, how, optional));
    }
  };
  walk(parseXconfigDescriptor(text, []), 0, [], false);
  return uses;
}

/** One box for each node. */
export function boxPerNode(nodes: readonly DrawnNode[]): Box[] {
  const dimOf = dimsOf(nodes);
  return nodes.map((node) => {
    const lines = [node.name];
    if (node.type) lines.push([node.type, node.detail].filter(Boolean).join(' '));
    if (node.kind === 'dim-range' && node.detail) lines.push(node.detail);
    return {
      name: node.name,
      lines,
      kind: node.kind,
      type: node.type ?? node.kind,
      uses: node.input === undefined ? [] : usesOf(node.input, dimOf),
      dim: node.dim,
      signature: '',
    };
  });
}

const dimsOf = (nodes: readonly DrawnNode[]): ((name: string) => number) => {
  const dims = new Map(nodes.filter(({ kind }) => kind !== 'output').map(({ name, dim }) => [name, dim]));
  return (name) => dims.get(name) ?? 0;
};

/**
 * One box for each layer (the nodes whose names agree up to the last dot), and one for a run of layers that are
 * alike, each of which reads only the one before.
 */
export function boxPerLayer(nodes: readonly DrawnNode[]): Box[] {
  const layerOf = (node: DrawnNode): string =>
    node.kind === 'component' || node.kind === 'dim-range' ? node.name.replace(/\.[^.]*$/, '') : node.name;
  const dimOf = dimsOf(nodes);
  const layers = new Map<string, DrawnNode[]>();
  const owner = new Map<string, string>();
  // An output and its layer may share a name; the output keeps a box of its own.
  const outputs = new Set(nodes.filter(({ kind }) => kind === 'output').map(({ name }) => name));
  for (const node of nodes) {
    const base = layerOf(node);
    const layer = node.kind !== 'output' && outputs.has(base) ? `${base}.` : base;
    layers.set(layer, [...(layers.get(layer) ?? []), node]);
    if (node.kind !== 'output') owner.set(node.name, layer);
  }
  const boxes = Array.from(layers, ([layer, members]): Box => {
    const first = members[0]!;
    const uses: Use[] = [];
    for (const use of members.flatMap((node) => (node.input === undefined ? [] : usesOf(node.input, dimOf)))) {
      const from = owner.get(use.node) ?? use.node;
      const inside = from === layer;
      // What goes on inside a layer shows only where it goes back in time.
      if (!inside || use.optional) uses.push({ ...use, node: from });
    }
    const parts = members.filter((node) => node.type && node.type !== 'NoOp');
    const kinds = parts.map((node) => [shortType(node.type!), node.detail].filter(Boolean).join(' '));
    const last = members.at(-1)!;
    return {
      name: layer,
      lines: [layer.replace(/\.$/, ''), ...wrap(kinds)],
      kind: first.kind,
      type: dominant(members),
      uses: distinct(uses),
      dim: last.dim,
      signature: JSON.stringify([
        kinds,
        members.map(({ dim }) => dim),
        uses.map(({ how, optional }) => [how, optional]),
      ]),
    };
  });
  return mergeRuns(boxes);
}

/** Joins boxes that are alike and follow each other. */
function mergeRuns(boxes: readonly Box[]): Box[] {
  const merged: { box: Box; names: string[] }[] = [];
  for (const box of boxes) {
    const before = merged.at(-1);
    const sources = new Set(box.uses.map(({ node }) => node));
    const follows = before && sources.size === 1 && sources.has(before.names.at(-1)!);
    const readers = boxes.filter((other) => other.uses.some(({ node }) => node === before?.names.at(-1))).length;
    if (follows && readers === 1 && box.kind === 'component' && box.signature === before.box.signature) {
      before.names.push(box.name);
    } else merged.push({ box, names: [box.name] });
  }
  const names = new Map(merged.flatMap(({ box, names }) => names.map((name) => [name, box.name] as const)));
  return merged.map(({ box, names: run }) => ({
    ...box,
    lines:
      run.length === 1 ? box.lines : [`${box.name} \u2026 ${run.at(-1)!} (${run.length} alike)`, ...box.lines.slice(1)],
    uses: box.uses.map((use) => ({ ...use, node: names.get(use.node) ?? use.node })),
  }));
}

const distinct = (uses: readonly Use[]): Use[] => [
  ...new Map(uses.map((use) => [JSON.stringify([use.node, use.dim, use.how, use.optional]), use])).values(),
];

const shortType = (type: string): string =>
  ({ NaturalGradientAffine: 'affine', RectifiedLinear: 'relu', BatchNorm: 'batchnorm', TimeHeightConvolution: 'conv' })[
    type
  ] ?? type;

/** The type that gives a layer its colour: what is most its own, or the first. */
function dominant(members: readonly DrawnNode[]): string {
  const types = members.flatMap(({ type }) => (type ? [type] : []));
  const own = [/Nonlinearity$|Attention$|Convolution$|Statistics/, /Tdnn/, /Affine$|^Linear$/];
  return own.flatMap((kind) => types.filter((type) => kind.test(type)))[0] ?? types[0] ?? members[0]!.kind;
}

function wrap(words: readonly string[]): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < 30) lines[lines.length - 1] = `${last} \u2192 ${word}`;
    else lines.push(last === undefined ? word : `\u2192 ${word}`);
  }
  return lines;
}
