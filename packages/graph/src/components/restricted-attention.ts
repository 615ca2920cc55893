import type { Tensor } from '@jebena/engine';
import type { Matrix } from '@jebena/io-ark';
import {
  type Backprop,
  type Call,
  Component,
  type HostStatistics,
  type Propagated,
  rowMatrix,
  type Start,
} from '../component.js';
import { type Field, field } from '../fields.js';
import { type Index, shift } from '../indexes.js';
import { mapRows, positionsOf, type RowMap, rowMap, unmapRows } from '../row-map.js';

const noMatrix: Matrix<Float64Array> = { rows: 0, cols: 0, data: new Float64Array(0) };

/**
 * Self-attention over a few frames to the left and right (Povey et al., 2018). Each head reads a key, a value and a
 * query; the query also has a bias for each position in the window. Out: the weighted values and, with
 * outputContext, the weights.
 */
export class RestrictedAttentionComponent extends Component {
  static override readonly type: string = 'RestrictedAttentionComponent';
  static override readonly fields: readonly Field[] = [
    field('<NumHeads>', 'int', 'numHeads'),
    field('<KeyDim>', 'int', 'keyDim'),
    field('<ValueDim>', 'int', 'valueDim'),
    field('<NumLeftInputs>', 'int', 'numLeftInputs'),
    field('<NumRightInputs>', 'int', 'numRightInputs'),
    field('<TimeStride>', 'int', 'timeStride'),
    field('<NumLeftInputsRequired>', 'int', 'numLeftInputsRequired'),
    field('<NumRightInputsRequired>', 'int', 'numRightInputsRequired'),
    field('<OutputContext>', 'bool', 'outputContext'),
    field('<KeyScale>', 'float', 'keyScale'),
    field('<StatsCount>', 'double', 'statsCount'),
    field('<EntropyStats>', 'doubles', 'entropyStats'),
    field('<PosteriorStats>', 'doubleMatrix', 'posteriorStats'),
  ];
  numHeads = 1;
  keyDim = 0;
  valueDim = 0;
  numLeftInputs = 0;
  numRightInputs = 0;
  timeStride = 1;
  numLeftInputsRequired = 0;
  numRightInputsRequired = 0;
  outputContext = true;
  keyScale = 1;
  statsCount = 0;
  entropyStats: Float64Array = new Float64Array(0);
  posteriorStats: Matrix<Float64Array> = noMatrix;
  override readonly simple = false;
  override readonly needs: { x: boolean; y: boolean } = { x: true, y: false };

  get contextDim(): number {
    return this.numLeftInputs + 1 + this.numRightInputs;
  }
  private get headIn(): number {
    return 2 * this.keyDim + this.valueDim + this.contextDim;
  }
  private get headOut(): number {
    return this.valueDim + (this.outputContext ? this.contextDim : 0);
  }
  get inputDim(): number {
    return this.numHeads * this.headIn;
  }
  get outputDim(): number {
    return this.numHeads * this.headOut;
  }

  configure({ config }: Start): void {
    this.keyDim = config.positive('key-dim');
    this.valueDim = config.positive('value-dim');
    this.numLeftInputs = config.int('num-left-inputs');
    this.numRightInputs = config.int('num-right-inputs');
    this.numHeads = config.positive('num-heads', 1);
    this.timeStride = config.positive('time-stride', 1);
    const required = (key: string, all: number): number => {
      const value = config.int(key, -1);
      return value < 0 ? all : value;
    };
    this.numLeftInputsRequired = required('num-left-inputs-required', this.numLeftInputs);
    this.numRightInputsRequired = required('num-right-inputs-required', this.numRightInputs);
    this.outputContext = config.bool('output-context', true);
    const scale = config.float('key-scale', -1);
    this.keyScale = scale < 0 ? 1 / Math.sqrt(this.keyDim) : scale;
    const { numLeftInputs: left, numRightInputs: right } = this;
    if (left < 0 || right < 0 || left + right === 0)
      config.fail(`expected num-left-inputs and num-right-inputs not both 0, found ${left} and ${right}`);
    if (this.numLeftInputsRequired > left || this.numRightInputsRequired > right)
      config.fail(`expected no more inputs required than there are, found otherwise`);
  }

  /** Offsets in time of the window. */
  private get window(): number[] {
    return Array.from({ length: this.contextDim }, (_, i) => (i - this.numLeftInputs) * this.timeStride);
  }

  override inputIndexes(output: Index): readonly Index[] {
    return this.window.map((o) => shift(output, o));
  }

  override usedIndexes(output: Index, available: (input: Index) => boolean): readonly Index[] | undefined {
    const left = -this.numLeftInputsRequired * this.timeStride;
    const right = this.numRightInputsRequired * this.timeStride;
    for (let o = left; o <= right; o += this.timeStride) if (!available(shift(output, o))) return undefined;
    return this.inputIndexes(output).filter(available);
  }

  private maps({ rows, prepared }: Call): { window: RowMap[]; centre: RowMap } {
    return prepared(() => {
      const map = (o: number): RowMap =>
        rowMap(
          positionsOf(
            rows.outputs.map((at) => shift(at, o)),
            rows.inputs,
          ),
          rows.inputs.length,
        );
      return { window: this.window.map(map), centre: map(0) };
    });
  }

  private pick(call: Call, x: Tensor, map: RowMap): Tensor {
    return mapRows(call.engine, x, map, (rows) => call.rowIndex(rows, () => rows));
  }

  private unpick(call: Call, d: Tensor, map: RowMap): Tensor {
    return unmapRows(call.engine, d, map, (rows) => call.rowIndex(rows, () => rows));
  }

  /** Columns of head h: its keys, values, and the queries of the output frames. */
  private head(call: Call, x: Tensor, h: number): { keys: Tensor; values: Tensor; query: Tensor; bias: Tensor } {
    const { engine } = call;
    const { keyDim, valueDim, contextDim } = this;
    const start = h * this.headIn;
    const centre = this.pick(call, x, this.maps(call).centre);
    return {
      keys: engine.sliceCols(x, start, keyDim),
      values: engine.sliceCols(x, start + keyDim, valueDim),
      query: engine.sliceCols(centre, start + keyDim + valueDim, keyDim),
      bias: engine.sliceCols(centre, start + 2 * keyDim + valueDim, contextDim),
    };
  }

  propagate(call: Call, x: Tensor): Propagated {
    const { engine } = call;
    const { window } = this.maps(call);
    const out: Tensor[] = [];
    const memo: Record<string, Tensor> = {};
    for (let h = 0; h < this.numHeads; h++) {
      const { keys, values, query, bias } = this.head(call, x, h);
      const dots = window.map((map) => engine.sumCols(engine.binary('mul', query, this.pick(call, keys, map))));
      const c = engine.softmax(engine.addScaled(bias, engine.concatCols(dots), this.keyScale));
      const weighted = window.map((map, o) =>
        engine.binary('mul', this.pick(call, values, map), engine.sliceCols(c, o, 1)),
      );
      out.push(weighted.reduce((sum, w) => engine.intoAddScaled(sum, w, 1)));
      if (this.outputContext) out.push(c);
      memo[`c${h}`] = c;
    }
    const y = out.length === 1 ? out[0]! : engine.concatCols(out);
    this.store(call, memo);
    return { y, memo };
  }

  private store(call: Call, memo: Record<string, Tensor>): void {
    if (!call.storeStatistics) return;
    const { engine, statistics } = call;
    const heads = Object.values(memo);
    const rows = heads.map((c) => engine.sumRows(c));
    const entropies = heads.map((c) => {
      const logs = engine.unary('log', engine.binary('max', c, engine.full(1, 1, 1e-20)));
      return engine.scale(engine.sumAll(engine.binary('mul', c, logs)), -1);
    });
    statistics.add('posterior', rows.length === 1 ? rows[0]! : engine.concatRows(rows));
    statistics.add('entropy', entropies.length === 1 ? entropies[0]! : engine.concatCols(entropies));
    statistics.addCount('count', heads[0]!.rows);
  }

  backprop(call: Call, { x, dy, memo, wanted }: Backprop): Tensor | undefined {
    if (!wanted) return undefined;
    const { engine } = call;
    const { window, centre } = this.maps(call);
    const columns: Tensor[] = [];
    for (let h = 0; h < this.numHeads; h++) {
      const { keys, values, query } = this.head(call, x, h);
      const c = memo![`c${h}`]!;
      const dValue = engine.sliceCols(dy, h * this.headOut, this.valueDim);
      const dots = window.map((map) => engine.sumCols(engine.binary('mul', dValue, this.pick(call, values, map))));
      let dc = engine.concatCols(dots);
      if (this.outputContext)
        dc = engine.binary('add', dc, engine.sliceCols(dy, h * this.headOut + this.valueDim, this.contextDim));
      const mean = engine.sumCols(engine.binary('mul', c, dc));
      const db = engine.binary('mul', c, engine.binary('sub', dc, mean));
      const sum = (parts: Tensor[]): Tensor => parts.reduce((a, b) => engine.binary('add', a, b));
      const scaled = engine.scale(db, this.keyScale);
      const column = (t: Tensor, o: number): Tensor => engine.sliceCols(t, o, 1);
      const dQuery = sum(window.map((map, o) => engine.binary('mul', this.pick(call, keys, map), column(scaled, o))));
      const dKeys = sum(window.map((map, o) => this.unpick(call, engine.binary('mul', query, column(scaled, o)), map)));
      const dValues = sum(window.map((map, o) => this.unpick(call, engine.binary('mul', dValue, column(c, o)), map)));
      columns.push(dKeys, dValues, this.unpick(call, engine.concatCols([dQuery, db]), centre));
    }
    return engine.concatCols(columns);
  }

  /** The file holds sums, and not means as others do. */
  override statistics(): HostStatistics {
    const counts = { count: this.statsCount };
    if (this.entropyStats.length === 0) return { sums: {}, counts };
    const posterior = { ...this.posteriorStats, data: Float32Array.from(this.posteriorStats.data) };
    return { sums: { posterior, entropy: rowMatrix(Float32Array.from(this.entropyStats)) }, counts };
  }

  override withStatistics({ sums, counts }: HostStatistics): this {
    const { posterior, entropy } = sums;
    return this.with({
      statsCount: counts['count'] ?? 0,
      entropyStats: Float64Array.from(entropy?.data ?? []),
      posteriorStats: posterior ? { ...posterior, data: Float64Array.from(posterior.data) } : noMatrix,
    } as Partial<this>);
  }

  override withoutStatistics(): this {
    return this.withStatistics({ sums: {}, counts: {} });
  }
}
