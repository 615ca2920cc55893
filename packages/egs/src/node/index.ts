export { sampledMinibatches, type SampledMinibatchesOptions } from './sampled-minibatches.js';
export { ShardFile } from './shard-file.js';
export { shardMinibatches, type ShardMinibatchesOptions } from './shard-minibatches.js';
