import type { ProgramList } from '../program.js';

/** The programs over @jebena/hmm. */
export const programs: ProgramList = {};
