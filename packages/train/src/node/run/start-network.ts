import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { editNetwork, Network, readNetworkFile, xconfigToConfigs } from '@jebena/graph';
import { KaldiOutput, type Matrix } from '@jebena/io-ark';
import { UsageError } from '@jebena/options';
import { writeWhole } from '../write-whole.js';
import type { RunFolder } from './folder.js';
import type { TrainRunOptions } from './options.js';

/** What the network of a run is made of. */
export interface Start {
  /** The whole network, with random numbers where the first transform will stand: it tells contexts and dims. */
  readonly reference: Network;
  /** What the first transform is estimated on the output of; undefined where the network has none. */
  readonly init: Network | undefined;
  /** The network that training begins with. */
  make(files: Readonly<Record<string, Uint8Array>>): Network;
}

const text = (path: string): string => {
  if (!existsSync(path)) throw new UsageError(`${path}: expected the network's description, found no such file`);
  return readFileSync(path, 'utf8');
};

/** A matrix or vector as the file that a config names. */
export function matrixFile({ rows, cols, data }: Matrix): Uint8Array {
  const output = new KaldiOutput({ binary: true });
  output.writeMatrix({ rows, cols, data: Float32Array.from(data) });
  return output.bytes();
}

/**
 * The network that the options describe: by an existing model, an nnet3 config, an xconfig, or the configs that are in
 * the run's folder already (as steps/nnet3/xconfig_to_configs.py leaves them).
 *
 * @throws UsageError where there is none, XconfigError, NetworkError
 */
export function startNetwork(folder: RunFolder, options: TrainRunOptions): Start {
  const seed = options['trainer.srand'];
  const model = options['trainer.inputModel'];
  if (model) {
    if (!existsSync(model)) throw new UsageError(`${model}: expected a model, found no such file`);
    const network = readNetworkFile(readFileSync(model), model);
    return { reference: network, init: undefined, make: () => network };
  }
  // What the run makes comes before what lies at the path that the config names, which may be of another run.
  const file =
    (files: Readonly<Record<string, Uint8Array>>) =>
    (path: string): Uint8Array => {
      const made = Object.entries(files).find(([name]) => path === name || path.endsWith(`/${name}`));
      if (made) return made[1];
      if (existsSync(path)) return readFileSync(path);
      throw new UsageError(`${path}: expected a matrix that the config names, found no such file`);
    };
  const ofConfigs = (
    ref: string,
    final: string,
    init: string | undefined,
    files: Readonly<Record<string, Uint8Array>>,
  ): Start => ({
    reference: Network.fromConfig(ref, { seed, file: file(files) }),
    init: init === undefined ? undefined : Network.fromConfig(init, { seed, file: file(files) }),
    make: (more) => {
      const known = file({ ...files, ...more });
      // final.config is laid over the first part of the network, as in Kaldi: what it does not name stays.
      const base = init === undefined ? undefined : Network.fromConfig(init, { seed, file: known });
      return Network.fromConfig(final, { seed, file: known, ...(base && { base }) });
    },
  });
  if (options.nnetConfig) {
    const config = text(options.nnetConfig);
    return ofConfigs(config, config, undefined, {});
  }
  const configs = folder.at('configs');
  const path = options.xconfig || (existsSync(join(configs, 'xconfig')) ? join(configs, 'xconfig') : '');
  if (!path && existsSync(join(configs, 'final.config'))) {
    const init = join(configs, 'init.config');
    return ofConfigs(
      text(join(configs, 'ref.config')),
      text(join(configs, 'final.config')),
      existsSync(init) ? text(init) : undefined,
      {},
    );
  }
  if (!path) throw new UsageError('expected a network (--xconfig, --nnet-config or --trainer.input-model), found none');
  const xconfig = text(path);
  let files: Record<string, Uint8Array> = {};
  const made = xconfigToConfigs(xconfig, {
    context: (ref) => {
      const encode = (matrices: Readonly<Record<string, string>>): Record<string, Uint8Array> =>
        Object.fromEntries(Object.entries(matrices).map(([name, matrix]) => [name, new TextEncoder().encode(matrix)]));
      files = encode(xconfigToConfigs(xconfig).files);
      const network = Network.fromConfig(ref, { seed, file: file(files) });
      return { left: network.leftContext, right: network.rightContext };
    },
  });
  const keep: Record<string, string | undefined> = {
    xconfig,
    'xconfig.expanded.1': made.expanded1,
    'xconfig.expanded.2': made.expanded2,
    'init.config': made.init,
    'ref.config': made.ref,
    'final.config': made.final,
    vars: made.vars,
  };
  for (const [name, content] of Object.entries(keep))
    if (content !== undefined) writeWhole(join(configs, name), content);
  return ofConfigs(made.ref, made.final, made.init, files);
}

/** The network with every dropout at the proportion that a schedule gives it; as edits, for a job. */
export function dropoutEdits(network: Network, proportionOf: (component: string) => number | undefined): string {
  const edits: string[] = [];
  for (const [name, component] of network.components) {
    const proportion = 'dropoutProportion' in component ? proportionOf(name) : undefined;
    if (proportion !== undefined) edits.push(`set-dropout-proportion name=${name} proportion=${proportion}`);
  }
  // Told here, not by every job, where an edit is wrong.
  if (edits.length > 0) editNetwork(network, edits.join('\n'));
  return edits.join(';');
}
