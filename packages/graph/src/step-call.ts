import type { Engine, RowIndex, Tensor } from '@jebena/engine';
import type { Call, Rows } from './component.js';
import type { LoadedComponent } from './loaded-component.js';
import type { PartedComponent } from './parted-component.js';
import { mixSeed } from './random.js';

/** The call of one step of a plan: what a component sees, with what it works out once per plan. */
export class StepCall implements Call {
  training = false;
  storeStatistics = false;
  private seed = 0;
  private draws = 0;
  private host: unknown;
  private readonly indexes = new Map<unknown, RowIndex>();
  private readonly columns = new Map<string, Tensor>();

  constructor(
    readonly engine: Engine,
    readonly loaded: LoadedComponent,
    readonly rows: Rows,
    private readonly number: number,
    readonly rectify = false,
    readonly rectified = false,
    readonly intoSum = false,
    /** The component, where it is given its input as the parts that the step reads. */
    readonly parted: PartedComponent | undefined = undefined,
  ) {}

  get tensors(): Readonly<Record<string, Tensor>> {
    return this.loaded.tensors;
  }
  get statistics(): LoadedComponent['statistics'] {
    return this.loaded.statistics;
  }
  get derived(): LoadedComponent['derived'] {
    return this.loaded.derived;
  }

  begin(options: { training: boolean; storeStatistics: boolean; seed: number }, direction: number): this {
    this.training = options.training;
    this.storeStatistics = options.storeStatistics;
    this.seed = mixSeed(options.seed, this.number, direction);
    this.draws = 0;
    return this;
  }

  draw(): number {
    return mixSeed(this.seed, this.draws++);
  }

  readonly prepared = <T>(make: () => T): T => (this.host ??= make()) as T;

  readonly rowIndex = (key: unknown, make: () => Int32Array): RowIndex => {
    let index = this.indexes.get(key);
    if (!index) this.indexes.set(key, (index = this.engine.keep(this.engine.rowIndex(make()))));
    return index;
  };

  readonly column = (key: string, make: () => Float32Array): Tensor => {
    let column = this.columns.get(key);
    if (!column) {
      const data = make();
      this.columns.set(key, (column = this.engine.keep(this.engine.tensor(data.length, 1, data))));
    }
    return column;
  };

  /** Whether a tensor is one that the component keeps over calls. */
  isDerived(t: Tensor): boolean {
    return this.loaded.isDerived(t);
  }

  dispose(): void {
    this.engine.dispose(...this.indexes.values(), ...this.columns.values());
    this.indexes.clear();
    this.columns.clear();
  }
}
