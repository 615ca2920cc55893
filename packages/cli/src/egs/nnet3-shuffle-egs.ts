import { nnetExampleHolder } from '@jebena/egs';
import type { Program } from '../program.js';
import { shuffleEgs } from './shuffle-egs.js';

export const program: Program<any> = shuffleEgs('nnet3-shuffle-egs', nnetExampleHolder);
