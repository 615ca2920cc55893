export type { GradientSink } from './gradient-sink.js';
export type { ForwardOptions, Pass } from './pass.js';
export type { ComputationRequest, FrameRange, IoRequest } from './request.js';
export type { NaturalGradientSettings, Parameter, TrainableComponent } from './trainable.js';
export * from './xconfig/index.js';
