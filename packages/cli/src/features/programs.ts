import type { ProgramList } from '../program.js';

/** The programs over @jebena/features. */
export const programs: ProgramList = {};
