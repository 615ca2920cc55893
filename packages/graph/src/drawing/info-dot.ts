import { type XconfigDescriptor, parseXconfigDescriptor } from '../xconfig/descriptor.js';

/** Settings of `infoToDot`. */
export interface InfoDotOptions {
  /** What a component's box says of it, e.g. `['name', 'type', 'input-dim']`; everything where not set. */
  readonly componentAttributes?: readonly string[];
  /** Nodes whose names begin alike are drawn in one frame. */
  readonly nodePrefixes?: readonly string[];
}

/**
 * DOT text of a network, from what `nnet3-info` or `nnet3-am-info` prints: Kaldi's steps/nnet3/dot/nnet3_to_dot.py.
 * Each component and each node is a shape of its own, and each descriptor a record with ports.
 *
 * Kaldi's script leaves out the edges of Scale and stops at Switch, Failover, Const and nested offsets; here they
 * are drawn. For a picture to look at rather than one as Kaldi draws it, see `networkToDot`.
 *
 * @throws Error where a line is no `key=value` line
 */
export function infoToDot(info: string, options: InfoDotOptions = {}): string {
  const lines = info.split('\n').flatMap((text) => parseInfoLine(text) ?? []);
  const prefixes = options.nodePrefixes ?? [];
  const groupOf = (line: InfoLine): string | undefined => prefixes.find((prefix) => nameOf(line).startsWith(prefix));
  const dot: string[] = ['digraph nnet3graph {'];
  for (const group of [...prefixes, undefined]) {
    const members = lines.filter((line) => groupOf(line) === group);
    if (members.length === 0) continue;
    if (group !== undefined) dot.push(`subgraph cluster_${group} {`, 'color=blue');
    for (const line of members) dot.push(...lineToDot(line, options.componentAttributes));
    if (group !== undefined) dot.push(`label = "${group}"`, '}');
  }
  return [...dot, '}'].join('\n');
}

interface InfoLine {
  readonly directive: string;
  readonly fields: ReadonlyMap<string, string>;
}

const nameOf = (line: InfoLine): string => line.fields.get('name') ?? '';

function parseInfoLine(text: string): InfoLine | undefined {
  const words = text.trim().split(/\s+/);
  const directive = words[0]!;
  if (!/^(input-node|output-node|component-node|dim-range-node|component)$/.test(directive)) return undefined;
  const pairs: [key: string, value: string][] = [];
  for (const word of words.slice(1)) {
    const split = /^([^=]*)=([^=]*)$/.exec(word);
    if (split) pairs.push([split[1]!, split[2]!]);
    else if (pairs.length > 0 && !word.includes('=')) pairs.at(-1)![1] += ` ${word}`;
    else throw new Error(`expected key=value after ${directive}, found '${word}' in: ${text.trim()}`);
  }
  // Of a key that comes twice (a summary of rows, then of columns) the first is kept.
  const fields = new Map<string, string>();
  for (const [key, value] of pairs) if (!fields.has(key)) fields.set(key, value.replace(/,$/, '').trim());
  return { directive, fields };
}

/** A name as DOT takes it without quotes. */
const dotName = (name: string): string => name.replaceAll('-', 'hyphen').replaceAll('.', '_dot_');
/** Components have names of their own, beside those of nodes. */
const dotComponent = (name: string): string => `${dotName(name)}${dotName(name)}_component`;

function lineToDot({ directive, fields }: InfoLine, attributes: readonly string[] | undefined): string[] {
  const at = (key: string): string => {
    const value = fields.get(key);
    if (value === undefined) throw new Error(`${directive} ${fields.get('name') ?? ''}: ${key} is missing`);
    return value;
  };
  const name = at('name');
  const node = dotName(name);
  switch (directive) {
    case 'input-node':
      return [`${node} [ label="${name}\\ndim=${at('dim')}"]`];
    case 'output-node':
      return [...descriptorToDot(at('input'), name), `${node} [ label="${name}\\nobjective=${at('objective')}"]`];
    case 'dim-range-node':
      return [
        `${node} [shape=rectangle, label="${name}"]`,
        `${dotName(at('input-node'))} -> ${node} [taillabel="dimrange(${at('dim-offset')}, ${at('dim')})"]`,
      ];
    case 'component-node':
      return [
        ...descriptorToDot(at('input'), name),
        `${node} [ label="${name}", shape=box ]`,
        `${dotComponent(at('component'))} -> ${node} [ weight=10 ]`,
      ];
    default: {
      const shown = [...fields].filter(([key]) => attributes === undefined || attributes.includes(key));
      const label = shown.map(([key, value]) => `${key} = ${value}\\n`).join('');
      return [`${dotComponent(name)} [label="${label}" ${looks(at('type'))}]`];
    }
  }
}

/** Shape and colour of a component's box. */
function looks(type: string): string {
  const look = typeLooks[type];
  return look ? ` color=${look[0]}  shape=${look[1]}  style=filled ` : '';
}

const typeLooks: Readonly<Record<string, readonly [color: string, shape: string]>> = {
  NaturalGradientAffineComponent: ['lightgrey', 'box'],
  NaturalGradientPerElementScaleComponent: ['lightpink', 'box'],
  ConvolutionComponent: ['lightpink', 'box'],
  FixedScaleComponent: ['blueviolet', 'box'],
  FixedAffineComponent: ['darkolivegreen1', 'box'],
  SigmoidComponent: ['bisque', 'rectangle'],
  TanhComponent: ['bisque', 'rectangle'],
  NormalizeComponent: ['aquamarine', 'rectangle'],
  RectifiedLinearComponent: ['bisque', 'rectangle'],
  ClipGradientComponent: ['bisque', 'rectangle'],
  ElementwiseProductComponent: ['green', 'rectangle'],
  LogSoftmaxComponent: ['cyan', 'rectangle'],
};

function descriptorToDot(text: string, parent: string): string[] {
  const descriptor = parseXconfigDescriptor(text, []);
  return 'layer' in descriptor
    ? [`${dotName(descriptor.layer)} -> ${dotName(parent)}`]
    : operationToDot(descriptor, parent, parent);
}

type Operation = Extract<XconfigDescriptor, { operation: string }>;
interface Edge {
  readonly label: string;
  readonly dotted: boolean;
}

function operationToDot(descriptor: Operation, parent: string, affix: string, edge?: Edge): string[] {
  const { operation, items } = descriptor;
  switch (operation) {
    case 'Append':
    case 'Sum':
    case 'Switch':
    case 'Failover':
      return joinToDot(operation, items as readonly XconfigDescriptor[], parent, affix, edge);
    case 'IfDefined': {
      const dotted = { label: join(edge, 'IfDefined'), dotted: true };
      return [
        '#ProcessIfDefinedDescriptor',
        ...edgeToDot(items[0] as XconfigDescriptor, parent, parent, dotted, ' -> '),
      ];
    }
    case 'Const':
      return constantToDot(items, parent, affix, edge);
    case 'Scale':
      return edgeToDot(items[1] as XconfigDescriptor, parent, affix, {
        ...edge,
        ...labelled(edge, `Scale (${items[0] as string})`),
      });
    default: {
      const rest = items.slice(1).join(', ');
      const label = operation === 'ReplaceIndex' ? `ReplaceIndex(${rest})` : `${operation} (${rest})`;
      return edgeToDot(
        items[0] as XconfigDescriptor,
        parent,
        affix,
        labelled(edge, label),
        '->',
        operation === 'ReplaceIndex' ? '' : ' ',
      );
    }
  }
}

const join = (edge: Edge | undefined, label: string): string => (edge ? `${edge.label} ${label}` : label);
const labelled = (edge: Edge | undefined, label: string): Edge => ({
  label: join(edge, label),
  dotted: edge?.dotted ?? false,
});

/** An edge with what is done on it, from a node or from a nested operation. */
function edgeToDot(
  from: XconfigDescriptor,
  parent: string,
  affix: string,
  edge: Edge,
  arrow = '->',
  space = ' ',
): string[] {
  if (!('layer' in from)) return operationToDot(from, parent, affix, edge);
  const source = `${dotName(from.layer)}${arrow}${dotName(parent)}`;
  if (arrow === ' -> ') return [`${source} [style=dotted, label="${edge.label}"]`];
  return [`${source} [${space}label="${edge.label}"${edge.dotted ? ' style=dotted' : ''}${space}]`];
}

function constantToDot(items: Operation['items'], parent: string, affix: string, edge: Edge | undefined): string[] {
  const node = dotName(`Const_${affix}`);
  const [value, dim] = items as [string, number];
  const label = edge ? ` [ label="${edge.label}"${edge.dotted ? ' style=dotted' : ''} ]` : '';
  return [`${node} [shape=plaintext, label="Const(${value}, ${dim})"];`, `${node} -> ${dotName(parent)}${label}`];
}

/** A record with a port for each part; the nested parts come before the plain ones. */
function joinToDot(
  operation: string,
  items: readonly XconfigDescriptor[],
  parent: string,
  affix: string,
  edge: Edge | undefined,
): string[] {
  const name = `${operation}_${affix}`;
  const nested = items.filter((item): item is Operation => !('layer' in item));
  const plain = items.filter((item): item is { layer: string } => 'layer' in item);
  const dot: string[] = [];
  const ports: string[] = [];
  const port = (what: string): string => {
    const part = `${name}${what}${ports.length}`;
    ports.push(`<${dotName(part)}> part ${ports.length}`);
    return part;
  };
  for (const item of nested) {
    const part = port(item.operation);
    const below = operation === 'Append' ? name : `${name}_${ports.length - 1}`;
    dot.push(...operationToDot(item, `${name}:${part}`, below));
  }
  for (const item of plain) {
    const part = port(item.layer);
    dot.push(`${dotName(item.layer)} -> ${dotName(name)}:${dotName(part)}`);
  }
  const red = operation === 'Append' ? '' : ', color=red';
  dot.push(`${dotName(name)} [shape=Mrecord, label="{{${ports.join('|')}}|${operation}}"${red}];`);
  const attributes = (edge ? ` label=${edge.label} ` : '') + (edge?.dotted ? ' style=dotted ' : '');
  const out = `${dotName(name)} -> ${dotName(parent)}`;
  if (operation === 'Append') dot.push(`${out} [tailport=s]${attributes && ` [${attributes}] `}`);
  else dot.push(`${out} [${attributes} tailport=s ] `);
  return dot;
}
