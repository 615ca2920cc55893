import type { ProgramList } from '../program.js';

/** The programs over @jebena/decode. */
export const programs: ProgramList = {};
