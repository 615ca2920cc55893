export { type Slope, slopeOf, type SlopeOptions } from './slope.js';
export { testComponent, type TestComponentOptions } from './test-component.js';
