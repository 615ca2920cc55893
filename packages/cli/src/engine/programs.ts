import type { ProgramList } from '../program.js';

/** The programs over @jebena/engine. */
export const programs: ProgramList = {
  'engine-setup': () => import('./engine-setup.js'),
};
