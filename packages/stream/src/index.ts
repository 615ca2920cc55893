export { breathe } from './breathe.js';
export { collect, map, mapValues } from './map.js';
export { prefetch } from './prefetch.js';
export { type Item, type Source, type Stage, type StageOptions, type Transformer, stage } from './stage.js';
