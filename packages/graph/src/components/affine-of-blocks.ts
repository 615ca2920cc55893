import { type Matrix, matrix } from '@jebena/io-ark';
import { dimError, rowMatrix, type Start, UpdatableComponent, updatableFields } from '../component.js';
import { type Field, field, old } from '../fields.js';

/** Form on disk of an affine over blocks of its input, their number behind `count`. */
export const blockFields = (count: string): readonly Field[] => [
  ...updatableFields,
  field(count, 'int', 'blocks'),
  field('<LinearParams>', 'matrix', 'linear'),
  field('<BiasParams>', 'vector', 'bias'),
  old('<IsGradient>', 'bool'),
];

/** What the affines have in common that work on blocks of their input: weights, a bias, and how many blocks there are. */
export abstract class AffineOfBlocks extends UpdatableComponent {
  blocks = 1;
  linear: Matrix = matrix(0, 0);
  bias: Float32Array = new Float32Array(0);
  override readonly needs: { x: boolean; y: boolean } = { x: true, y: false };

  get inputDim(): number {
    return this.linear.cols * this.blocks;
  }

  /** Dims that `key` divides; `rows` gives the rows of the weights. */
  protected configureBlocks(
    { config, random }: Start,
    key: string,
    rows: (outputDim: number) => number,
    biasStddev: number,
  ): void {
    this.configureLearning(config);
    this.blocks = config.positive(key);
    const dimOf = (name: string): number => {
      const dim = config.positive(name);
      if (dim % this.blocks) config.fail(`expected ${name} a multiple of ${key}=${this.blocks}, found ${dim}`);
      return dim;
    };
    const cols = dimOf('input-dim') / this.blocks;
    const count = rows(dimOf('output-dim'));
    const stddev = config.float('param-stddev', 1 / Math.sqrt(cols));
    this.linear = matrix(count, cols, random.normals(count * cols, 0, stddev));
    this.bias = random.normals(count, config.float('bias-mean', 0), config.float('bias-stddev', biasStddev));
  }

  override check(): void {
    const { blocks, linear, bias } = this;
    if (blocks < 1) dimError(`${this.type}, blocks`, 'above 0', blocks);
    if (bias.length !== linear.rows) dimError(`${this.type}, bias`, linear.rows, bias.length);
  }

  parameters(): Record<string, Matrix> {
    return { linear: this.linear, bias: rowMatrix(this.bias) };
  }
  withParameters({ linear, bias }: Readonly<Record<string, Matrix>>): this {
    return this.with({ linear: linear ?? this.linear, bias: bias?.data ?? this.bias } as Partial<this>);
  }
}
