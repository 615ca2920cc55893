import { availableParallelism } from 'node:os';
import type { Engine, Precision } from '../../engine.js';
import { EngineError } from '../../errors.js';
import { KernelEngine } from '../../kernel-engine.js';
import { addonFolder } from '../setup/set-up-engine.js';
import { loadBinding } from './load-binding.js';
import { hasAmx, hasBfloat16 } from './has-bfloat16.js';
import { NativeKernels } from './native-kernels.js';
import { TensorflowKernels } from './tensorflow-kernels.js';

/**
 * The engine on libtensorflow, as set-up (`npm run setup`, or `jebena engine-setup`) built it. The first engine of a
 * process settles the number of threads.
 *
 * @throws EngineError `ERR_ENGINE_UNAVAILABLE` where set-up has made no addon
 */
export function tensorflowEngine(precision: Precision, threads: number, log: (line: string) => void): Engine {
  const folder = addonFolder();
  if (!folder) {
    const message = 'engine tensorflow: not set up here; run `npm run setup` or `jebena engine-setup`';
    throw new EngineError('ERR_ENGINE_UNAVAILABLE', message);
  }
  const binding = loadBinding(folder);
  binding.start(threads, '');
  const gpu = binding.devices().includes('GPU');
  if (gpu) binding.start(threads, '/device:GPU:0');
  const mixed = precision === 'mixed' && (gpu || hasBfloat16());
  if (precision === 'mixed' && !mixed) log('this CPU has neither avx512_bf16 nor AMX: going on in float32');
  const kinds = gpu || process.env['JEBENA_KERNELS'] === 'libtensorflow' ? TensorflowKernels : NativeKernels;
  const kernels = new kinds(binding, mixed ? 'mixed' : 'float32', threads || availableParallelism());
  if (kernels instanceof NativeKernels && hasAmx()) kernels.useAmx();
  return new KernelEngine(kernels);
}
