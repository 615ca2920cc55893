import type { ProgramList } from '../program.js';

/** The programs over @jebena/graph. */
export const programs: ProgramList = {};
