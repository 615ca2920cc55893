import { createEngine, type Engine } from '@jebena/engine';
import { type Computation, networkFromXconfig } from '@jebena/graph';
import { beforeAll, expect, test } from 'vitest';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ engine: 'tfjs-cpu' });
});

const frames = 6;

function planOf(...layers: string[]): Computation['plan'] {
  const lines = ['input dim=4 name=input', ...layers, 'output-layer name=output dim=3'];
  const range = { first: 0, count: frames, stride: 1 };
  const request = { sequences: 2, inputs: [{ name: 'input', ...range }], outputs: [{ name: 'output', ...range }] };
  return networkFromXconfig(lines.join('\n'), { seed: 1 }).load(engine).compute(request).plan;
}

test('gates that read the same are one product for all frames, and one a step', () => {
  const { steps, slots } = planOf('fast-gru-layer name=gru cell-dim=5 delay=-1');
  const projects = steps.filter((s) => s.kind === 'project');
  expect(projects.map((s) => s.components)).toEqual([['gru.W_z.xh', 'gru.W_r.xh']]);
  expect(slots[projects[0]!.output]!.cols).toBe(10);
  const recurs = steps.filter((s) => s.kind === 'recur');
  expect(recurs).toHaveLength(frames);
  expect(recurs.every((s) => slots[s.output]!.cols === 10)).toBe(true);
});

test('all four of an LSTM of simple parts', () => {
  const { steps } = planOf('lstm-layer name=lstm cell-dim=5 delay=-1');
  expect(steps.filter((s) => s.kind === 'project').map((s) => s.components.length)).toEqual([4]);
});

test('only what is read from outside a recurrence is merged', () => {
  const { steps, slots } = planOf('fast-gru-layer name=gru cell-dim=5 delay=-1');
  const merged = steps.flatMap((s) => (s.kind === 'merge' ? [slots[s.output]!.node] : []));
  expect(merged).toEqual(['gru.gru_nonlin_t']);
});
