import { writeSupervision } from '@jebena/chain';
import { compress, type CompressedMatrix, type CompressionMethod, KaldiOutput } from '@jebena/io-ark';
import { Packr } from 'msgpackr';
import { type Example, type ExampleInput, inputMatrix } from './example.js';
import type { ChunkTargets } from './minibatch.js';
import { align, shardMagic, shardStructure, type ShardHeader, type ShardStructure } from './shard-layout.js';

export interface EncodeShardOptions {
  /** How features are compressed (Kaldi's methods); `none` keeps floats. Default `automatic`, as `nnet3-get-egs`. */
  readonly compression?: CompressionMethod | 'none';
}

const packr = new Packr({ useRecords: false, moreTypes: true });

/**
 * Packs examples to a shard: magic, the length of the header (uint32), a msgpack header with the index, then each
 * example's payload, raw and little-endian, aligned to 8 bytes. What is read back is viewed in place.
 */
export function encodeShard(
  examples: readonly Example[],
  { compression = 'automatic' }: EncodeShardOptions = {},
): Uint8Array {
  const numbers = new Map<string, number>();
  const structures: ShardStructure[] = [];
  const structure = new Uint32Array(examples.length);
  const offset = new Float64Array(examples.length + 1);
  const payloads: (readonly [at: number, bytes: Uint8Array])[] = [];
  let end = 0;
  const put = (data: ArrayBufferView): void => {
    payloads.push([end, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]);
    end = align(end + data.byteLength);
  };
  examples.forEach((given, i) => {
    const example = compression === 'none' ? given : packed(given, compression);
    const shape = shardStructure(example);
    const key = JSON.stringify(shape);
    if (!numbers.has(key)) numbers.set(key, structures.push(shape) - 1);
    structure[i] = numbers.get(key)!;
    offset[i] = end;
    for (const io of example.inputs) put('compression' in io.source ? io.source.bytes : inputMatrix(io).data);
    for (const { targets, weights } of example.outputs) {
      putTargets(targets, put);
      if (weights) put(weights);
    }
  });
  offset[examples.length] = end;
  const header: ShardHeader = { structures, keys: examples.map((e) => e.key), structure, offset };
  const head = packr.pack(header);
  const start = align(12 + head.length);
  const bytes = new Uint8Array(start + end);
  bytes.set(new TextEncoder().encode(shardMagic));
  new DataView(bytes.buffer).setUint32(8, head.length, true);
  bytes.set(head, 12);
  for (const [at, data] of payloads) bytes.set(data, start + at);
  return bytes;
}

/** @throws RangeError naming the example whose features cannot be compressed */
function compressed(key: string, io: ExampleInput, method: CompressionMethod): CompressedMatrix {
  try {
    return compress(inputMatrix(io), method);
  } catch (error) {
    throw new RangeError(`example '${key}', input '${io.name}': ${(error as Error).message}`, { cause: error });
  }
}

const packed = (example: Example, method: CompressionMethod): Example => ({
  ...example,
  inputs: example.inputs.map((io) => {
    if ('compression' in io.source) return io;
    return { ...io, source: compressed(example.key, io, method), start: 0 };
  }),
});

function putTargets(targets: ChunkTargets, put: (data: ArrayBufferView) => void): void {
  if (targets.kind === 'labels') return put(targets.labels);
  if (targets.kind === 'dense') return put(targets.values.data);
  if (targets.kind === 'chain') {
    const output = new KaldiOutput({ binary: true });
    writeSupervision(output, targets.supervision);
    const bytes = output.bytes();
    put(Int32Array.of(bytes.length));
    return put(bytes);
  }
  const { rowStart } = targets;
  const [from, to] = [rowStart[0]!, rowStart[rowStart.length - 1]!];
  put(rowStart.map((start) => start - from));
  put(targets.labels.subarray(from, to));
  put(targets.weights.subarray(from, to));
}
