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
import { always, type Field, field, old } from '../fields.js';
import type { NaturalGradientSettings } from '../trainable.js';
import { vectorFile } from './read-file.js';

/** y = scales * x. */
export class PerElementScaleComponent extends UpdatableComponent {
  static override readonly type: string = 'PerElementScaleComponent';
  static override readonly fields: readonly Field[] = [
    ...updatableFields,
    field('<Params>', 'vector', 'scales'),
    old('<IsGradient>', 'bool'),
  ];
  scales: Float32Array = new Float32Array(0);
  override readonly needs: { x: boolean; y: boolean } = { x: true, y: false };

  get inputDim(): number {
    return this.scales.length;
  }
  get outputDim(): number {
    return this.scales.length;
  }

  configure(start: Start): void {
    const { config, random } = start;
    this.configureLearning(config);
    if (config.has('vector')) this.scales = vectorFile(start, 'vector');
    else
      this.scales = random.normals(
        config.positive('dim'),
        config.float('param-mean', 1),
        config.float('param-stddev', 0),
      );
  }

  parameters(): Record<string, Matrix> {
    return { scales: rowMatrix(this.scales) };
  }
  withParameters({ scales }: Readonly<Record<string, Matrix>>): this {
    return this.with({ scales: scales?.data ?? this.scales } as Partial<this>);
  }

  propagate({ engine, tensors }: Call, x: Tensor): Propagated {
    return { y: engine.binary('mul', x, tensors['scales']!) };
  }

  backprop({ engine, tensors }: Call, { x, dy, sink, wanted }: Backprop): Tensor | undefined {
    sink?.rows('scales', engine.binary('mul', x, dy));
    return wanted ? engine.binary('mul', dy, tensors['scales']!) : undefined;
  }
}

/** The same with natural gradient: the peepholes of an LSTM. */
export class NaturalGradientPerElementScaleComponent extends PerElementScaleComponent {
  static override readonly type: string = 'NaturalGradientPerElementScaleComponent';
  static override readonly fields: readonly Field[] = [
    ...updatableFields,
    field('<Params>', 'vector', 'scales'),
    always('<IsGradient>', 'bool', false),
    field('<Rank>', 'int', 'rank'),
    field('<UpdatePeriod>', 'int', 'updatePeriod'),
    field('<NumSamplesHistory>', 'float', 'numSamplesHistory'),
    field('<Alpha>', 'float', 'alpha'),
    old('<MaxChangePerMinibatch>', 'float'),
  ];
  rank = 8;
  updatePeriod = 10;
  numSamplesHistory = 2000;
  alpha = 4;

  override configure(start: Start): void {
    super.configure(start);
    const { config } = start;
    this.rank = config.int('rank', 8);
    this.updatePeriod = config.positive('update-period', 10);
    this.numSamplesHistory = config.float('num-samples-history', 2000);
    this.alpha = config.float('alpha', 4);
  }

  override get naturalGradient(): NaturalGradientSettings {
    const { rank, updatePeriod, numSamplesHistory, alpha } = this;
    return { rankIn: rank, rankOut: rank, updatePeriod, numSamplesHistory, alphaIn: alpha, alphaOut: alpha };
  }
}
