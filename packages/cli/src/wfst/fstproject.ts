import { bool, choice, defineOptions } from '@jebena/options';
import { project } from '@jebena/wfst';
import { fstProgram } from './fst-program.js';

export const program = fstProgram({
  name: 'fstproject',
  summary: 'Makes the acceptor of the input or output strings.',
  options: defineOptions({
    projectType: choice('input', ['input', 'output'], 'Which side'),
    projectOutput: bool(false, 'The output side'),
  }),
  apply: ([fst], { projectType, projectOutput }) => project(fst!, projectOutput ? 'output' : projectType),
});
