import { type Network, UpdatableComponent } from '@jebena/graph';
import { formatFloat } from '@jebena/io-ark';
import { UsageError, defineOptions } from '@jebena/options';
import { readNetwork } from '../graph/models.js';
import { defineProgram } from '../program.js';

type Values = Record<string, { readonly data: ArrayLike<number> }>;

/** Parameters of the updatable components, by component. */
const parametersOf = (network: Network): [name: string, values: Values][] =>
  [...network.components].flatMap(([name, c]) =>
    c instanceof UpdatableComponent && c.updatable ? [[name, c.parameters()]] : [],
  );

/** 2-norm of what `of` makes of each value and its partner. */
function norm(values: Values, others: Values, of: (a: number, b: number) => number): number {
  let sum = 0;
  for (const [name, { data }] of Object.entries(values))
    for (let i = 0; i < data.length; i++) sum += of(data[i]!, others[name]!.data[i]!) ** 2;
  return Math.sqrt(sum);
}

/** How far each component of a network went between two models, as Kaldi's program of this name tells it. */
export const program = defineProgram({
  name: 'nnet3-show-progress',
  summary: 'Tells how far the parameters of each component are from those of an older model.',
  usage: ['<old-net-in> <new-net-in>'],
  options: defineOptions({}),
  args: [2, 2],
  run: async ([oldName, newName], _, { log }) => {
    const before = new Map(parametersOf(await readNetwork(oldName!)));
    const rows = parametersOf(await readNetwork(newName!)).map(([name, values]) => {
      const old = before.get(name);
      const same = old && Object.entries(values).every(([k, v]) => old[k]?.data.length === v.data.length);
      if (!same)
        throw new UsageError(`${oldName}: expected a component '${name}' as in ${newName}, found none like it`);
      return { name, difference: norm(values, old, (a, b) => a - b), size: norm(values, old, (a) => a) };
    });
    const tell = (what: string, of: (row: (typeof rows)[number]) => number): void =>
      log(`${what} [ ${rows.map((row) => `${row.name}:${formatFloat(of(row), 6)} `).join('')}]`);
    tell('Parameter differences per layer are', (row) => row.difference);
    tell('Norms of parameter matrices from <new-nnet-in> are', (row) => row.size);
    tell('Relative parameter differences per layer are', (row) => row.difference / row.size);
  },
});
