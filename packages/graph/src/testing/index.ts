export { type Slope, slopeOf, type SlopeOptions, wave } from './slope.js';
export { testComponent, type TestComponentOptions } from './test-component.js';
