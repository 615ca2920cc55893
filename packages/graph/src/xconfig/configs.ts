import { XconfigError } from './errors.js';
import type { LayerLines } from './layer.js';
import { type ExistingNode, readLayers } from './read-layers.js';

/** Settings of `xconfigToConfigs`. */
export interface XconfigOptions {
  /** Nodes of an existing model (name and dimension) that the xconfig's layers may read, as in transfer learning. */
  readonly existing?: readonly ExistingNode[];
  /** Named in the files' first lines as the command that made them. */
  readonly command?: string;
  /** Context of the network of a config, for `vars`; a network that is drawn from `ref` answers it. */
  readonly context?: (refConfig: string) => { readonly left: number; readonly right: number };
}

/** The texts of the files that Kaldi's xconfig_to_configs.py writes. */
export interface XconfigConfigs {
  /** `init.config`: up to the transform that is estimated first; undefined where no layer asks for it. */
  readonly init: string | undefined;
  /** `ref.config`: everything, with files replaced by random numbers: for finding the context. */
  readonly ref: string;
  /** `final.config`: everything. */
  readonly final: string;
  /** `xconfig.expanded.1`: every key with its value. */
  readonly expanded1: string;
  /** `xconfig.expanded.2`: the same with descriptors resolved. */
  readonly expanded2: string;
  /** `vars`: model_left_context and model_right_context; undefined without `context`. */
  readonly vars: string | undefined;
  /** Matrix files that `final` and `ref` name and that follow from the xconfig alone (inverse DCT), by path. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Turns an xconfig into nnet3 configs, as Kaldi's steps/nnet3/xconfig_to_configs.py does.
 *
 * Where Kaldi's script divides in floating point and writes `output-dim=512.0`, which its own programs refuse
 * (projection dims that default to a quarter of cell-dim, res-block and res2-block), we write the whole number.
 *
 * @throws XconfigError naming the line and what is wrong there
 */
export function xconfigToConfigs(xconfig: string, options: XconfigOptions = {}): XconfigConfigs {
  const layers = readLayers(xconfig, options.existing);
  const lines: Record<'init' | 'ref' | 'final', string[]> = { init: [], ref: [], final: [] };
  const files: Record<string, string> = {};
  for (const { type, layer, read } of layers) {
    const made = type.lines(layer, read);
    const own: LayerLines = isLines(made) ? { ref: made, final: made } : made;
    lines.init.push(...(own.init ?? []));
    lines.ref.push(...own.ref);
    lines.final.push(...own.final);
    Object.assign(files, type.files?.(layer));
  }
  if (!hasOutput(lines.final)) throw new XconfigError('there is no output layer in it');

  const made = `# This file was created by the command:\n# ${options.command ?? 'jebena xconfig-to-configs'}\n`;
  const config = (about: string, body: readonly string[]): string => `${made}${about}\n${body.join('\n')}\n`;
  const ref = config(about.ref, lines.ref);
  const context = options.context?.(ref);
  return {
    init: hasOutput(lines.init) ? config(about.init, lines.init) : undefined,
    ref,
    final: config(about.final, lines.final),
    expanded1: config(
      about.expanded1,
      layers.map((layer) => layer.expanded),
    ),
    expanded2: config(
      about.expanded2,
      layers.map((layer) => layer.normalized),
    ),
    vars: context && `model_left_context=${context.left}\nmodel_right_context=${context.right}\n`,
    files,
  };
}

/**
 * The config of the whole network, ready for `Network.fromConfig`.
 *
 * @throws XconfigError naming the line and what is wrong there
 */
export const configFromXconfig = (xconfig: string, options: XconfigOptions = {}): string =>
  xconfigToConfigs(xconfig, options).final;

const about = {
  init: '# The input alone, as a network: statistics for the first transform (LDA) are gathered on its output.\n',
  ref: '# The whole network, with random numbers where it will read a matrix file: it tells the context.\n',
  final: '# The whole network.\n',
  expanded1: '# The xconfig with every key and its value.\n# See also ./xconfig.expanded.2\n',
  expanded2: '# The xconfig with every key and its value, descriptors resolved.\n# See also ./xconfig.expanded.1\n',
};

const isLines = (made: readonly string[] | LayerLines): made is readonly string[] => Array.isArray(made);
const hasOutput = (lines: readonly string[]): boolean => lines.some((line) => line.startsWith('output-node'));
