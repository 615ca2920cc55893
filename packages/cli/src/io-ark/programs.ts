import type { ProgramList } from '../program.js';

/** The programs over @jebena/io-ark. */
export const programs: ProgramList = {};
