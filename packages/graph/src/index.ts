export {
  type Backprop,
  type Call,
  Component,
  type ComponentType,
  type HostStatistics,
  type Propagated,
  type Rows,
  type Start,
  type Statistics,
  UpdatableComponent,
  updatableFields,
} from './component.js';
export { type BackpropParts, PartedComponent } from './parted-component.js';
export type { Computation } from './computation.js';
export { ConfigLine, configLines } from './config-line.js';
export type { Contexts } from './contexts.js';
export { type Descriptor, descriptorText, type Forwarding, type SumDescriptor, visitNodes } from './descriptor.js';
export { NetworkError, type NetworkErrorCode } from './errors.js';
export { type Field, field, type FieldKind, type FieldOptions, flag } from './fields.js';
export type { DerivativeTimes } from './derivative-times.js';
export { type AffineInput, affineGradient, blocksOf, type GradientSink, type Patches } from './gradient-sink.js';
export { extraOf, type Index, index, shift, timeOf } from './indexes.js';
export { Looped, type LoopedOptions, type LoopedState, LoopedStream } from './looped.js';
export { Model } from './model.js';
export { Network, nodeLine } from './network.js';
export type { ConfigOptions } from './network-config.js';
export type { ComponentNode, DimRangeNode, InputNode, NetworkNode, ObjectiveType, OutputNode } from './network-node.js';
export { AcousticModel, readNetworkFile } from './acoustic-model.js';
export { forward, ForwardPass, type Utterance } from './forward.js';
export { forwardOptions, type ForwardPassOptions } from './forward-options.js';
export { forInference, type InferenceOptions } from './inference.js';
export { parseDescriptor } from './parse-descriptor.js';
export type { ForwardOptions, Pass } from './pass.js';
export { componentTypes } from './component-types.js';
export { registerComponent } from './registry.js';
export type { ComputationRequest, FrameRange, IoRequest } from './request.js';
export type { NaturalGradientSettings, Parameter, TrainableComponent } from './trainable.js';
export * from './xconfig/index.js';
export { type LayerDescription, type NetworkDescription, describe, describeText } from './drawing/describe.js';
export { infoToDot, type InfoDotOptions } from './drawing/info-dot.js';
export { networkToDot, networkToSvg } from './drawing/network-picture.js';
export type { PictureOptions } from './drawing/picture-dot.js';
export { dotToSvg } from './drawing/svg.js';
export { componentInfo } from './info/component-info.js';
export { acousticModelInfo, networkInfo } from './info/network-info.js';
export { editNetwork, type EditOptions } from './edits/edit-network.js';
export { freezeLayers, type LayerSettings, setLayers } from './edits/layers.js';
export { namePattern } from './edits/name-pattern.js';
export {
  combineNetworks,
  repeatedToBlockAffine,
  scaleNetwork,
  setBatchNormTestMode,
  setDropoutTestMode,
  setLearningRate,
} from './edits/network-changes.js';
