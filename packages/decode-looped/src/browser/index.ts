export { answerCalls, Caller, type Methods, type Port, RemoteError } from './calls.js';
export {
  createRecogniser,
  type CreateRecogniserOptions,
  WorkerRecogniser,
  type WorkerStreamOptions,
} from './create-recogniser.js';
export { Microphone, MicrophoneError, type MicrophoneErrorCode, type MicrophoneOptions } from './microphone.js';
export { microphoneWorklet } from '../microphone-worklet.js';
export { type ModelDescription, RecogniserHost, recogniserMethods, type RecogniserMethods } from './recogniser-host.js';
