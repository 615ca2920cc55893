import { bool, defineOptions, int, text } from '@jebena/options';
import { compilerOptions } from '../graph/compiler-options.js';

const idle = "For Kaldi's sake; what it steers has no counterpart here";

/** What Kaldi's scripts give programs of training besides: taken, without effect. */
export const scriptOptions = defineOptions({
  useGpu: text('yes', 'yes|no|optional|wait; what computes is said by --engine'),
  readCache: text('', idle),
  writeCache: text('', idle),
  'compiler.useShortcut': bool(true, idle),
  'compiler.cacheCapacity': int(64, idle),
  ...compilerOptions,
});
