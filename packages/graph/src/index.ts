export type { GradientSink } from './gradient-sink.js';
export type { ComputationRequest, FrameRange, IoRequest } from './request.js';
