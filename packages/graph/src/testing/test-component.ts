import type { Engine } from '@jebena/engine';
import { UpdatableComponent } from '../component.js';
import { Network } from '../network.js';
import { slopeOf, wave } from './slope.js';

export interface TestComponentOptions {
  /** Bytes of files that the config line names. */
  readonly file?: (path: string) => Uint8Array;
  /** What the component reads; default `input`. */
  readonly input?: string;
  /** Dimension of the input node; default: the component's. */
  readonly inputDim?: number;
  /** Frames between outputs, for components that have one every few frames. */
  readonly stride?: number;
  /** Relative tolerance of gradients; default 0.02. */
  readonly tolerance?: number;
  /** False for components whose backprop is not the derivative on purpose (scaled, truncated, masked). */
  readonly gradients?: boolean;
  /** False for components whose use of later frames depends on the chunk (optional right context). */
  readonly looped?: boolean;
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((v, i) => v === b[i]);

/**
 * What every component must do, as a check to call in a test: its files are read and written back alike in both
 * forms; backprop gives the numeric gradients of data and of each parameter; and a stream in chunks gives what one
 * pass gives.
 *
 * @param line the keys of a component's config line: `type=TanhComponent dim=4`
 * @throws Error that says which of them failed
 * @example
 * ```ts
 * test('my component', () => testComponent('type=SwishComponent dim=4', engine));
 * ```
 */
export async function testComponent(line: string, engine: Engine, options: TestComponentOptions = {}): Promise<void> {
  const { file, input = 'input', stride = 1, tolerance = 0.02 } = options;
  const config = (dim: number): string =>
    `component name=c ${line}\ninput-node name=input dim=${dim}\ncomponent-node name=c component=c input=${input}\noutput-node name=output input=c`;
  const network = (text: string): Network => Network.fromConfig(text, file ? { seed: 3, file } : { seed: 3 });
  const alone = network(`component name=c ${line}\ninput-node name=input dim=1\noutput-node name=output input=input`);
  const component = alone.component('c');
  const whole = network(config(options.inputDim ?? (component.inputDim || 1)));

  for (const binary of [true, false]) {
    const bytes = whole.toBytes({ binary });
    if (!equal(Network.fromBytes(bytes, 'its own file').toBytes({ binary }), bytes))
      throw new Error(`${component.type}: expected its ${binary ? 'binary' : 'text'} file to be written back alike`);
  }

  if (options.gradients !== false) {
    const parameters = component instanceof UpdatableComponent && component.updatable ? component.parameters() : {};
    for (const name of ['input', ...Object.keys(parameters).map((p) => `c.${p}`)]) {
      const { backprop, numeric, size } = await slopeOf(whole, engine, {
        frames: 6,
        stride,
        step: 1e-3,
        moves: (moved) => moved === name,
      });
      if (!(Math.abs(backprop - numeric) <= tolerance * (size + 0.1)))
        throw new Error(`${component.type}: expected a gradient of ${name} of ${numeric}, found ${backprop}`);
    }
  }
  if (options.looped !== false) await loopedAsWhole(whole, engine, component.type, stride);
}

/** Runs four chunks of a stream and one pass over it. */
async function loopedAsWhole(network: Network, engine: Engine, type: string, stride: number): Promise<void> {
  const model = network.load(engine);
  const looped = model.looped({ framesPerChunk: 3 * stride, frameSubsamplingFactor: stride });
  const stream = looped.stream();
  const dim = network.inputDim();
  const chunks = 4;
  const frames = looped.firstFrames + (chunks - 1) * looped.chunk;
  const feats = wave(frames * dim, 0.37, 1);
  const pieces: number[] = [];
  for (let k = 0, at = 0; k < chunks; k++) {
    const count = k === 0 ? looped.firstFrames : looped.chunk;
    const input = engine.tensor(count, dim, feats.slice(at * dim, (at + count) * dim));
    at += count;
    const pass = stream.advance({ input });
    pieces.push(...(await engine.read(pass.output('output'))));
    pass.dispose();
    engine.dispose(input);
  }
  stream.dispose();
  const input = engine.tensor(frames, dim, feats);
  const pass = model
    .compute({
      sequences: 1,
      inputs: [{ name: 'input', first: -looped.leftContext, count: frames, stride: 1 }],
      outputs: [{ name: 'output', first: 0, count: chunks * looped.outputFrames, stride }],
    })
    .forward({ input });
  const whole = await engine.read(pass.output('output'));
  pass.dispose();
  engine.dispose(input);
  model.dispose();
  const apart = pieces.findIndex((v, i) => !(Math.abs(v - whole[i]!) < 1e-4 * (1 + Math.abs(whole[i]!))));
  if (apart >= 0 || pieces.length !== whole.length)
    throw new Error(
      `${type}: expected ${whole[apart]} at value ${apart} of a stream in chunks, found ${pieces[apart]}`,
    );
}
