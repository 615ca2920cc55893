import { accuracyProgram } from './accuracy-program.js';

export const program = accuracyProgram('lattice-to-mpe-post', 'mpfe');
