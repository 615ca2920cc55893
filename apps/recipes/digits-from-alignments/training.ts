import { fileURLToPath } from 'node:url';
import type { NetworkName } from './options.js';

/** How each network is trained, in the options of `jebena train`. */
const settings: Readonly<Record<NetworkName, readonly string[]>> = {
  tdnn: [
    '--egs.chunk-width=100,70,40,20',
    '--trainer.num-chunk-per-minibatch=32,16',
    '--trainer.num-epochs=4',
    '--trainer.samples-per-iter=100000',
    '--trainer.optimization.num-jobs-initial=1',
    '--trainer.optimization.num-jobs-final=2',
    '--trainer.optimization.initial-effective-lrate=0.001',
    '--trainer.optimization.final-effective-lrate=0.0001',
  ],
  lstmp: [
    '--egs.chunk-width=40,30,20',
    '--egs.chunk-left-context=40',
    '--egs.chunk-left-context-initial=0',
    '--trainer.deriv-truncate-margin=all',
    '--trainer.num-chunk-per-minibatch=64,32',
    '--trainer.num-epochs=3',
    '--trainer.samples-per-iter=100000',
    '--trainer.optimization.initial-effective-lrate=0.001',
    '--trainer.optimization.final-effective-lrate=0.0001',
    '--trainer.optimization.momentum=0.5',
    '--trainer.optimization.shrink-value=0.99',
    '--trainer.dropout-schedule=0,0@0.20,0.1@0.50,0',
  ],
  'cnn-tdnn': [
    '--egs.chunk-width=100,70,40,20',
    '--trainer.num-chunk-per-minibatch=32,16',
    '--trainer.num-epochs=3',
    '--trainer.samples-per-iter=100000',
    '--trainer.optimization.initial-effective-lrate=0.001',
    '--trainer.optimization.final-effective-lrate=0.0001',
    '--trainer.dropout-schedule=0,0@0.20,0.2@0.50,0',
  ],
};

/** The command that trains a network: arguments of `jebena`. */
export const trainCommand = (
  network: NetworkName,
  folders: { readonly data: string; readonly ali: string; readonly out: string },
  more: readonly string[],
): string[] => [
  'train',
  `--xconfig=${fileURLToPath(new URL(`../../digits-from-alignments/networks/${network}.xconfig`, import.meta.url))}`,
  `--data=${folders.data}`,
  `--ali=${folders.ali}`,
  `--out=${folders.out}`,
  ...settings[network],
  ...more,
];
