import { AffineComponent, NaturalGradientAffineComponent } from '../components/affine.js';
import { BlockAffineComponent } from '../components/block-affine.js';
import { LinearComponent } from '../components/linear.js';
import { RepeatedAffineComponent } from '../components/repeated-affine.js';
import { TdnnComponent } from '../components/tdnn.js';
import { meanOf, normsOf, rmsOf, short } from './summary.js';
import { type Teller, tell, updatable } from './tell.js';

const orthonormal = (scale: number): string => (scale === 0 ? '' : `, orthonormal-constraint=${short(scale)}`);

const affine = (c: AffineComponent): string =>
  updatable(c) + orthonormal(c.orthonormalConstraint) + normsOf('linear-params', c.linear) + meanOf('bias', c.bias);

interface Preconditioned {
  readonly rankIn: number;
  readonly rankOut: number;
  readonly numSamplesHistory: number;
  readonly updatePeriod: number;
  readonly alpha: number;
}
const preconditioned = (c: Preconditioned): string =>
  `, rank-in=${c.rankIn}, rank-out=${c.rankOut}, num-samples-history=${short(c.numSamplesHistory)}, ` +
  `update-period=${c.updatePeriod}, alpha=${short(c.alpha)}`;

export const affineTellers: readonly Teller[] = [
  tell(AffineComponent, affine),
  tell(NaturalGradientAffineComponent, (c) => affine(c) + preconditioned(c)),
  tell(LinearComponent, (c) => {
    const constraint = orthonormal(c.orthonormalConstraint);
    const gradient = `, use-natural-gradient=${c.useNaturalGradient}${preconditioned(c)}`;
    return updatable(c) + normsOf('params', c.linear) + constraint + gradient;
  }),
  tell(TdnnComponent, (c) => {
    const head = `${updatable(c)}${orthonormal(c.orthonormalConstraint)}, time-offsets=${c.timeOffsets.join(',')}`;
    const bias = c.bias.length === 0 ? ', has-bias=false' : meanOf('bias', c.bias);
    const gradient = c.useNaturalGradient
      ? `, rank-in=${c.rankIn}, rank-out=${c.rankOut}, num-samples-history=${short(c.numSamplesHistory)}, ` +
        `update-period=4, alpha-in=${short(c.alphaIn)}, alpha-out=${short(c.alphaOut)}`
      : ', use-natural-gradient=false';
    return head + normsOf('linear-params', c.linear) + bias + gradient;
  }),
  tell(
    RepeatedAffineComponent,
    (c) => `${updatable(c)}, num-repeats=${c.blocks}${rmsOf('linear-params', c.linear.data)}${meanOf('bias', c.bias)}`,
  ),
  tell(
    BlockAffineComponent,
    (c) => `${updatable(c)}, num-blocks=${c.blocks}${rmsOf('linear-params', c.linear.data)}${meanOf('bias', c.bias)}`,
  ),
];
