import { type Box, type DrawnNode, type Use, boxPerLayer, boxPerNode } from './picture.js';

/** Settings of a picture. */
export interface PictureOptions {
  /** One box for each layer, and one for a run of layers that are alike: for deep networks. */
  readonly short?: boolean;
  /** Title above the picture. */
  readonly title?: string;
}

/** DOT text of a picture: coloured by kind of component, dimensions on the edges, recurrences dashed. */
export function pictureDot(nodes: readonly DrawnNode[], options: PictureOptions = {}): string {
  const boxes = options.short ? boxPerLayer(nodes) : boxPerNode(nodes);
  const place = new Map(boxes.map((box, i) => [box.name, i]));
  const lines = [
    'digraph network {',
    '  graph [rankdir=TB, fontname="Helvetica", nodesep=0.3, ranksep=0.35];',
    '  node [fontname="Helvetica", fontsize=11, style="filled,rounded", shape=box, color="#555555", margin="0.2,0.06"];',
    '  edge [fontname="Helvetica", fontsize=9, color="#555555", fontcolor="#333333", arrowsize=0.7];',
    ...(options.title ? [`  label=${quote(options.title)}; labelloc=t; fontsize=14;`] : []),
  ];
  for (const box of boxes) {
    const shape = box.kind === 'input' || box.kind === 'output' ? ', shape=ellipse' : '';
    lines.push(`  ${id(box)} [label=${quote(labelOf(box))}, fillcolor="${colourOf(box)}"${shape}];`);
  }
  for (const box of boxes) {
    const bySource = new Map<string, Use[]>();
    for (const use of box.uses) {
      // What may be missing is drawn apart from what must be there.
      const key = JSON.stringify([use.node, use.optional]);
      bySource.set(key, [...(bySource.get(key) ?? []), use]);
    }
    for (const uses of bySource.values()) {
      const source = uses[0]!.node;
      const back = place.get(source)! >= place.get(box.name)!;
      const attributes = [
        `label=${quote(edgeLabel(uses))}`,
        ...(uses[0]!.optional ? ['style=dashed'] : []),
        // Edges that go back in the order of nodes would turn the picture upside down.
        ...(back ? ['constraint=false', 'color="#b03030"', 'fontcolor="#b03030"'] : []),
      ];
      lines.push(`  n${place.get(source)!} -> ${id(box)} [${attributes.join(', ')}];`);
    }
  }
  return [...lines, '}', ''].join('\n');

  function id(box: Box): string {
    return `n${place.get(box.name)!}`;
  }
}

const quote = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

const labelOf = (box: Box): string => {
  const dim = box.kind === 'input' || box.kind === 'output' ? [`dim ${box.dim}`] : [];
  return [...box.lines, ...dim].join('\n');
};

/** `−1, 0, +1: 3 × 40`, or the dimension alone; a blank keeps it off the line. */
function edgeLabel(uses: readonly Use[]): string {
  const hows = uses.map(({ how }) => how || '0');
  const dims = uses.map(({ dim }) => dim);
  const alike = dims.length > 1 && dims.every((dim) => dim === dims[0]);
  const size = alike ? `${dims.length} \u00d7 ${dims[0]!}` : dims.join(' + ');
  if (hows.every((how) => how === hows[0])) return hows[0] === '0' ? ` ${size}` : ` ${hows[0]!}: ${size}`;
  const long = hows.join(', ').length > 30;
  return ` ${hows.join(long ? ',\n ' : ', ')}${long ? '\n' : ''}: ${size}`;
}

function colourOf(box: Box): string {
  if (box.kind === 'input' || box.kind === 'output') return '#ffffff';
  return colours.find(([pattern]) => pattern.test(box.type))?.[1] ?? '#eeeeee';
}

/** Colours by kind of component; the first that fits. */
const colours: readonly [RegExp, string][] = [
  [/^Fixed|Permute/, '#d5e8d4'],
  [/Nonlinearity$/, '#f8cecc'],
  [/Attention$/, '#f5d0e8'],
  [/Convolution$|Maxpooling/, '#d9d2e9'],
  [/Tdnn/, '#cfe2f3'],
  [/Affine|^Linear|PerElement|ScaleAndOffset|Constant/, '#dae8fc'],
  [/Norm|Normalize/, '#d0f0ea'],
  [/RectifiedLinear|Sigmoid|Tanh|Softmax|Pnorm/, '#ffe6cc'],
  [/Dropout|SpecAugment|Truncation|Clip/, '#fff2cc'],
  [/Statistics/, '#e2f0b8'],
];
