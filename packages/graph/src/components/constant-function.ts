import type { Tensor } from '@jebena/engine';
import type { Matrix } from '@jebena/io-ark';
import {
  type Backprop,
  type Call,
  type Propagated,
  rowMatrix,
  type Start,
  UpdatableComponent,
  updatableFields,
} from '../component.js';
import { type Field, field } from '../fields.js';
import type { Index } from '../indexes.js';
import type { NaturalGradientSettings } from '../trainable.js';

const outputFields: readonly Field[] = [
  field('<Output>', 'vector', 'output'),
  field('<IsUpdatable>', 'bool', 'isUpdatable'),
  field('<UseNaturalGradient>', 'bool', 'useNaturalGradient'),
];

/**
 * The same output at every row, whatever the input. Kaldi's cannot read back the max-change and l2-regularize that it
 * writes; this one can.
 */
export class ConstantFunctionComponent extends UpdatableComponent {
  static override readonly type: string = 'ConstantFunctionComponent';
  static override readonly fields: readonly Field[] = [
    ...updatableFields,
    field('<InputDim>', 'int', 'inputSize'),
    ...outputFields,
  ];
  inputSize = 0;
  output: Float32Array = new Float32Array(0);
  isUpdatable = true;
  useNaturalGradient = true;

  get inputDim(): number {
    return this.inputSize;
  }
  get outputDim(): number {
    return this.output.length;
  }
  override get updatable(): boolean {
    return this.isUpdatable;
  }

  configure(start: Start): void {
    this.configureOutput(start);
    this.inputSize = start.config.positive('input-dim');
  }

  protected configureOutput({ config, random }: Start): void {
    this.configureLearning(config);
    this.isUpdatable = config.bool('is-updatable', true);
    this.useNaturalGradient = config.bool('use-natural-gradient', true);
    const dim = config.positive('output-dim');
    this.output = random.normals(dim, config.float('output-mean', 0), config.float('output-stddev', 0));
  }

  parameters(): Record<string, Matrix> {
    return { output: rowMatrix(this.output) };
  }
  withParameters({ output }: Readonly<Record<string, Matrix>>): this {
    return this.with({ output: output?.data ?? this.output } as Partial<this>);
  }

  override get naturalGradient(): NaturalGradientSettings | undefined {
    if (!this.useNaturalGradient) return undefined;
    const settings = { updatePeriod: 1, numSamplesHistory: 2000, alphaIn: 4, alphaOut: 4, neverFrozen: true };
    return { rankIn: 40, rankOut: 40, ...settings };
  }

  propagate({ engine, tensors, rows }: Call, _x: Tensor): Propagated {
    const count = rows.outputs.length * rows.sequences;
    return { y: engine.binary('add', engine.zeros(count, this.outputDim), tensors['output']!) };
  }

  backprop({ engine, rows }: Call, { dy, sink, wanted }: Backprop): Tensor | undefined {
    if (this.isUpdatable) sink?.rows('output', dy);
    const count = rows.inputs.length * rows.sequences;
    return wanted && count > 0 ? engine.zeros(count, this.inputDim) : undefined;
  }
}

/** The same without an input: it reads nothing, and any descriptor of its own dimension may stand before it. */
export class ConstantComponent extends ConstantFunctionComponent {
  static override readonly type: string = 'ConstantComponent';
  static override readonly fields: readonly Field[] = [...updatableFields, ...outputFields];
  override readonly simple: boolean = false;

  override get inputDim(): number {
    return this.output.length;
  }

  override configure(start: Start): void {
    this.configureOutput(start);
  }

  override inputIndexes(): readonly Index[] {
    return [];
  }
}
