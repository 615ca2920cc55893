import type { ProgramList } from '../program.js';

/** The programs over @jebena/chain. */
export const programs: ProgramList = {};
