export * from './tables.js';
export { type NodeStorageOptions, nodeStorage, rangedFile } from './node-storage.js';
export { fileSink } from './file-sink.js';
