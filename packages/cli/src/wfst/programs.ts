import type { ProgramList } from '../program.js';

/** The programs over @jebena/wfst. */
export const programs: ProgramList = {};
