import { nnetChainExampleHolder } from '@jebena/egs';
import type { Program } from '../program.js';
import { subsetEgs } from './subset-egs.js';

export const program: Program<any> = subsetEgs('nnet3-chain-subset-egs', nnetChainExampleHolder);
