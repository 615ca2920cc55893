import { AffineComponent, NaturalGradientAffineComponent } from './components/affine.js';
import { BatchNormComponent } from './components/batch-norm.js';
import { FixedAffineComponent } from './components/fixed-affine.js';
import { GeneralDropoutComponent } from './components/general-dropout.js';
import { LinearComponent } from './components/linear.js';
import { NoOpComponent } from './components/no-op.js';
import { RectifiedLinearComponent } from './components/rectified-linear.js';
import { SigmoidComponent, TanhComponent } from './components/sigmoid.js';
import { LogSoftmaxComponent, SoftmaxComponent } from './components/softmax.js';
import { TdnnComponent } from './components/tdnn.js';
import type { ComponentType } from './component.js';

/** The component types of nnet3. A new one is a file and a line here. */
export const nnet3Components: readonly ComponentType[] = [
  AffineComponent,
  NaturalGradientAffineComponent,
  BatchNormComponent,
  FixedAffineComponent,
  GeneralDropoutComponent,
  LinearComponent,
  NoOpComponent,
  RectifiedLinearComponent,
  SigmoidComponent,
  TanhComponent,
  SoftmaxComponent,
  LogSoftmaxComponent,
  TdnnComponent,
];
