import { ConvolutionComponent } from '../components/convolution.js';
import { MaxpoolingComponent } from '../components/maxpooling.js';
import { RestrictedAttentionComponent } from '../components/restricted-attention.js';
import { TimeHeightConvolutionComponent } from '../components/time-height-convolution.js';
import { meanOf, rmsOf, short } from './summary.js';
import { type Teller, plain, tell, updatable } from './tell.js';

export const convolutionTellers: readonly Teller[] = [
  tell(TimeHeightConvolutionComponent, (c) => {
    const pairs = Array.from({ length: c.offsets.length / 2 }, (_, i) => `${c.offsets[2 * i]},${c.offsets[2 * i + 1]}`);
    // There is no comma before num-filters-in, and the flag is a number: Kaldi prints it so.
    const model =
      ` num-filters-in=${c.numFiltersIn}, num-filters-out=${c.numFiltersOut}, height-in=${c.heightIn}, ` +
      `height-out=${c.heightOut}, height-subsample-out=${c.heightSubsampleOut}, {time,height}-offsets=[${pairs.join(' ')}], ` +
      `required-time-offsets=[${c.requiredTimeOffsets.join(',')}], input-dim=${c.inputDim}, output-dim=${c.outputDim}`;
    const gradient = c.useNaturalGradient
      ? `, num-minibatches-history=${short(c.numMinibatchesHistory)}, rank-in=${c.rankIn}, rank-out=${c.rankOut}, ` +
        `alpha=${short(c.alphaIn)}`
      : '';
    return (
      `${updatable(c)}${model}${rmsOf('filter-params', c.linear.data)}${meanOf('bias-params', c.bias)}, ` +
      `num-params=${c.parameterCount}, max-memory-mb=${short(c.maxMemoryMb)}, ` +
      `use-natural-gradient=${c.useNaturalGradient ? 1 : 0}${gradient}`
    );
  }),
  tell(
    ConvolutionComponent,
    (c) =>
      `${updatable(c)}, input-x-dim=${c.inputX}, input-y-dim=${c.inputY}, input-z-dim=${c.inputZ}, ` +
      `filt-x-dim=${c.filterX}, filt-y-dim=${c.filterY}, filt-x-step=${c.stepX}, filt-y-step=${c.stepY}, ` +
      `input-vectorization=${c.order}, num-filters=${c.filters.rows}${rmsOf('filter-params', c.filters.data)}` +
      meanOf('bias-params', c.bias),
  ),
  tell(
    MaxpoolingComponent,
    (c) =>
      `${c.type}, input-x-dim=${c.inputX}, input-y-dim=${c.inputY}, input-z-dim=${c.inputZ}, ` +
      `pool-x-size=${c.poolX}, pool-y-size=${c.poolY}, pool-z-size=${c.poolZ}, ` +
      `pool-x-step=${c.stepX}, pool-y-step=${c.stepY}, pool-z-step=${c.stepZ}`,
  ),
  tell(RestrictedAttentionComponent, (c) => {
    const head =
      `${plain(c)}, num-heads=${c.numHeads}, time-stride=${c.timeStride}, key-dim=${c.keyDim}, value-dim=${c.valueDim}, ` +
      `num-left-inputs=${c.numLeftInputs}, num-right-inputs=${c.numRightInputs}, context-dim=${c.contextDim}, ` +
      `num-left-inputs-required=${c.numLeftInputsRequired}, num-right-inputs-required=${c.numRightInputsRequired}, ` +
      `output-context=${c.outputContext}, key-scale=${short(c.keyScale)}`;
    if (c.statsCount === 0) return head;
    const mean = (values: Float64Array): string => Array.from(values, (v) => `${short(v / c.statsCount)},`).join('');
    const { cols, data } = c.posteriorStats;
    const heads = Array.from(
      { length: Math.min(5, c.numHeads) },
      (_, i) => ` posterior-stats[${i}]=${mean(data.subarray(i * cols, (i + 1) * cols))}`,
    );
    return `${head}, entropy=${mean(c.entropyStats)}${heads.join('')} stats-count=${short(c.statsCount)}`;
  }),
];
