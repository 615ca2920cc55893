export { BeamSearch, type BestPath } from './beam-search.js';
export { DecodeError } from './errors.js';
export { SearchGraph } from './search-graph.js';
export { searchOptions } from './search-options.js';
export { compareWords, WordErrorRate, type WordComparison, type WordPair } from './word-errors.js';
