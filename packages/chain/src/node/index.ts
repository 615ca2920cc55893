export { threadedDenominator } from './threaded-denominator.js';
