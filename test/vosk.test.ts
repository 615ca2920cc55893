import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AcousticModel, editNetwork } from '@jebena/graph';
import { readFst, writeFst } from '@jebena/wfst';
import { afterAll, expect, test } from 'vitest';
import { pythonWith, runPython } from './support/python.mjs';
import { shared, sharedDir } from './support/shared.js';

const folder = mkdtempSync(join(tmpdir(), 'jebena-vosk-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Of what vosk needs, srt alone comes as source.
const { python, skip } = existsSync(sharedDir)
  ? pythonWith('--no-binary=srt', 'vosk==0.3.45')
  : { skip: 'no ../shared' };

const recognise = `
import glob, json, os, sys, wave
from vosk import Model, KaldiRecognizer, SetLogLevel
SetLogLevel(-1)
model = Model(sys.argv[1])
for path in sorted(glob.glob(sys.argv[2] + '/*.wav')):
    with wave.open(path) as audio:
        recognizer = KaldiRecognizer(model, audio.getframerate())
        while data := audio.readframes(1440):
            recognizer.AcceptWaveform(data)
        print(os.path.basename(path)[:-4], json.loads(recognizer.FinalResult())['text'])
`;

/** vosk is Kaldi in a Python package: what it loads and recognises, Kaldi does. */
(python ? test : test.skip)(`vosk recognises with a model folder written by us${skip ? ` (${skip})` : ''}`, () => {
  const golden = (...parts: string[]): Buffer => readFileSync(shared('golden', ...parts));
  for (const part of ['am', 'graph', 'conf']) mkdirSync(join(folder, part));
  // Through our text form, and without the output that only training needs.
  const text = AcousticModel.fromBytes(golden('decode', 'final.mdl')).toBytes({ binary: false });
  const model = AcousticModel.fromBytes(text);
  const network = editNetwork(model.network, 'remove-output-nodes name=output-xent\nremove-orphans');
  writeFileSync(join(folder, 'am/final.mdl'), model.with({ network }).toBytes());
  writeFileSync(join(folder, 'graph/HCLG.fst'), writeFst(readFst(golden('decode', 'HCLG.fst'))));
  writeFileSync(join(folder, 'graph/words.txt'), golden('decode', 'words.txt'));
  writeFileSync(join(folder, 'conf/mfcc.conf'), golden('decode', 'online', 'mfcc_hires.conf'));
  writeFileSync(
    join(folder, 'conf/model.conf'),
    '--min-active=200\n--max-active=7000\n--beam=15.0\n--lattice-beam=8.0\n--acoustic-scale=1.0\n' +
      '--frame-subsampling-factor=3\n--frames-per-chunk=20\n--endpoint.silence-phones=1\n',
  );
  const waves = shared('golden', 'decode', 'online', 'wav');
  const printed = runPython(python!, recognise, folder, waves).trim().split('\n');
  expect(printed).toHaveLength(readdirSync(waves).length);
  // The first word of a line is the utterance.
  const words = new Map(
    golden('decode', 'ref.txt')
      .toString()
      .trim()
      .split('\n')
      .map((line) => [line.split(' ')[0]!, line.trim()]),
  );
  for (const line of printed) expect(line.trim()).toBe(words.get(line.split(' ')[0]!));
});
