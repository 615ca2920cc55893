import { atLeast, choice, defineOptions, int, type OptionValues } from '@jebena/options';

/** The engines by name; `auto` takes the fastest that runs here. */
export const engineNames = ['auto', 'tensorflow', 'tfjs-wasm', 'tfjs-cpu', 'tfjs-webgl', 'tfjs-webgpu'] as const;
export type EngineName = (typeof engineNames)[number];

/** For programs: `--engine`, `--precision` and `--threads`. */
export const engineOptions = defineOptions({
  engine: choice<EngineName>('auto', engineNames, 'What computes'),
  precision: choice('float32', ['float32', 'mixed'], 'Products in float32, or in bfloat16 with float32 sums'),
  threads: int(0, 'Threads of the engine; 0 takes one for each core', atLeast(0)),
});

export interface EngineOptions extends Partial<OptionValues<typeof engineOptions>> {
  /** Where lines go that say what was chosen in place of what was asked; `console.warn` when left out. */
  readonly log?: (line: string) => void;
}
