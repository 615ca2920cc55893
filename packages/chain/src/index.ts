export { mergeSupervisions } from './merge-supervision.js';
export { readSupervision, type Supervision, supervisionHolder, writeSupervision } from './supervision.js';
