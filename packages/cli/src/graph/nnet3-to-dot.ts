import { dotToSvg, infoToDot, networkInfo, networkToDot } from '@jebena/graph';
import { bool, choice, defineOptions, text } from '@jebena/options';
import { defineProgram } from '../program.js';
import { readNetwork, readText, writeTextFile } from './models.js';

const listOf = (names: string): string[] | undefined => (names === '' ? undefined : names.split(','));

export const program = defineProgram({
  name: 'nnet3-to-dot',
  summary:
    'Draws a network: DOT text, or SVG where the file is named so. Without a model, it draws what nnet3-info printed.',
  usage: ['<dot-or-svg-out>', '<nnet-in> <dot-or-svg-out>'],
  options: defineOptions({
    componentAttributes: text('', "What Kaldi's form shows of components, e.g. name,type,input-dim,output-dim"),
    nodePrefixes: text('', "Nodes that Kaldi's form frames together by their first letters, e.g. Lstm1,Lstm2,Layer1"),
    style: choice('picture', ['picture', 'kaldi'], "With a model: a picture to look at, or Kaldi's form"),
    short: bool(false, 'A picture with a box for each layer, and one for layers that are alike'),
  }),
  spacedValues: true,
  args: [1, 2],
  run: async (args, { componentAttributes, nodePrefixes, style, short }) => {
    const [model, output] = args.length === 2 ? args : [undefined, args[0]];
    const kaldi = (info: string): string => {
      const [attributes, prefixes] = [listOf(componentAttributes), listOf(nodePrefixes)];
      return infoToDot(info, {
        ...(attributes && { componentAttributes: attributes }),
        ...(prefixes && { nodePrefixes: prefixes }),
      });
    };
    let dot: string;
    if (model === undefined) dot = kaldi(await readText('-'));
    else {
      const network = await readNetwork(model);
      dot = style === 'kaldi' ? kaldi(networkInfo(network)) : networkToDot(network, { short });
    }
    await writeTextFile(output!, output!.endsWith('.svg') ? await dotToSvg(dot) : dot);
  },
});
