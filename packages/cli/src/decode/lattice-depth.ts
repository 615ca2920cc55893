import { latticeDepth, stateTimes } from '@jebena/decode';
import { floatHolder } from '@jebena/io-ark';
import { defineOptions } from '@jebena/options';
import { exitCode, tableWriter } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { eachLattice } from './lattice-program.js';

export const program = defineProgram({
  name: 'lattice-depth',
  summary: 'Computes the average number of arcs that cross a frame.',
  usage: ['<lattice-rspecifier> [<depth-wspecifier>]'],
  options: defineOptions({}),
  args: [1, 2],
  run: async ([input, output], _, context) => {
    const writer = output ? tableWriter(floatHolder, output) : undefined;
    let [sum, frames] = [0, 0];
    const { done } = await eachLattice(input!, context, [writer], async (lattice, key) => {
      const depth = latticeDepth(lattice);
      const { numFrames } = stateTimes(lattice);
      sum += depth * numFrames;
      frames += numFrames;
      await writer?.write(key, depth);
    });
    context.log(`Done ${done} lattices. The average density is ${sum / frames} over ${frames} frames.`);
    return exitCode(done);
  },
});
