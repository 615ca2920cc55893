import type { ProgramList } from '../program.js';

/** The programs over @jebena/egs. */
export const programs: ProgramList = {};
