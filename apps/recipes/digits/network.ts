import { readFileSync } from 'node:fs';
import { configFromXconfig, Network } from '@jebena/graph';
import { UsageError } from '@jebena/options';
import type { Language, Objective } from './language.js';

/** For LF-MMI: a TDNN-F that computes one frame in three, and a branch for cross-entropy that is not used afterwards. */
const tdnnf = (features: number, pdfs: number): string => `
input dim=${features} name=input
batchnorm-component name=norm
relu-batchnorm-layer name=tdnn1 dim=192 input=Append(-4,-3,-2,-1,0,1,2,3,4)
tdnnf-layer name=tdnnf2 dim=192 bottleneck-dim=48 time-stride=3
tdnnf-layer name=tdnnf3 dim=192 bottleneck-dim=48 time-stride=3
tdnnf-layer name=tdnnf4 dim=192 bottleneck-dim=48 time-stride=3
tdnnf-layer name=tdnnf5 dim=192 bottleneck-dim=48 time-stride=3
tdnnf-layer name=tdnnf6 dim=192 bottleneck-dim=48 time-stride=3
relu-batchnorm-layer name=prefinal dim=192
output-layer name=output include-log-softmax=false dim=${pdfs}
relu-batchnorm-layer name=prefinal-xent dim=128 input=tdnnf6
output-layer name=output-xent dim=${pdfs}
`;

/** For cross-entropy. */
const tdnn = (features: number, pdfs: number): string => `
input dim=${features} name=input
batchnorm-component name=norm
relu-batchnorm-layer name=tdnn1 dim=192 input=Append(-2,-1,0,1,2)
relu-batchnorm-layer name=tdnn2 dim=192 input=Append(-2,0,2)
relu-batchnorm-layer name=tdnn3 dim=192 input=Append(-3,0,3)
relu-batchnorm-layer name=tdnn4 dim=192 input=Append(-4,0,4)
output-layer name=output dim=${pdfs}
`;

/** Both see few frames on either side, so that recognition can follow speech. */
const xconfigs: Readonly<Record<Objective, (features: number, pdfs: number) => string>> = { 'lf-mmi': tdnnf, ce: tdnn };

/**
 * A fresh network: the recipe's own, or that of `--arch`.
 *
 * @param arch `xconfig=FILE`, or nothing
 * @throws UsageError for another form, or a network that does not fit features and pdfs
 */
export function freshNetwork(
  arch: string,
  { objective, transitionModel }: Language,
  features: number,
  seed: number,
): Network {
  const { numPdfs } = transitionModel;
  if (arch === '') return Network.fromConfig(configFromXconfig(xconfigs[objective](features, numPdfs)), { seed });
  const [, path] = /^xconfig=(.+)$/.exec(arch) ?? [];
  if (path === undefined) throw new UsageError(`--arch: expected xconfig=FILE, found '${arch}'`);
  const network = Network.fromConfig(configFromXconfig(readFileSync(path, 'utf8')), { seed });
  const [input, output] = [network.inputDim(), network.outputDim('output')];
  if (input !== features || output !== numPdfs)
    throw new UsageError(
      `${path}: expected an input of dim ${features} and an output of dim ${numPdfs}, found ${input} and ${output}`,
    );
  return network;
}
