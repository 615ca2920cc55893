import { AffineComponent, NaturalGradientAffineComponent } from './components/affine.js';
import { BackpropTruncationComponent } from './components/backprop-truncation.js';
import { BatchNormComponent } from './components/batch-norm.js';
import { BlockAffineComponent } from './components/block-affine.js';
import { ClipGradientComponent } from './components/clip-gradient.js';
import { CompositeComponent } from './components/composite.js';
import { ConstantComponent, ConstantFunctionComponent } from './components/constant-function.js';
import { ConvolutionComponent } from './components/convolution.js';
import { DistributeComponent } from './components/distribute.js';
import { DropoutComponent } from './components/dropout.js';
import { DropoutMaskComponent } from './components/dropout-mask.js';
import { ElementwiseProductComponent } from './components/elementwise-product.js';
import { FixedAffineComponent } from './components/fixed-affine.js';
import { FixedBiasComponent, FixedScaleComponent } from './components/fixed-scale.js';
import { GeneralDropoutComponent } from './components/general-dropout.js';
import { GruNonlinearityComponent, OutputGruNonlinearityComponent } from './components/gru-nonlinearity.js';
import { LinearComponent } from './components/linear.js';
import { LstmNonlinearityComponent } from './components/lstm-nonlinearity.js';
import { MaxpoolingComponent } from './components/maxpooling.js';
import { NoOpComponent } from './components/no-op.js';
import { NormalizeComponent } from './components/normalize.js';
import { PerElementOffsetComponent, ScaleAndOffsetComponent } from './components/per-element-offset.js';
import { NaturalGradientPerElementScaleComponent, PerElementScaleComponent } from './components/per-element-scale.js';
import { PermuteComponent } from './components/permute.js';
import { PnormComponent } from './components/pnorm.js';
import { RectifiedLinearComponent } from './components/rectified-linear.js';
import { NaturalGradientRepeatedAffineComponent, RepeatedAffineComponent } from './components/repeated-affine.js';
import { RestrictedAttentionComponent } from './components/restricted-attention.js';
import { SigmoidComponent, TanhComponent } from './components/sigmoid.js';
import { LogSoftmaxComponent, SoftmaxComponent } from './components/softmax.js';
import { SpecAugmentTimeMaskComponent } from './components/spec-augment-time-mask.js';
import { StatisticsExtractionComponent } from './components/statistics-extraction.js';
import { StatisticsPoolingComponent } from './components/statistics-pooling.js';
import { SumBlockComponent } from './components/sum-block.js';
import { SumGroupComponent } from './components/sum-group.js';
import { TdnnComponent } from './components/tdnn.js';
import { TimeHeightConvolutionComponent } from './components/time-height-convolution.js';
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
  BackpropTruncationComponent,
  DropoutComponent,
  DropoutMaskComponent,
  ElementwiseProductComponent,
  FixedBiasComponent,
  FixedScaleComponent,
  GruNonlinearityComponent,
  OutputGruNonlinearityComponent,
  LstmNonlinearityComponent,
  NormalizeComponent,
  PerElementOffsetComponent,
  ScaleAndOffsetComponent,
  NaturalGradientPerElementScaleComponent,
  PerElementScaleComponent,
  PermuteComponent,
  RestrictedAttentionComponent,
  SpecAugmentTimeMaskComponent,
  StatisticsExtractionComponent,
  StatisticsPoolingComponent,
  TimeHeightConvolutionComponent,
  BlockAffineComponent,
  ClipGradientComponent,
  CompositeComponent,
  ConstantComponent,
  ConstantFunctionComponent,
  ConvolutionComponent,
  DistributeComponent,
  MaxpoolingComponent,
  PnormComponent,
  NaturalGradientRepeatedAffineComponent,
  RepeatedAffineComponent,
  SumBlockComponent,
  SumGroupComponent,
];
