import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Wave, waveHolder } from '@jebena/io-ark';
import { fixDataDir, makeDataDir, readDataDir, validateDataDir, writeObject } from '@jebena/io-ark/node';
import { afterAll, expect, test } from 'vitest';
import { runPython } from '../../../test/support/python.mjs';

// lhotse wants PyTorch, which is gigabytes: it is used where a Python (JEBENA_PYTHON, else python3) has it.
const python = process.env.JEBENA_PYTHON || 'python3';
const there = spawnSync(python, ['-c', 'import lhotse.kaldi'], { timeout: 60_000 }).status === 0;
const testLhotse = there ? test : test.skip;
const why = there ? '' : ` (${python} cannot import lhotse)`;

const folder = mkdtempSync(join(tmpdir(), 'jebena-lhotse-'));
afterAll(() => rmSync(folder, { recursive: true }));

testLhotse(
  `lhotse's manifests become a data directory that lhotse reads, and its own is soon sound${why}`,
  async () => {
    const wave: Wave = { sampleRate: 8000, channels: [Float32Array.from({ length: 16000 }, (_, i) => i % 100)] };
    for (const name of ['r1', 'r2']) await writeObject(waveHolder, join(folder, `${name}.wav`), wave);
    runPython(
      python,
      `import os, sys
os.chdir(sys.argv[1])
from lhotse import Recording, RecordingSet, SupervisionSegment, SupervisionSet
from lhotse.kaldi import export_to_kaldi
recordings = RecordingSet.from_recordings(Recording.from_file(os.path.abspath(n + '.wav')) for n in ['r1', 'r2'])
supervisions = SupervisionSet.from_segments([
    SupervisionSegment(id='ann-1', recording_id='r1', start=0.25, duration=0.5, channel=0, text='one two', speaker='ann'),
    SupervisionSegment(id='ann-2', recording_id='r1', start=1.0, duration=0.75, channel=0, text='three', speaker='ann'),
    SupervisionSegment(id='bob-1', recording_id='r2', start=0, duration=1.5, channel=0, text='four', speaker='bob')])
recordings.to_file('recordings.jsonl')
supervisions.to_file('supervisions.jsonl')
export_to_kaldi(recordings, supervisions, 'exported')`,
      folder,
    );
    const manifests = ['recordings.jsonl', 'supervisions.jsonl'].map((name) => join(folder, name));
    await makeDataDir(manifests, join(folder, 'data'));
    const dir = await readDataDir(join(folder, 'data'));
    expect(dir.get('segments')).toBe('ann-1 r1 0.25 0.75\nann-2 r1 1 1.75\nbob-1 r2 0 1.5\n');
    expect(await validateDataDir(join(folder, 'data'), { noFeats: true })).toEqual([]);
    const read = runPython(
      python,
      `import sys
from lhotse.kaldi import load_kaldi_data_dir
recordings, supervisions, _ = load_kaldi_data_dir(sys.argv[1], 8000)
print(sorted((r.id, r.num_samples) for r in recordings))
for s in sorted(supervisions, key=lambda s: s.id): print(s.id, s.recording_id, s.start, s.duration, s.text, s.speaker)`,
      join(folder, 'data'),
    );
    expect(read).toBe(
      "[('r1', 16000), ('r2', 16000)]\nann-1 r1 0.25 0.5 one two ann\nann-2 r1 1.0 0.75 three ann\nbob-1 r2 0.0 1.5 four bob\n",
    );
    // lhotse leaves spk2utt to be derived.
    await fixDataDir(join(folder, 'exported'));
    expect(await validateDataDir(join(folder, 'exported'), { noFeats: true })).toEqual([]);
  },
);
