import { readFileSync } from 'node:fs';
import { configFromXconfig, Network } from '@jebena/graph';
import { UsageError } from '@jebena/options';
import type { Language, Objective } from './language.js';

/**
 * For LF-MMI: convolutions, which do not mind much where on the frequency axis a pattern lies, and a TDNN-F. Of all but
 * the input one frame in three is computed. The branch for cross-entropy is not used afterwards.
 */
const tdnnf = (features: number, pdfs: number): string => `
input dim=${features} name=input
batchnorm-component name=norm
conv-relu-batchnorm-layer name=cnn1 height-in=40 height-out=20 height-subsample-out=2 time-offsets=-2,-1,0,1,2 height-offsets=-2,-1,0,1,2 num-filters-out=32
conv-relu-batchnorm-layer name=cnn2 height-in=20 height-out=10 height-subsample-out=2 time-offsets=-3,0,3 height-offsets=-1,0,1 num-filters-out=48
conv-relu-batchnorm-layer name=cnn3 height-in=10 height-out=5 height-subsample-out=2 time-offsets=-3,0,3 height-offsets=-1,0,1 num-filters-out=64
relu-batchnorm-layer name=tdnn1 dim=256
tdnnf-layer name=tdnnf2 dim=256 bottleneck-dim=64 time-stride=3
tdnnf-layer name=tdnnf3 dim=256 bottleneck-dim=64 time-stride=3
tdnnf-layer name=tdnnf4 dim=256 bottleneck-dim=64 time-stride=3
relu-batchnorm-layer name=prefinal dim=256
output-layer name=output include-log-softmax=false dim=${pdfs}
relu-batchnorm-layer name=prefinal-xent dim=128 input=tdnnf4
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
