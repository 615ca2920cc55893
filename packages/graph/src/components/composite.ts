import type { RowIndex, Tensor } from '@jebena/engine';
import type { KaldiInput, KaldiOutput, Matrix } from '@jebena/io-ark';
import {
  type Backprop,
  type Call,
  type Component,
  dimError,
  type HostStatistics,
  type Propagated,
  type Start,
  type Statistics,
  UpdatableComponent,
  updatableFields,
} from '../component.js';
import { readComponent, writeComponent } from '../component-file.js';
import { findComponentType } from '../component-types.js';
import { ConfigLine } from '../config-line.js';
import { type Field, field } from '../fields.js';
import type { GradientSink } from '../gradient-sink.js';
import { Random } from '../random.js';

const parts: Field = {
  read(input: KaldiInput, into: Record<string, unknown>): void {
    input.expectToken('<NumComponents>');
    const count = input.readCount('a number of components');
    into['components'] = Array.from({ length: count }, () => readComponent(input));
  },
  write(output: KaldiOutput, from: Record<string, unknown>): void {
    const components = from['components'] as readonly Component[];
    output.writeToken('<NumComponents>');
    output.writeInt32(components.length);
    for (const component of components) writeComponent(component, output);
  },
};

const prefix = (i: number, name: string): string => `${i}.${name}`;

/** The entries whose names begin with `i.`, without that. */
const part = <V>(values: Readonly<Record<string, V>>, i: number): Record<string, V> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      name.startsWith(`${i}.`) ? [[name.slice(`${i}.`.length), value]] : [],
    ),
  );

/**
 * A chain of simple components in the place of one. What lies between them is not kept but computed again by
 * backprop, which saves memory. Its parameters are trained by plain gradients, with the learning rate of the whole.
 */
export class CompositeComponent extends UpdatableComponent {
  static override readonly type: string = 'CompositeComponent';
  static override readonly fields: readonly Field[] = [
    ...updatableFields,
    field('<MaxRowsProcess>', 'int', 'maxRowsProcess'),
    parts,
  ];
  components: readonly Component[] = [];
  /** Kaldi cuts its work into slabs of so many rows; here it is only kept. */
  maxRowsProcess = 4096;
  override readonly needs: { x: boolean; y: boolean } = { x: true, y: true };

  get inputDim(): number {
    return this.components[0]!.inputDim;
  }
  get outputDim(): number {
    return this.components.at(-1)!.outputDim;
  }

  configure({ config, random, file }: Start): void {
    this.configureLearning(config);
    this.maxRowsProcess = config.int('max-rows-process', 4096);
    const count = config.positive('num-components');
    this.components = Array.from({ length: count }, (_, i) => {
      const line = new ConfigLine(config.string(`component${i + 1}`), config.line);
      const type = line.string('type');
      const Type = findComponentType(type);
      if (!Type || type === this.type)
        return config.fail(`component${i + 1}: expected a simple component, found ${type}`);
      const component = new Type();
      component.configure({ config: line, random: new Random(random.int(0, 2 ** 31 - 1)), file });
      line.end();
      return component;
    });
    const wrong = this.misfit();
    if (wrong) config.fail(wrong);
  }
  override check(): void {
    const wrong = this.misfit();
    if (wrong) dimError(this.type, 'components that fit together', wrong);
  }

  private misfit(): string | undefined {
    if (this.components.length === 0) return 'no components';
    for (const [i, component] of this.components.entries()) {
      // Backprop runs the chain once more, which must give the same again.
      if (!component.simple || /Dropout/.test(component.type)) return `${component.type}, which is not simple`;
      const before = this.components[i - 1];
      if (before && before.outputDim !== component.inputDim)
        return `${before.type} of ${before.outputDim} outputs before ${component.type} of ${component.inputDim} inputs`;
    }
    return undefined;
  }

  private collect<V>(values: (component: Component) => Record<string, V>): Record<string, V> {
    return Object.fromEntries(
      this.components.flatMap((component, i) =>
        Object.entries(values(component)).map(([name, value]) => [prefix(i, name), value]),
      ),
    );
  }

  private withParts(components: readonly Component[]): this {
    return this.with({ components } as unknown as Partial<this>);
  }

  parameters(): Record<string, Matrix> {
    return this.collect((component) => (component instanceof UpdatableComponent ? component.parameters() : {}));
  }
  withParameters(parameters: Readonly<Record<string, Matrix>>): this {
    const components = this.components.map((component, i) =>
      component instanceof UpdatableComponent ? component.withParameters(part(parameters, i)) : component,
    );
    return this.withParts(components);
  }
  override constants(): Record<string, Matrix> {
    return this.collect((component) => component.constants());
  }

  override statistics(): HostStatistics {
    return {
      sums: this.collect((component) => ({ ...component.statistics()?.sums })),
      counts: this.collect((component) => ({ ...component.statistics()?.counts })),
    };
  }
  override withStatistics({ sums, counts }: HostStatistics): this {
    const components = this.components.map((component, i) =>
      component.statistics() ? component.withStatistics({ sums: part(sums, i), counts: part(counts, i) }) : component,
    );
    return this.withParts(components);
  }
  override withoutStatistics(): this {
    return this.withParts(this.components.map((component) => component.withoutStatistics()));
  }

  propagate(call: Call, x: Tensor): Propagated {
    return { y: this.components.reduce((y, component, i) => component.propagate(new PartCall(call, i), y).y, x) };
  }

  backprop(call: Call, { x, y, dy, sink, wanted }: Backprop): Tensor | undefined {
    // Statistics were stored by propagate; this second pass stores none.
    const calls = this.components.map((_, i) => new PartCall(call, i));
    const inputs = [x];
    const memos: Propagated['memo'][] = [];
    this.components.forEach((component, i) => {
      const { y: next, memo } = component.propagate(calls[i]!.silent(), inputs[i]!);
      inputs.push(next);
      memos.push(memo);
    });
    inputs[this.components.length] = y;
    let derivative: Tensor | undefined = dy;
    for (let i = this.components.length - 1; i >= 0 && derivative; i--) {
      derivative = this.components[i]!.backprop(calls[i]!, {
        x: inputs[i]!,
        y: inputs[i + 1]!,
        dy: derivative,
        memo: memos[i],
        sink: sink && partSink(sink, i),
        wanted: wanted || i > 0,
      });
    }
    return derivative;
  }
}

const partSink = (sink: GradientSink, i: number): GradientSink => ({
  affine: (weights, bias, x, dy) =>
    sink.affine(prefix(i, weights), bias === undefined ? undefined : prefix(i, bias), x, dy),
  rows: (parameter, perRow) => sink.rows(prefix(i, parameter), perRow),
  whole: (parameter, gradient) => sink.whole(prefix(i, parameter), gradient),
});

/** The call of a part: names and keys are told apart by its place. */
class PartCall implements Call {
  readonly rectify = false;
  readonly rectified = false;
  readonly intoSum = false;
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly statistics: Statistics;

  constructor(
    private readonly whole: Call,
    private readonly i: number,
    readonly storeStatistics: boolean = whole.storeStatistics,
  ) {
    this.tensors = part(whole.tensors, i);
    const { statistics } = whole;
    this.statistics = {
      add: (name, values) => statistics.add(prefix(i, name), values),
      sum: (name) => statistics.sum(prefix(i, name)),
      count: (name) => statistics.count(prefix(i, name)),
      addCount: (name, by) => statistics.addCount(prefix(i, name), by),
    };
  }

  silent(): PartCall {
    return new PartCall(this.whole, this.i, false);
  }

  get engine(): Call['engine'] {
    return this.whole.engine;
  }
  get rows(): Call['rows'] {
    return this.whole.rows;
  }
  get training(): boolean {
    return this.whole.training;
  }
  draw(): number {
    return this.whole.draw();
  }
  prepared<T>(make: () => T): T {
    const all = this.whole.prepared(() => new Map<number, unknown>());
    if (!all.has(this.i)) all.set(this.i, make());
    return all.get(this.i) as T;
  }
  derived(name: string, make: () => Tensor): Tensor {
    return this.whole.derived(prefix(this.i, name), make);
  }
  rowIndex(key: string, make: () => Int32Array): RowIndex {
    return this.whole.rowIndex(prefix(this.i, key), make);
  }
  column(key: string, make: () => Float32Array): Tensor {
    return this.whole.column(prefix(this.i, key), make);
  }
}
