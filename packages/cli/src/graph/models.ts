import { readFileSync } from 'node:fs';
import { AcousticModel, Network, NetworkError, readNetworkFile } from '@jebena/graph';
import { type Holder, readAll } from '@jebena/io-ark';
import { fileSink, nodeStorage } from '@jebena/io-ark/node';
import { writeObject } from '../io-ark/tables.js';

/** All bytes of an rxfilename: a file, `-` or a command. */
export const readBytes = (name: string): Promise<Uint8Array> => readAll(nodeStorage({ allowPipes: true }).stream(name));

/** A text file, `-` or a command. */
export const readText = async (name: string): Promise<string> => new TextDecoder().decode(await readBytes(name));

/** The network of a raw model or of an acoustic model. */
export const readNetwork = async (name: string): Promise<Network> => readNetworkFile(await readBytes(name), name);

export const readAcousticModel = async (name: string): Promise<AcousticModel> =>
  AcousticModel.fromBytes(await readBytes(name), name);

const modelHolder: Holder<unknown, Network | AcousticModel> = {
  what: 'a model',
  read: (input) => Network.read(input),
  write: (output, model) => model.write(output),
};

/** Writes a network, or an acoustic model; the file gets its name when it is whole. */
export const writeModel = (name: string, model: Network | AcousticModel, binary: boolean): Promise<void> =>
  writeObject(modelHolder, name, model, binary);

/** Writes a text file that gets its name when it is whole. */
export async function writeTextFile(name: string, text: string): Promise<void> {
  const sink = name === '-' ? await nodeStorage().create!(name) : await fileSink(name);
  await sink.write(new TextEncoder().encode(text));
  await sink.close();
}

/** Matrix files that a config names, as Kaldi reads them: relative to where the program runs. */
export function configFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/,.*/, '') : String(error);
    throw new NetworkError('ERR_NETWORK_CONFIG', `expected a file '${path}' that the config names, found ${reason}`);
  }
}

/** A config laid over a network, or a network of its own. */
export const networkOf = async (config: string, base?: Network, seed = 0): Promise<Network> =>
  Network.fromConfig(await readText(config), { seed, file: configFile, ...(base && { base }) });
