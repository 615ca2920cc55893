import { BackpropTruncationComponent } from '../components/backprop-truncation.js';
import { BatchNormComponent } from '../components/batch-norm.js';
import { ClipGradientComponent } from '../components/clip-gradient.js';
import { CompositeComponent } from '../components/composite.js';
import { DropoutComponent } from '../components/dropout.js';
import { DropoutMaskComponent } from '../components/dropout-mask.js';
import { FixedAffineComponent } from '../components/fixed-affine.js';
import { FixedBiasComponent, FixedScaleComponent } from '../components/fixed-scale.js';
import { GeneralDropoutComponent } from '../components/general-dropout.js';
import { NoOpComponent } from '../components/no-op.js';
import { NormalizeComponent } from '../components/normalize.js';
import { PermuteComponent } from '../components/permute.js';
import { SpecAugmentTimeMaskComponent } from '../components/spec-augment-time-mask.js';
import { SumBlockComponent } from '../components/sum-block.js';
import { count3, meanOf, rmsOf, short, summarize } from './summary.js';
import { type Teller, plain, tell } from './tell.js';

export const fixedTellers: readonly Teller[] = [
  tell(FixedAffineComponent, (c) => plain(c) + rmsOf('linear-params', c.linear.data) + meanOf('bias', c.bias)),
  tell(FixedScaleComponent, (c) => plain(c) + meanOf('scales', c.scales)),
  tell(FixedBiasComponent, (c) => plain(c) + meanOf('bias', c.bias)),
  tell(SumBlockComponent, (c) => `${plain(c)}, scale=${short(c.scale)}`),
  tell(PermuteComponent, (c) => {
    const shown = Array.from(c.columnMap.subarray(0, 5), (column) => `${column} `).join('');
    return `${c.type}, dim=${c.columnMap.length} , column-map=[ ${shown}${c.columnMap.length > 5 ? '... ' : ''}]`;
  }),
  tell(CompositeComponent, (c, told) => {
    const parts = c.components.map((component, i) => `sub-component${i + 1} = { ${told(component)} }`);
    return `${c.type} ${parts.join(', ')}`;
  }),
  tell(NoOpComponent, (c) => {
    const scale = c.backpropScale === 1 ? '' : `, backprop-scale=${short(c.backpropScale)}`;
    return `${c.type}, dim=${c.dim}${scale}`;
  }),
  tell(ClipGradientComponent, (c) => {
    const repair =
      c.repairScale === 0
        ? ''
        : `, self-repair-clipped-proportion-threshold=${short(c.repairThreshold)}, ` +
          `self-repair-target=${short(c.repairTarget)}, self-repair-scale=${short(c.repairScale)}`;
    return (
      `${c.type}, dim=${c.dim}, norm-based-clipping=${c.normBased}, clipping-threshold=${short(c.clippingThreshold)}, ` +
      `clipped-proportion=${short(c.count > 0 ? Math.fround(c.numClipped / c.count) : 0)}${repair}`
    );
  }),
  tell(BackpropTruncationComponent, (c) => {
    const share = (part: number, of: number): string => short(of > 0 ? part / of : 0);
    return (
      `${c.type}, dim=${c.dim}, scale=${short(c.scale)}, count=${count3(c.count)}, ` +
      `recurrence-interval=${c.recurrenceInterval}, clipping-threshold=${short(c.clippingThreshold)}, ` +
      `clipped-proportion=${share(c.numClipped, c.count)}, zeroing-threshold=${short(c.zeroingThreshold)}, ` +
      `zeroing-interval=${c.zeroingInterval}, zeroed-proportion=${share(c.numZeroed, c.zeroingBoundaries)}, ` +
      `count-zeroing-boundaries=${Math.trunc(c.zeroingBoundaries)}`
    );
  }),
  tell(NormalizeComponent, (c) => {
    const block = c.blockDim === c.inputDim ? '' : `, block-dim=${c.blockDim}`;
    return `${plain(c)}, target-rms=${short(c.targetRms)}, add-log-stddev=${c.addLogStddev}${block}`;
  }),
  tell(BatchNormComponent, (c) => {
    const head =
      `${c.type}, dim=${c.dim}, block-dim=${c.blockDim}, epsilon=${short(c.epsilon)}, ` +
      `target-rms=${short(c.targetRms)}, count=${short(c.count)}, test-mode=${c.testMode}`;
    if (c.count <= 0) return head;
    const stddev = c.variance.map((v) => Math.sqrt(Math.max(v, 0)));
    return `${head}, data-mean=${summarize(c.mean)}, data-stddev=${summarize(stddev)}`;
  }),
  tell(
    DropoutComponent,
    (c) =>
      `${c.type}, dim=${c.dim}, dropout-proportion=${short(c.dropoutProportion)}, dropout-per-frame=${c.dropoutPerFrame}`,
  ),
  tell(DropoutMaskComponent, (c) => {
    const continuous = c.continuous ? ', continuous=true' : '';
    return `${c.type}, output-dim=${c.outputDim}, dropout-proportion=${short(c.dropoutProportion)}${continuous}`;
  }),
  tell(GeneralDropoutComponent, (c) => {
    let text = `${c.type}, dim=${c.dim}, block-dim=${c.blockDim}, dropout-proportion=${short(c.dropoutProportion)}`;
    if (c.continuous) text += ', continuous=true';
    if (c.specAugmentMaxProportion !== 0) {
      text += `, specaugment-max-proportion=${short(c.specAugmentMaxProportion)}`;
      text += `, specaugment-max-regions=${c.specAugmentMaxRegions}`;
    }
    return c.timePeriod > 0 ? `${text}, time-period=${c.timePeriod}` : text;
  }),
  tell(
    SpecAugmentTimeMaskComponent,
    (c) =>
      `${c.type}, dim=${c.dim}, zeroed-proportion=${short(c.zeroedProportion)}, time-mask-max-frames=${c.timeMaskMaxFrames}`,
  ),
];
