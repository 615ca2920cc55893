export { createEngine } from './create-engine-node.js';
export { type EngineSetup, type SetUpOptions, addonFolder, setUpEngine } from './setup/set-up-engine.js';
