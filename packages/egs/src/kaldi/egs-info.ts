import { type Holder, isSparse, toMatrix } from '@jebena/io-ark';
import type { Indexes } from './index-vector.js';
import { type NnetChainExample, nnetChainExampleHolder } from './nnet-chain-example.js';
import { type NnetExample, nnetExampleHolder } from './nnet-example.js';
import type { NnetIo } from './nnet-io.js';

/** Examples of either kind, told apart by their first token. */
export const anyExampleHolder: Holder<NnetExample | NnetChainExample> = {
  what: 'an example',
  read: (input) =>
    input.peekToken() === '<Nnet3ChainEg>' ? nnetChainExampleHolder.read(input) : nnetExampleHolder.read(input),
  write: (output, example) =>
    'io' in example ? nnetExampleHolder.write(output, example) : nnetChainExampleHolder.write(output, example),
};

interface Shape {
  readonly name: string;
  readonly frames: string;
  readonly dim: number;
  readonly kind: string;
}

/** Collects what an archive of examples holds. */
export class EgsInfo {
  private examples = 0;
  private sequences = 0;
  private labels = 0;
  private weight = 0;
  private readonly structures = new Map<string, number>();
  private readonly pictures = new Map<string, { first: number; sums: Float64Array[]; counts: number[] }>();

  add(example: NnetExample | NnetChainExample): void {
    this.examples++;
    const inputs = 'io' in example ? example.io : example.inputs;
    this.sequences += 1 + Math.max(...inputs.map((io) => io.indexes.n.reduce((a, b) => Math.max(a, b), 0)));
    const shapes: Shape[] = inputs.map((io) => this.addIo(io));
    if (!('io' in example))
      for (const { name, indexes, supervision: s } of example.outputs) {
        this.weight += s.weight * indexes.t.length;
        shapes.push({ name, frames: framesOf(indexes), dim: s.labelDim, kind: s.fst ? 'chain' : 'chain e2e' });
      }
    const key = shapes.map((s) => `${s.name} ${s.frames} x ${s.dim} ${s.kind}`).join(', ');
    this.structures.set(key, (this.structures.get(key) ?? 0) + 1);
  }

  private addIo({ name, indexes, features }: NnetIo): Shape {
    const shape = { name, frames: framesOf(indexes), dim: features.cols };
    if (isSparse(features)) {
      for (const { values } of features.vectors) {
        this.labels += values.length;
        this.weight += values.reduce((a, b) => a + b, 0);
      }
      return { ...shape, kind: 'sparse' };
    }
    const { data, cols } = toMatrix(features);
    const first = indexes.t.reduce((a, b) => Math.min(a, b), Infinity);
    let picture = this.pictures.get(name);
    if (!picture) this.pictures.set(name, (picture = { first, sums: [], counts: [] }));
    indexes.t.forEach((t, r) => {
      const i = t - picture.first;
      if (i < 0) return;
      const sum = (picture.sums[i] ??= new Float64Array(cols));
      for (let c = 0; c < cols; c++) sum[c]! += data[r * cols + c]!;
      picture.counts[i] = (picture.counts[i] ?? 0) + 1;
    });
    return { ...shape, kind: 'compression' in features ? `compressed ${features.compression}` : 'full' };
  }

  /** What was found, a line each; then the average of each input over all examples as a picture in letters. */
  lines(): string[] {
    const lines = [`examples ${this.examples}`, `sequences ${this.sequences}`, `structures ${this.structures.size}`];
    for (const [key, count] of [...this.structures].sort(([, a], [, b]) => b - a)) lines.push(`${count} of: ${key}`);
    if (this.labels > 0) lines.push(`labels ${this.labels}`);
    lines.push(`supervision-weight ${Number(this.weight.toFixed(3))}`);
    for (const [name, { first, sums, counts }] of this.pictures) {
      const means = sums.map((sum, i) => sum.map((v) => v / counts[i]!));
      if (means.length > 1) lines.push(...picture(name, first, means));
    }
    return lines;
  }
}

const span = (values: Int32Array): [number, number] => [
  values.reduce((a, b) => Math.min(a, b)),
  values.reduce((a, b) => Math.max(a, b)),
];

function framesOf({ n, t }: Indexes): string {
  const [first, last] = span(t);
  const sequences = span(n)[1] + 1;
  const each = t.length / sequences;
  const stride = each > 1 ? `/${(last - first) / (each - 1)}` : '';
  return `${sequences > 1 ? `${sequences} x ` : ''}${each} (t ${first}:${last}${stride === '/1' ? '' : stride})`;
}

const shades = ' .:-=+*#%@';

/** Time from left to right, dimensions from below; each dimension is scaled to its own range. */
function picture(name: string, first: number, means: readonly Float64Array[]): string[] {
  const dim = means[0]!.length;
  const width = Math.min(means.length, 72);
  const height = Math.min(dim, 24);
  const lines = [`average of '${name}' (${dim} dimensions, t from ${first} to ${first + means.length - 1}):`];
  for (let y = height - 1; y >= 0; y--) {
    const d = Math.floor((y * dim) / height);
    const row = Array.from({ length: width }, (_, x) => means[Math.floor((x * means.length) / width)]?.[d] ?? 0);
    const [low, high] = [Math.min(...row), Math.max(...row)];
    const shade = (v: number): string => shades[Math.min(9, Math.floor((10 * (v - low)) / (high - low || 1)))]!;
    lines.push(`${String(d).padStart(4)} |${row.map(shade).join('')}|`);
  }
  return lines;
}
