// What each worker of `shardMinibatches` runs.
import type { WorkerItems } from '@jebena/stream/node';
import { mergeExamples } from '../merge-examples.js';
import type { Minibatch } from '../minibatch.js';
import { oneFrame } from '../one-frame.js';
import { type PlanOptions, planMinibatches } from '../plan-minibatches.js';
import { shiftFrames } from '../shift-frames.js';
import { ShardFile } from './shard-file.js';

/** What a worker is told. */
export interface MakerSettings extends PlanOptions {
  readonly shards: readonly string[];
  /** Takes one frame of each example, with this much context. */
  readonly frame?: { readonly number: number; readonly leftContext: number; readonly rightContext: number } | undefined;
  /** Frames by which the inputs of chain examples are moved against their targets; see {@link shiftFrames}. Default 0. */
  readonly shift?: number | undefined;
}

export function open({ shards, frame, shift = 0, ...options }: MakerSettings): WorkerItems<Minibatch> {
  const files = shards.map((path) => new ShardFile(path));
  const size = frame && frame.leftContext + 1 + frame.rightContext;
  const headers = files.map((file) => file.header);
  const plan = planMinibatches(headers, size === undefined ? options : { ...options, size });
  return {
    count: plan.length,
    item: (i) => {
      const examples = plan[i]!.map(({ shard, index }) => {
        const example = shiftFrames(files[shard]!.example(index), shift);
        return frame ? oneFrame(example, frame.number, frame.leftContext, frame.rightContext) : example;
      });
      return mergeExamples(examples, `merged-${i}-${examples.length}`);
    },
  };
}
