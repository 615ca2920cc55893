export { ShardFile } from './shard-file.js';
export { shardMinibatches, type ShardMinibatchesOptions } from './shard-minibatches.js';
