export { readConfigFile, readRecogniser } from './recogniser-folder.js';
