import { mkdirSync, rmSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { Network, NetworkError, editNetwork, xconfigToConfigs } from '@jebena/graph';
import { UsageError, defineOptions, text } from '@jebena/options';
import { defineProgram } from '../program.js';
import { configFile, readNetwork, readText, writeModel, writeTextFile } from './models.js';

export const program = defineProgram({
  name: 'xconfig-to-configs',
  summary: 'Turns an xconfig into the config files and variables from which networks are made and trained.',
  usage: [''],
  options: defineOptions({
    xconfigFile: text('', 'Filename of input xconfig file'),
    configDir: text('', 'Directory to write config files and variables'),
    existingModel: text('', 'Model whose nodes the xconfig may read, as in transfer learning'),
    nnetEdits: text('', "Edits before the context is found, for a network without a node 'output'"),
  }),
  spacedValues: true,
  args: [0, 0],
  run: async (_args, { xconfigFile, configDir, existingModel, nnetEdits }, { log }) => {
    if (!xconfigFile || !configDir) throw new UsageError('options --xconfig-file and --config-dir must be given');
    const command = `jebena xconfig-to-configs --xconfig-file ${xconfigFile} --config-dir ${configDir}`;
    const base = existingModel ? await readNetwork(existingModel) : undefined;
    const nodes = base?.nodes.filter(({ kind }) => kind !== 'output') ?? [];
    const existing = nodes.map(({ name }) => ({ name, dim: base!.nodeDim(name) }));
    const xconfig = await readText(xconfigFile);

    let ref: Network | undefined;
    const matrices: Record<string, string> = {};
    const make = (config: string): Network =>
      Network.fromConfig(config, {
        file: (path) => (Object.hasOwn(matrices, path) ? new TextEncoder().encode(matrices[path]!) : configFile(path)),
        ...(base && { base }),
      });
    // Twice: the matrices that the first pass gives are read where the second finds the context.
    Object.assign(matrices, xconfigToConfigs(xconfig, { existing }).files);
    const configs = xconfigToConfigs(xconfig, {
      existing,
      command,
      context: (config) => {
        ref = make(config);
        return contextOf(nnetEdits ? editNetwork(ref, nnetEdits.replaceAll(';', '\n')) : ref);
      },
    });
    const init = configs.init === undefined ? undefined : make(configs.init);
    if (init) compareContexts(contextOf(init), configs.vars!);

    mkdirSync(configDir, { recursive: true });
    const write = (name: string, content: string): Promise<void> => writeTextFile(join(configDir, name), content);
    for (const [path, matrix] of Object.entries(configs.files)) await writeTextFile(path, `${matrix}\n`);
    await write(
      'xconfig',
      `# A copy of ${xconfigFile}, from which the files beside it were made by:\n# ${command}\n\n${xconfig}`,
    );
    await write('xconfig.expanded.1', configs.expanded1);
    await write('xconfig.expanded.2', configs.expanded2);
    if (configs.init === undefined) rmSync(join(configDir, 'init.config'), { force: true });
    else await write('init.config', configs.init);
    await write('ref.config', configs.ref);
    await write('final.config', configs.final);
    if (init) await writeModel(join(configDir, 'init.raw'), init, true);
    await writeModel(join(configDir, 'ref.raw'), ref!, true);
    await write('vars', configs.vars!);
    log(`Wrote configs to ${isAbsolute(configDir) ? configDir : `./${configDir}`}`);
  },
});

interface Context {
  readonly left: number;
  readonly right: number;
}

function contextOf(network: Network): Context {
  if (!network.outputs.some(({ name }) => name === 'output'))
    throw new NetworkError(
      'ERR_NETWORK_NAME',
      "expected an output called 'output' to find the context, found none; give --nnet-edits='rename-node old-name=... new-name=output'",
    );
  return { left: network.leftContext, right: network.rightContext };
}

/** The first transform must not look further than the whole network. */
function compareContexts(init: Context, vars: string): void {
  const [left, right] = Array.from(vars.matchAll(/=(\d+)/g), (match) => Number(match[1]));
  if (init.left <= left! && init.right <= right!) return;
  throw new NetworkError(
    'ERR_NETWORK_CONFIG',
    `expected init.config to need at most ${left} and ${right} frames of context, as the whole network does, found ` +
      `${init.left} and ${init.right}; with an output-delay, give the first fixed-affine-layer that delay (delay=...)`,
  );
}
