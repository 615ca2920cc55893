import type { ProgramList } from '../program.js';

/** The programs over @jebena/decode-looped. */
export const programs: ProgramList = {
  recognise: () => import('./recognise.js'),
};
