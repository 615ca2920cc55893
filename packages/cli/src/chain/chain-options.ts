import { availableParallelism } from 'node:os';
import { ChainError, DenominatorGraph } from '@jebena/chain';
import { threadedDenominator } from '@jebena/chain/node';
import type { Network } from '@jebena/graph';
import { atLeast, bool, defineOptions, float, type OptionSpec, type OptionValues, UsageError } from '@jebena/options';
import { chainObjective, type ChainObjectiveSettings, multilingualChainObjective, type Objective } from '@jebena/train';
import { readFstFile } from '../wfst/files.js';

/** Options of the LF-MMI objective. */
export const chainOptions = defineOptions({
  l2Regularize: float(0, 'Factor c of -c/2 |output|^2 in the objective', atLeast(0)),
  outOfRangeRegularize: float(0.01, 'How strongly outputs beyond +-30 are drawn back', atLeast(0)),
  leakyHmmCoefficient: float(1e-5, 'Share of probability that starts anew at each frame, in (0, 1)', atLeast(0)),
  xentRegularize: float(
    0,
    "Scale of the derivative of the branch 'output-xent'; 0: the branch is left out",
    atLeast(0),
  ),
});

export const applyDerivWeights: OptionSpec<boolean> = bool(true, 'Weigh the derivatives of frames as the examples say');

/** What programs say of the argument that {@link readChainObjective} takes. */
export const denominatorUsage = '<denominator-fst-in|output-A=fst,output-B=fst>';

/** The objective over a denominator graph in a file, or over several, each for its output: `output-A=a.fst,output-B=b.fst`. */
export async function readChainObjective(
  denominatorFst: string,
  network: Network,
  given: OptionValues<typeof chainOptions> & { readonly threads: number },
): Promise<Objective> {
  const { l2Regularize, outOfRangeRegularize, leakyHmmCoefficient, xentRegularize } = given;
  const denominatorPass = threadedDenominator(given.threads || availableParallelism());
  const settings = async (fst: string, output: string): Promise<ChainObjectiveSettings> => {
    const denominator = await readDenominator(fst, network.outputDim(output));
    return { denominator, l2Regularize, outOfRangeRegularize, leakyHmmCoefficient, xentRegularize, denominatorPass };
  };
  if (!/^output[^=]*=/.test(denominatorFst)) return chainObjective(await settings(denominatorFst, 'output'));
  const byOutput: Record<string, ChainObjectiveSettings> = {};
  for (const part of denominatorFst.split(',')) {
    const [output, fst] = part.split('=', 2);
    if (!fst) throw new UsageError(`denominator graphs: expected 'output=fst', found '${part}'`);
    byOutput[output!] = await settings(fst, output!);
  }
  return multilingualChainObjective(byOutput);
}

async function readDenominator(path: string, numPdfs: number): Promise<DenominatorGraph> {
  const fst = await readFstFile(path);
  try {
    return new DenominatorGraph(fst, numPdfs);
  } catch (error) {
    throw error instanceof ChainError ? new UsageError(`${path}: ${error.message}`, { cause: error }) : error;
  }
}
