// Makes corpus/features.bin from a folder of recordings: node apps/recipes/dist/digits/make-corpus.js FOLDER
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readWave } from '@jebena/io-ark';
import { type CorpusRecording, corpusPath, encodeCorpus } from './corpus.js';
import { makeFbank, sampleRate } from './features.js';
import { writeWhole } from './run-state.js';
import { quietNoise } from './strings.js';

const folder = process.argv[2];
if (!folder) throw new Error('usage: make-corpus.js FOLDER');

const fbank = makeFbank();
const recordings = readdirSync(folder)
  .sort()
  .flatMap((file): CorpusRecording[] => {
    const name = /^(\d)_(\w+)_(\d+)\.wav$/.exec(file);
    if (!name) return [];
    const path = join(folder, file);
    const wave = readWave(readFileSync(path), { path });
    const feats = fbank.compute(wave.channels[0]!, { sampleRate: wave.sampleRate });
    return [{ digit: Number(name[1]), speaker: name[2]!, take: Number(name[3]), feats }];
  });
const noise = fbank.compute(quietNoise(10 * sampleRate, 1).samples);
const bytes = encodeCorpus({ sampleRate, noise, recordings });
writeWhole(corpusPath, bytes);
process.stdout.write(`${corpusPath}: ${recordings.length} recordings, ${bytes.length} bytes\n`);
