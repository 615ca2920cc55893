import { makeDataDir } from '@jebena/io-ark/node';
import { defineOptions } from '@jebena/options';
import { defineProgram } from '../program.js';

export const program = defineProgram({
  name: 'make-data-dir',
  summary: 'Makes a data directory of manifests (JSON lines as Hugging Face, NeMo or Lhotse have them, or CSV).',
  usage: ['<manifest> [<manifest> ...] <data-dir>', '<folder-with-metadata> <data-dir>'],
  options: defineOptions({}),
  args: [2, Infinity],
  run: async (args, _, context) => {
    const path = args.at(-1)!;
    const files = await makeDataDir(args.slice(0, -1), path);
    const utterances = files.get('utt2spk')!.split('\n').length - 1;
    context.log(`Wrote ${[...files.keys()].join(' ')} of ${utterances} utterances to ${path}`);
  },
});
