export { addWordsToModel, modelWords, type ModelWords } from './add-words.js';
export { type EndPointOptions, endPointOptions, EndPointer, type EndPointState, endPointState } from './end-point.js';
export { EventStream, type EventStreamState } from './event-stream.js';
export { ChunkComputer } from './chunk-computer.js';
export { type CmvnParts, FrontEnd, type FrontEndOptions, type FrontEndState } from './front-end.js';
export { joinRows, OnlineScores, type OnlineScoresOptions, type OnlineScoresState } from './online-scores.js';
export { type ModelFiles, packModel, unpackModel } from './pack-model.js';
export { recognise } from './recognise.js';
export { Pcm16 } from './pcm16.js';
export { recogniseStream, type RecogniseStreamOptions } from './recognise-stream.js';
export { type PhraseGraph, withinPhrases } from './phrases.js';
export type { Alternative, FinalEvent, PartialEvent, RecognitionEvent, TimedWord } from './recognition-event.js';
export {
  Recogniser,
  type RecogniserParts,
  RecogniserStream,
  type Recognition,
  type RecognisedWord,
} from './recogniser.js';
export { type ModelFile, parseConfig, recogniserFrom } from './recogniser-files.js';
export { type RecogniserOptions, recogniserOptions } from './recogniser-options.js';
export type { StreamOptions } from './stream-options.js';
export { Transcript, type TranscriptFormat, transcriptFormats } from './transcript.js';
export { ProtocolError, type SessionAnswer, VoskSession } from './vosk-session.js';
