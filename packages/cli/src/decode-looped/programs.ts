import type { ProgramList } from '../program.js';

/** The programs over @jebena/decode-looped. */
export const programs: ProgramList = {
  listen: () => import('./listen.js'),
  recognise: () => import('./recognise.js'),
  serve: () => import('./serve.js'),
  transcribe: () => import('./transcribe.js'),
};
