import { DenominatorGraph } from '@jebena/chain';
import type { Network } from '@jebena/graph';
import { atLeast, defineOptions, float, type OptionValues } from '@jebena/options';
import { chainObjective, type Objective } from '@jebena/train';
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

/** The objective over a denominator graph in a file. */
export async function readChainObjective(
  denominatorFst: string,
  network: Network,
  given: OptionValues<typeof chainOptions>,
): Promise<Objective> {
  const { l2Regularize, outOfRangeRegularize, leakyHmmCoefficient, xentRegularize } = given;
  const denominator = new DenominatorGraph(await readFstFile(denominatorFst), network.outputDim('output'));
  return chainObjective({ denominator, l2Regularize, outOfRangeRegularize, leakyHmmCoefficient, xentRegularize });
}
