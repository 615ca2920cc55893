import type { Item } from '@jebena/stream';
import { type ByteSource } from './byte-source.js';
import { ByteStream } from './byte-stream.js';
import { KaldiIoError } from './errors.js';
import type { RandomAccessTable } from './random-access-table.js';
import type { Wave } from './wave.js';

/** A line of a `segments` file. */
export interface Segment {
  readonly id: string;
  readonly recording: string;
  /** Seconds. */
  readonly start: number;
  /** Seconds; -1 stands for the end of the recording. */
  readonly end: number;
  /** Channel of the recording, where the line names one. */
  readonly channel: number | undefined;
}

/**
 * Reads a line such as `call-A-0050-0065 call-A 5.0 6.5` of a segments file.
 *
 * @throws KaldiIoError where it is none
 */
export function parseSegment(line: string, path: string = 'segments', number?: number): Segment {
  const fields = line.trim().split(/\s+/);
  const [id, recording, from, to, on] = fields;
  const [start, end, channel] = [Number(from), Number(to), on === undefined ? undefined : Number(on)];
  const sound =
    (fields.length === 4 || fields.length === 5) &&
    start >= 0 &&
    (end === -1 || end > start) &&
    (channel === undefined || (Number.isInteger(channel) && channel >= 0));
  if (!sound)
    throw new KaldiIoError('SEGMENT RECORDING START END [CHANNEL]', JSON.stringify(line), {
      path: number === undefined ? path : `${path}:${number}`,
    });
  return { id: id!, recording: recording!, start, end, channel };
}

export interface SegmentLimits {
  /** Shorter segments are refused, in seconds. */
  readonly minSegmentLength?: number;
  /** How far the last segment may pass the end of the audio, in seconds; it is cut there. */
  readonly maxOvershoot?: number;
}

/**
 * Cuts a segment out of its recording (featbin/extract-segments.cc).
 *
 * @returns the segment, or in one sentence why there is none
 */
export function cutSegment(
  { channels, sampleRate }: Wave,
  segment: Segment,
  { minSegmentLength = 0.1, maxOvershoot = 0.5 }: SegmentLimits = {},
): Wave | string {
  const samples = channels[0]!.length;
  const length = Math.fround(samples / sampleRate);
  const { start } = segment;
  if (start > length) return `segment ${segment.id} starts at ${start} s, after the end at ${length} s`;
  if (segment.end > length + maxOvershoot)
    return `segment ${segment.id} ends at ${segment.end} s, too far after the end at ${length} s`;
  const end = segment.end < 0 || segment.end > length ? length : segment.end;
  if (end - start < minSegmentLength) return `segment ${segment.id} is shorter than ${minSegmentLength} s`;
  if (segment.channel === undefined && channels.length > 1)
    return `segment ${segment.id} names no channel and ${segment.recording} has ${channels.length}`;
  const channel = channels[segment.channel ?? 0];
  if (!channel) return `segment ${segment.id} names channel ${segment.channel} of ${channels.length}`;
  const sample = (time: number): number => Math.min(samples, Math.trunc(time * sampleRate + 0.5));
  return { sampleRate, channels: [channel.slice(sample(start), sample(end))] };
}

/** The lines of a text source, with their numbers from 1. */
export async function* readLines(source: ByteSource, path?: string): AsyncGenerator<readonly [string, number]> {
  const stream = new ByteStream(source, path);
  try {
    for (let number = 1; ; number++) {
      const line = await stream.parse((input) => (input.atEnd ? undefined : input.readLine()), undefined, false);
      if (line === undefined) return;
      yield [line, number];
    }
  } finally {
    await stream.close();
  }
}

export interface CutSegmentsOptions extends SegmentLimits {
  /** What the segments are called in errors. */
  readonly path?: string | undefined;
  /** Told of each line that gives no segment, and why; left out, the first such line is an error. */
  readonly onSkip?: ((error: Error) => void) | undefined;
}

/**
 * Cuts the segments that the lines of a segments file name out of their recordings.
 *
 * @throws KaldiIoError for a line that is no segment, or one that its recording does not hold
 */
export async function* cutSegments(
  waves: RandomAccessTable<Wave>,
  segments: ByteSource,
  { path = 'segments', onSkip, ...limits }: CutSegmentsOptions = {},
): AsyncGenerator<Item<Wave>> {
  for await (const [line, number] of readLines(segments, path)) {
    let item: Item<Wave>;
    try {
      const segment = parseSegment(line, path, number);
      const wave = await waves.get(segment.recording);
      const cut = wave ? cutSegment(wave, segment, limits) : `recording ${segment.recording} is not there`;
      if (typeof cut === 'string')
        throw new KaldiIoError('a segment within its recording', cut, { path: `${path}:${number}`, key: segment.id });
      item = [segment.id, cut];
    } catch (error) {
      if (!onSkip || !(error instanceof KaldiIoError) || !error.path?.startsWith(`${path}:`)) throw error;
      onSkip(error);
      continue;
    }
    yield item;
  }
}
