import { nnetChainExampleHolder } from '@jebena/egs';
import type { Program } from '../program.js';
import { shuffleEgs } from './shuffle-egs.js';

export const program: Program<any> = shuffleEgs('nnet3-chain-shuffle-egs', nnetChainExampleHolder);
