import type { Tensor } from '@jebena/engine';
import { type Backprop, type Call, Component, type Propagated, type Start } from '../component.js';
import { type Field, field, flag } from '../fields.js';
import { Random } from '../random.js';

/** Zeroes stretches of frames of each sequence when training (SpecAugment in time; Park et al., 2019). */
export class SpecAugmentTimeMaskComponent extends Component {
  static override readonly type: string = 'SpecAugmentTimeMaskComponent';
  static override readonly fields: readonly Field[] = [
    field('<Dim>', 'int', 'dim'),
    field('<ZeroedProportion>', 'float', 'zeroedProportion'),
    field('<TimeMaskMaxFrames>', 'int', 'timeMaskMaxFrames'),
    flag('<TestMode>', 'testMode'),
  ];
  dim = 0;
  zeroedProportion = 0.25;
  timeMaskMaxFrames = 10;
  testMode = false;

  get inputDim(): number {
    return this.dim;
  }
  get outputDim(): number {
    return this.dim;
  }

  configure({ config }: Start): void {
    this.dim = config.positive('dim');
    this.zeroedProportion = config.float('zeroed-proportion', 0.25);
    this.timeMaskMaxFrames = config.positive('time-mask-max-frames', 10);
  }

  propagate(call: Call, x: Tensor): Propagated {
    if (!call.training || this.testMode || this.zeroedProportion === 0) return { y: x };
    const mask = call.engine.tensor(x.rows, 1, this.mask(call));
    return { y: call.engine.binary('mul', x, mask), memo: { mask } };
  }

  /** Kept and zeroed stretches by turns; which comes first is drawn. */
  private mask(call: Call): Float32Array {
    const { rows } = call;
    const random = new Random(call.draw());
    const z = this.zeroedProportion;
    const longestKept = Math.max(1, Math.floor((this.timeMaskMaxFrames * (1 - z)) / z));
    const frames = rows.outputs.length;
    const mask = new Float32Array(frames * rows.sequences).fill(1);
    for (let n = 0; n < rows.sequences; n++) {
      let t = random.uniform() < z ? random.int(1, longestKept) : 0;
      while (t < frames) {
        const end = Math.min(frames, t + random.int(1, this.timeMaskMaxFrames));
        for (; t < end; t++) mask[t * rows.sequences + n] = 0;
        t += random.int(1, longestKept);
      }
    }
    return mask;
  }

  backprop({ engine }: Call, { dy, memo, wanted }: Backprop): Tensor | undefined {
    if (!wanted) return undefined;
    return memo ? engine.binary('mul', dy, memo['mask']!) : dy;
  }
}
