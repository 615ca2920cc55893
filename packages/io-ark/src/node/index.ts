export * from './tables.js';
export { type NodeStorageOptions, nodeStorage, rangedFile } from './node-storage.js';
export { fileSink } from './file-sink.js';
export { fixDataDir, makeDataDir, readDataDir, validateDataDir, writeDataDir } from './data-dir.js';
