import { type ContextTree, type Topology, TransitionModel } from '@jebena/hmm';
import type { Holder, KaldiOutput } from '@jebena/io-ark';
import { UsageError } from '@jebena/options';
import { readLines } from '../io-ark/lines.js';
import { readObject, writeObject } from '../io-ark/tables.js';
import type { ProgramContext } from '../program.js';
import { parseInts, topologyHolder, treeHolder } from './objects.js';

/** A transition model and, for programs that want one, a Gaussian of mean 1 and variance 1 for each pdf. */
const flatModelHolder = (dim: number): Holder<never, TransitionModel> => ({
  what: 'a model',
  read: (input) => input.fail('nothing', 'a model'),
  write: (output, model) => {
    model.write(output);
    output.writeToken('<DIMENSION>');
    output.writeInt32(dim);
    output.writeToken('<NUMPDFS>');
    output.writeInt32(model.numPdfs);
    for (let pdf = 0; pdf < model.numPdfs; pdf++) writeGaussian(output, dim);
  },
});

function writeGaussian(output: KaldiOutput, dim: number): void {
  const ones = { rows: 1, cols: dim, data: new Float32Array(dim).fill(1) };
  output.writeToken('<DiagGMM>');
  output.writeToken('<GCONSTS>');
  output.writeVector(Float32Array.of(-0.5 * dim * (Math.log(2 * Math.PI) + 1)));
  output.writeToken('<WEIGHTS>');
  output.writeVector(Float32Array.of(1));
  output.writeToken('<MEANS_INVVARS>');
  output.writeMatrix(ones);
  output.writeToken('<INV_VARS>');
  output.writeMatrix(ones);
  output.writeToken('</DiagGMM>');
}

/** Sets of phones that share their pdfs, one a line; undefined where there is no file. */
export const readPhoneSets = async (path: string): Promise<number[][] | undefined> =>
  path ? (await readLines(path)).map((line) => parseInts(line.trim().replace(/\s+/g, ':'), path)) : undefined;

/** Makes a tree by rule and a model over it, and writes both. */
export async function initModel(
  [topologyFile, dimension, modelOut, treeOut]: readonly string[],
  binary: boolean,
  makeTree: (topology: Topology) => ContextTree,
  context: ProgramContext,
): Promise<void> {
  const dim = Number(dimension);
  if (!(Number.isInteger(dim) && dim > 0 && dim <= 10000))
    throw new UsageError(`expected a dimension from 1 to 10000, found '${dimension}'`);
  const topology = await readObject(topologyHolder, topologyFile!);
  const tree = makeTree(topology);
  await writeObject(flatModelHolder(dim), modelOut!, TransitionModel.create(tree, topology), binary);
  await writeObject(treeHolder, treeOut!, tree, binary);
  context.log(`Num PDFs: ${tree.numPdfs}`);
}
