import { formatFloat } from '@jebena/io-ark';
import type { ChunkPlace } from './utterance-splitter.js';

/** Counts what a splitter does, for the lines that `nnet3-get-egs` logs at its end. */
export class SplitStatistics {
  private readonly framesBySize = new Map<number, number>();
  private utterances = 0;
  private frames = 0;
  private chunks = 0;
  private chunkFrames = 0;
  private overlap = 0;

  /** Counts an utterance of `frames` frames and its chunks; none when it was too short. */
  add(frames: number, places: readonly ChunkPlace[]): void {
    this.utterances++;
    this.frames += frames;
    this.chunks += places.length;
    places.forEach((place, i) => {
      const previous = places[i - 1];
      if (previous) this.overlap += Math.max(0, previous.first + previous.frames - place.first);
      this.chunkFrames += place.frames;
      this.framesBySize.set(place.frames, (this.framesBySize.get(place.frames) ?? 0) + place.frames);
    });
  }

  lines(): string[] {
    const number = (value: number): string => formatFloat(value, 6);
    const percent = (part: number): number => (100 * part) / this.frames;
    const hours = this.frames / 360000;
    const lines = [
      `Split ${this.utterances} utts, with total length ${this.frames} frames (${number(hours)} hours assuming 100 ` +
        `frames per second) into ${this.chunks} chunks.`,
    ];
    if (this.chunks === 0) return lines;
    const [output, overlap] = [percent(this.chunkFrames), percent(this.overlap)];
    lines.push(
      `Average chunk length was ${number(this.chunkFrames / this.chunks)} frames; overlap between adjacent chunks was ` +
        `${number(overlap)}% of input length; length of output was ${number(output)}% of input length ` +
        `(minus overlap = ${number(output - overlap)}%).`,
    );
    if (this.framesBySize.size < 2) return lines;
    const share = ([size, frames]: readonly [number, number]): string =>
      `${size} = ${formatFloat((100 * frames) / this.chunkFrames, 4)}%`;
    const shares = [...this.framesBySize].sort(([a], [b]) => a - b).map(share);
    lines.push(`Output frames are distributed among chunk-sizes as follows: ${shares.join(', ')}`);
    return lines;
  }
}
