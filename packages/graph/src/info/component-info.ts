import { type Component, type ComponentType, UpdatableComponent } from '../component.js';
import { AffineComponent, NaturalGradientAffineComponent } from '../components/affine.js';
import { BatchNormComponent } from '../components/batch-norm.js';
import { FixedAffineComponent } from '../components/fixed-affine.js';
import { GeneralDropoutComponent } from '../components/general-dropout.js';
import { LinearComponent } from '../components/linear.js';
import { NoOpComponent } from '../components/no-op.js';
import { NonlinearComponent } from '../components/nonlinear.js';
import { TdnnComponent } from '../components/tdnn.js';
import { formatFloat } from '@jebena/io-ark';
import { meanOf, normsOf, rmsOf, short, summarize } from './summary.js';

/**
 * What nnet3-info says of a component: its type, dimensions, settings, and sums over its parameters. A type that is
 * not Kaldi's is told by its dimensions.
 */
export function componentInfo(component: Component): string {
  for (let type = component.constructor; typeof type === 'function'; type = Object.getPrototypeOf(type)) {
    const tell = tellers.get(type);
    if (tell) return tell(component);
  }
  return component instanceof UpdatableComponent ? updatable(component) : plain(component);
}

const tellers = new Map<unknown, (component: any) => string>();
type Abstract<C> = (abstract new () => C) | (ComponentType & (new () => C));
function tell<C extends Component>(type: Abstract<C>, text: (component: C) => string): void {
  tellers.set(type, text);
}

const dims = (c: Component): string => `input-dim=${c.inputDim}, output-dim=${c.outputDim}`;
const plain = (c: Component): string => `${c.type}, ${dims(c)}`;

/** What all updatable components begin with. */
function updatable(c: UpdatableComponent): string {
  const parts = [`${plain(c)}, learning-rate=${short(c.learningRate)}`];
  if (c.isGradient) parts.push('is-gradient=true');
  if (c.l2Regularize !== 0) parts.push(`l2-regularize=${short(c.l2Regularize)}`);
  if (c.learningRateFactor !== 1) parts.push(`learning-rate-factor=${short(c.learningRateFactor)}`);
  if (c.maxChange > 0) parts.push(`max-change=${short(c.maxChange)}`);
  return parts.join(', ');
}

const count3 = (count: number): string => formatFloat(count, 3);
const orthonormal = (scale: number): string => (scale === 0 ? '' : `, orthonormal-constraint=${short(scale)}`);

tell(NonlinearComponent, (c) => {
  const unset = -1000;
  let text = `${c.type}, dim=${c.dim}`;
  if (c.blockDim !== c.dim) text += `, block-dim=${c.blockDim}`;
  if (c.selfRepairLower !== unset) text += `, self-repair-lower-threshold=${short(c.selfRepairLower)}`;
  if (c.selfRepairUpper !== unset) text += `, self-repair-upper-threshold=${short(c.selfRepairUpper)}`;
  if (c.selfRepairScale !== 0) text += `, self-repair-scale=${short(c.selfRepairScale)}`;
  if (c.count > 0 && c.valueAvg.length === c.dim) {
    const proportion = c.numDimsProcessed > 0 ? c.numDimsSelfRepaired / c.numDimsProcessed : 0;
    text += `, count=${count3(c.count)}, self-repaired-proportion=${short(proportion)}`;
    text += `, value-avg=${summarize(c.valueAvg)}`;
    if (c.derivAvg.length === c.dim) text += `, deriv-avg=${summarize(c.derivAvg)}`;
  }
  if (c.oderivCount > 0 && c.oderivRms.length === c.dim) {
    text += `, oderiv-rms=${summarize(c.oderivRms)}, oderiv-count=${short(c.oderivCount)}`;
  }
  return text;
});

tell(
  AffineComponent,
  (c) =>
    updatable(c) + orthonormal(c.orthonormalConstraint) + normsOf('linear-params', c.linear) + meanOf('bias', c.bias),
);

tell(
  NaturalGradientAffineComponent,
  (c) =>
    `${tellers.get(AffineComponent)!(c)}, rank-in=${c.rankIn}, rank-out=${c.rankOut}, ` +
    `num-samples-history=${short(c.numSamplesHistory)}, update-period=${c.updatePeriod}, alpha=${short(c.alpha)}`,
);

tell(
  LinearComponent,
  (c) =>
    `${updatable(c)}${normsOf('params', c.linear)}${orthonormal(c.orthonormalConstraint)}, ` +
    `use-natural-gradient=${c.useNaturalGradient}, rank-in=${c.rankIn}, rank-out=${c.rankOut}, ` +
    `num-samples-history=${short(c.numSamplesHistory)}, update-period=${c.updatePeriod}, alpha=${short(c.alpha)}`,
);

tell(TdnnComponent, (c) => {
  const head = `${updatable(c)}${orthonormal(c.orthonormalConstraint)}, time-offsets=${c.timeOffsets.join(',')}`;
  const bias = c.bias.length === 0 ? ', has-bias=false' : meanOf('bias', c.bias);
  const gradient = c.useNaturalGradient
    ? `, rank-in=${c.rankIn}, rank-out=${c.rankOut}, num-samples-history=${short(c.numSamplesHistory)}, ` +
      `update-period=4, alpha-in=${short(c.alphaIn)}, alpha-out=${short(c.alphaOut)}`
    : ', use-natural-gradient=false';
  return head + normsOf('linear-params', c.linear) + bias + gradient;
});

tell(FixedAffineComponent, (c) => plain(c) + rmsOf('linear-params', c.linear.data) + meanOf('bias', c.bias));

tell(NoOpComponent, (c) => {
  const scale = c.backpropScale === 1 ? '' : `, backprop-scale=${short(c.backpropScale)}`;
  return `${c.type}, dim=${c.dim}${scale}`;
});

tell(BatchNormComponent, (c) => {
  const head =
    `${c.type}, dim=${c.dim}, block-dim=${c.blockDim}, epsilon=${short(c.epsilon)}, ` +
    `target-rms=${short(c.targetRms)}, count=${short(c.count)}, test-mode=${c.testMode}`;
  if (c.count <= 0) return head;
  const stddev = c.variance.map((v) => Math.sqrt(Math.max(v, 0)));
  return `${head}, data-mean=${summarize(c.mean)}, data-stddev=${summarize(stddev)}`;
});

tell(GeneralDropoutComponent, (c) => {
  let text = `${c.type}, dim=${c.dim}, block-dim=${c.blockDim}, dropout-proportion=${short(c.dropoutProportion)}`;
  if (c.continuous) text += ', continuous=true';
  if (c.specAugmentMaxProportion !== 0) {
    text += `, specaugment-max-proportion=${short(c.specAugmentMaxProportion)}`;
    text += `, specaugment-max-regions=${c.specAugmentMaxRegions}`;
  }
  return c.timePeriod > 0 ? `${text}, time-period=${c.timePeriod}` : text;
});
