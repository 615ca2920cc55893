import { readFileSync } from 'node:fs';
import { type Network, readNetworkFile } from '@jebena/graph';

/** The network of a model's file. */
export const readRaw = (path: string): Network => readNetworkFile(readFileSync(path), path);
