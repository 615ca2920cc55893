import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collect } from '@jebena/stream';
import { testStage } from '@jebena/stream/testing';
import { eventRecord, outputScalars, type TrainEvent, trainScalars } from '@jebena/train';
import { EventFile, writeEventFile } from '@jebena/train/node';
import { pipe } from 'it-pipe';
import { afterAll, expect, test } from 'vitest';
import { pythonWith, runPython } from '../../../test/support/python.mjs';

const folder = mkdtempSync(join(tmpdir(), 'jebena-events-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const outputs = (objective: number) => ({ output: { objective, weight: 4, correct: 3 } });
const events: TrainEvent[] = [
  ...[10, 20].map(
    (step) =>
      ({
        type: 'minibatches',
        step,
        count: 10,
        outputs: outputs(-step),
        learningRate: 0.5,
        frames: 100,
        seconds: 2,
        waitingSeconds: 0,
      }) as const,
  ),
  { type: 'end', step: 20, outputs: outputs(-30), frames: 200, seconds: 4, waitingSeconds: 0 },
];

/** What reading event files needs of TensorBoard; its server and pictures are left out. */
const tensorboard = [
  '--no-deps',
  'tensorboard==2.21.0',
  'numpy==2.3.5',
  'setuptools==80.9.0',
  'absl-py==2.5.1',
  'packaging==26.3',
  'protobuf==7.36.2',
];

/** Reads a folder as TensorBoard does, and checks each record's checksums. */
const reader = `
import json, sys, glob
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New
for path in glob.glob(sys.argv[1] + '/*'):
    records = PyRecordReader_New(path)
    try:
        while True:
            records.GetNext()
    except Exception as end:
        assert 'No more events' in str(end), end
all = EventAccumulator(sys.argv[1]); all.Reload()
print(json.dumps({tag: [[e.step, e.wall_time, e.value] for e in all.Scalars(tag)] for tag in all.Tags()['scalars']}))
`;

test('TensorBoard reads the curves of a run', { timeout: 200_000 }, async (context) => {
  const { python, skip } = pythonWith(...tensorboard);
  if (!python) return context.skip(skip);
  const run = join(folder, 'run');
  const passed = await pipe(events, writeEventFile(run), collect<TrainEvent>);
  expect(passed).toEqual(events);
  let time = 1000;
  const file = new EventFile(run, () => (time += 0.5));
  file.scalars(20, outputScalars('valid', outputs(-3)));
  file.scalars(30, {});
  file.scalars(2 ** 40, { 'valid/nothing': Number.NaN, é: 1e-30 });
  const read = JSON.parse(runPython(python, reader, run).replaceAll('NaN', '"NaN"')) as Record<string, unknown[][]>;
  expect(read['train/objective/output']!.map(([step, , value]) => [step, value])).toEqual([
    [10, -2.5],
    [20, -5],
  ]);
  expect(read['train/accuracy/output']!.map(([, , value]) => value)).toEqual([0.75, 0.75]);
  expect(read['train/learning-rate']!.map(([, , value]) => value)).toEqual([0.5, 0.5]);
  expect(read['train/frames-per-second']!.map(([, , value]) => value)).toEqual([50, 50]);
  expect(read['valid/objective/output']).toEqual([[20, 1001, -0.75]]);
  expect(read['valid/nothing']).toEqual([[2 ** 40, 1001.5, 'NaN']]);
  expect(read['é']![0]![2]).toBeCloseTo(1e-30, 36);
});

test('a record has its length, two masked checksums and the event', () => {
  // By TensorBoard's own writer of records: tensorboard.summary.writer.record_writer.
  const record = eventRecord({ wallTime: 1, fileVersion: 'brain.Event:2' });
  expect(Buffer.from(record).toString('hex')).toBe(
    '1800000000000000a37f4b2209000000000000f03f1a0d627261696e2e4576656e743a3286bf577a',
  );
  expect(trainScalars(events[2]!)).toEqual({});
});

test('writeEventFile is a stage as all are', async () => {
  const into = join(folder, 'stage');
  await testStage({ make: () => writeEventFile(into), items: events });
  const [first] = readdirSync(into);
  expect(readFileSync(join(into, first!)).length).toBeGreaterThan(60);
});
