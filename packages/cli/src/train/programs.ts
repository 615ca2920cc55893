import type { ProgramList } from '../program.js';

/** The programs over @jebena/train. */
export const programs: ProgramList = {};
