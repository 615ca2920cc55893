import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KaldiOutput, type Wave, writeWaveTo } from '@jebena/io-ark';

/** Two seconds of a tone that moves: enough for a few chunks. */
function tone(sampleRate: number, pitch: number): Float32Array {
  return Float32Array.from(
    { length: 2 * sampleRate },
    (_, i) => 8000 * Math.sin((2 * Math.PI * pitch * i * (1 + i / 40000)) / sampleRate),
  );
}

const names = ['a', 'b', 'c', 'd'];
const xconfig =
  'input dim=40 name=input\\nrelu-batchnorm-layer name=l1 dim=16 input=Append(-1,0,1)\\noutput-layer name=output dim=4';

/** A RIFF/WAVE file. */
function waveFile(wave: Wave): Uint8Array {
  const output = new KaldiOutput({ binary: true, mark: false });
  writeWaveTo(output, wave);
  return output.bytes();
}

/** The README's pipeline as a program: the network's lines first, then the block as it stands. */
export function readmeProgram(readme: string): string {
  const block = /```ts\n([\s\S]*?)```/.exec(readme)![1]!;
  return block.replace('\nconst network', `\nconst xconfig = '${xconfig}';\nconst network`);
}

/** Waves, their list and an alignment of 4 pdfs, as the pipeline reads them. */
export function pipelineData(into: string): void {
  names.forEach((name, i) => {
    writeFileSync(join(into, `${name}.wav`), waveFile({ sampleRate: 8000, channels: [tone(8000, 200 + 150 * i)] }));
  });
  writeFileSync(join(into, 'wav.scp'), names.map((n) => `${n} ${n}.wav\n`).join(''));
  const frames = 198;
  writeFileSync(
    join(into, 'ali.ark'),
    names
      .map((n, i) => `${n} ${Array.from({ length: frames }, (_, t) => (t >> (4 + (i & 1))) & 3).join(' ')}\n`)
      .join(''),
  );
}
