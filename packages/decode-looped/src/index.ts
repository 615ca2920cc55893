export { OnlineScores } from './online-scores.js';
export { recognise } from './recognise.js';
export {
  Recogniser,
  type RecogniserParts,
  RecogniserStream,
  type Recognition,
  type RecognisedWord,
} from './recogniser.js';
export { type RecogniserOptions, recogniserOptions } from './recogniser-options.js';
