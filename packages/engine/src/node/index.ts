export { createEngine } from './create-engine-node.js';
