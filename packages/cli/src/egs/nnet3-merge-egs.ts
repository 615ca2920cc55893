import { mergeableNnetExamples, nnetExampleHolder } from '@jebena/egs';
import type { Program } from '../program.js';
import { mergeEgs } from './merge-egs.js';

export const program: Program<any> = mergeEgs('nnet3-merge-egs', '256', nnetExampleHolder, mergeableNnetExamples);
