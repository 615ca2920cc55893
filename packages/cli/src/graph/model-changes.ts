import {
  type Network,
  editNetwork,
  forInference,
  scaleNetwork,
  setBatchNormTestMode,
  setDropoutTestMode,
} from '@jebena/graph';
import { bool, defineOptions, float, text } from '@jebena/options';
import { readText } from './models.js';

/** Options of the programs that copy models and change them on the way. */
export const changeOptions = defineOptions({
  binary: bool(true, 'Write output in binary mode'),
  learningRate: float(-1, 'If supplied, all the learning rates of updatable components are set to this value'),
  nnetConfig: text('', 'Config that adds or replaces components or nodes (as you would give to nnet3-init)'),
  editsConfig: text('', 'File of edits, applied after nnet-config'),
  edits: text('', 'The same on the command line, with semicolons between them, e.g. remove-orphans'),
  scale: float(1, 'The parameter matrices are scaled by the specified value'),
  prepareForTest: bool(false, 'Sets batch norm and dropout to test mode and folds components into others'),
});

/** Edits from a file, then from the command line. */
export async function edited(
  network: Network,
  { editsConfig, edits }: { editsConfig: string; edits: string },
  log: (text: string) => void,
): Promise<Network> {
  const first = editsConfig ? editNetwork(network, await readText(editsConfig), { log }) : network;
  return edits ? editNetwork(first, edits.replaceAll(';', '\n'), { log }) : first;
}

export const scaled = (network: Network, scale: number): Network =>
  scale === 1 ? network : scaleNetwork(network, scale);

/** The network as it is used to decode. */
export const preparedForTest = (network: Network): Network =>
  forInference(setDropoutTestMode(setBatchNormTestMode(network, true), true), { collapse: true });
