// How long training waits for data: minibatches of shards, made in this thread and by one and two workers, while the
// engine trains a small TDNN on them (the worst case: a step of it is short). No peer: the share of time is the figure.
import { chunks, shuffle, withTargets, writeShards } from '@jebena/egs';
import { createEngine } from '@jebena/engine/node';
import { networkFromXconfig } from '@jebena/graph';
import { matrix } from '@jebena/io-ark';
import { nodeStorage } from '@jebena/io-ark/node';
import { crossEntropy, kaldiSgd } from '@jebena/train';
import { trainOnShards } from '@jebena/train/node';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipe } from 'it-pipe';

const cols = 40;
const pdfs = 500;
const xconfig = `input name=input dim=${cols}
relu-batchnorm-layer name=tdnn1 dim=256 input=Append(-2,-1,0,1,2)
relu-batchnorm-layer name=tdnn2 dim=256 input=Append(-1,0,1)
relu-batchnorm-layer name=tdnn3 dim=256 input=Append(-3,0,3)
output-layer name=output dim=${pdfs}`;

function* corpus(count, frames) {
  for (let u = 0; u < count; u++) {
    const data = Float32Array.from({ length: frames * cols }, (_, i) => ((i * 7919 + u * 31) % 997) / 50 - 10);
    yield [`utt${u}`, matrix(frames, cols, data)];
  }
}

export default async function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'jebena-bench-'));
  try {
    const labels = Int32Array.from({ length: 500 }, (_, t) => t % pdfs);
    const network = networkFromXconfig(xconfig, { seed: 1 });
    const { leftContext, rightContext } = network;
    const shards = await pipe(
      corpus(200, 500),
      withTargets({ get: () => labels }, { dim: pdfs }),
      chunks({ sizes: 100, leftContext, rightContext }),
      shuffle({ seed: 1 }),
      writeShards(join(folder, 'train'), { storage: nodeStorage() }),
    );
    const engine = await createEngine({ log: () => undefined });
    console.log(`${engine.name}, ${engine.threads} threads; ${network.parameterCount} parameters, 64 x 100 frames`);
    const pass = (workers) =>
      trainOnShards(network, engine, shards, {
        objective: crossEntropy(),
        optimizer: kaldiSgd(),
        rule: 64,
        seed: 1,
        workers,
      });
    await pass(0);
    for (const workers of [0, 1, 2]) {
      const { frames, seconds, waitingSeconds } = await pass(workers);
      const share = ((100 * waitingSeconds) / seconds).toFixed(1);
      console.log(
        `${workers} workers: ${Math.round(frames / seconds)} frames/s, waiting for data ${share} % (the first minibatch included)`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
