export { engineCases, testCase, testEngine } from './test-engine.js';
