import { programs as chain } from './chain/programs.js';
import { programs as decode } from './decode/programs.js';
import { programs as decodeLooped } from './decode-looped/programs.js';
import { programs as egs } from './egs/programs.js';
import { programs as engine } from './engine/programs.js';
import { programs as features } from './features/programs.js';
import { programs as graph } from './graph/programs.js';
import { programs as hmm } from './hmm/programs.js';
import { programs as ioArk } from './io-ark/programs.js';
import { programs as train } from './train/programs.js';
import { programs as wfst } from './wfst/programs.js';
import type { ProgramList } from './program.js';

/** Every program of `jebena`, by name. */
export const programs: ProgramList = {
  ...ioArk,
  ...features,
  ...engine,
  ...graph,
  ...chain,
  ...egs,
  ...train,
  ...wfst,
  ...hmm,
  ...decode,
  ...decodeLooped,
};
