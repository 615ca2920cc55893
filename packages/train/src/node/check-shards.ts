import { ShardFile } from '@jebena/egs/node';
import type { Network } from '@jebena/graph';
import { UsageError } from '@jebena/options';

export interface CheckShardsOptions {
  readonly inputsOnly?: boolean;
  readonly kind?: 'frames' | 'chain' | undefined;
  readonly stride?: number | undefined;
}

const forFrames = 'examples for training by frames';
const forChain = 'examples for LF-MMI (--tree-dir or --chain.den-fst)';

/**
 * Looks whether a network can be trained on shards, by their headers.
 *
 * @param inputsOnly looks whether it can compute them at all
 * @param kind what the outputs must be trained by
 * @param stride frames of features for each output frame; not looked at where undefined
 * @throws UsageError in one line: which shard, which input or output, what was expected and found
 */
export function checkShards(
  network: Network,
  shards: readonly string[],
  { inputsOnly = false, kind, stride }: CheckShardsOptions = {},
): void {
  if (shards.length === 0) throw new UsageError('expected shards of examples, found none');
  const inputs = new Map(network.inputs.map(({ name, dim }) => [name, dim]));
  const outputs = new Map(network.outputs.map(({ name }) => [name, network.outputDim(name)]));
  let examples = 0;
  for (const path of shards) {
    const file = new ShardFile(path);
    examples += file.header.keys.length;
    for (const structure of file.header.structures) {
      for (const { name, cols } of structure.inputs) compare(path, 'input', name, inputs.get(name), cols);
      for (const name of inputs.keys())
        if (!structure.inputs.some((io) => io.name === name))
          throw new UsageError(`${path}: expected an input '${name}', which the network reads, found none`);
      if (inputsOnly) continue;
      // Of labels without a known count the width is not known.
      for (const output of structure.outputs) {
        const { name, dim, count } = output;
        compare(path, 'output', name, outputs.get(name), dim < 0 ? outputs.get(name)! : dim);
        if (kind && (output.kind === 'chain') !== (kind === 'chain')) {
          const [expected, found] = kind === 'chain' ? [forChain, forFrames] : [forFrames, forChain];
          throw new UsageError(`${path}: expected ${expected}, found ${found}`);
        }
        if (stride !== undefined && count > 1 && output.stride !== stride)
          throw new UsageError(
            `${path}: expected output '${name}' every ${stride} frames (--chain.frame-subsampling-factor), found every ${output.stride}`,
          );
      }
    }
    file.close();
  }
  if (examples === 0) throw new UsageError(`${shards.join(', ')}: expected examples, found none`);
}

function compare(path: string, kind: string, name: string, expected: number | undefined, found: number): void {
  if (expected === undefined)
    throw new UsageError(`${path}: expected an ${kind} of the network, found '${name}', which it has not`);
  if (expected !== found)
    throw new UsageError(
      `${path}: expected ${kind} '${name}' of ${expected} values, as the network has, found ${found}`,
    );
}
