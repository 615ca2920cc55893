import { mergeableNnetChainExamples, nnetChainExampleHolder } from '@jebena/egs';
import type { Program } from '../program.js';
import { mergeEgs } from './merge-egs.js';

export const program: Program<any> = mergeEgs(
  'nnet3-chain-merge-egs',
  '64',
  nnetChainExampleHolder,
  mergeableNnetChainExamples,
);
