export { readConfigFile, readModelFiles, readRecogniser } from './recogniser-folder.js';
export { RecognitionServer } from './recognition-server.js';
export { type ServeOptions, serveOptions } from './serve-options.js';
