export { KaldiIoError, type Place } from './errors.js';
export { formatFloat } from './format-float.js';
export { KaldiInput, parseNumber } from './kaldi-input.js';
export { KaldiOutput } from './kaldi-output.js';
export { type AnyMatrix, type AnyVector, type Matrix, matrix, row } from './matrix.js';
export { type Frame, FrameError, decodeFrame, encodeFrame } from './frame.js';
