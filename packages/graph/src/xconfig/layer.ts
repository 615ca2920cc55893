import { type OptionSpecs, type OptionValues } from '@jebena/options';

/** A layer of an xconfig whose keys are read and whose input is resolved. */
export interface Layer<S extends OptionSpecs = OptionSpecs> {
  /** The word at the head of the line, e.g. `relu-batchnorm-layer`. */
  readonly type: string;
  readonly name: string;
  readonly config: OptionValues<S>;
  /** The keys' values as Kaldi's scripts write them into a config (`True`, `1e-05`, `0.75`). */
  readonly text: { readonly [K in keyof S]: string };
  /** What the layer reads: a descriptor over nodes, and its dimension. */
  readonly input: { readonly text: string; readonly dim: number };
}

/** Lines of the files that differ for a layer; a plain list stands for the same lines in ref and final. */
export interface LayerLines {
  readonly init?: readonly string[];
  readonly ref: readonly string[];
  readonly final: readonly string[];
}

/** An output of a layer that readers can name: the node or descriptor, and its dimension. */
export interface LayerOutput {
  readonly text: string;
  readonly dim: number;
}

/** A family of xconfig layers: its keys declared once, and what a line of it stands for. */
export interface LayerType<S extends OptionSpecs = OptionSpecs> {
  /** The words that begin a line. */
  readonly names: readonly string[];
  /** One sentence. */
  readonly summary: string;
  /** Keys besides `name` and `input`, with Kaldi's defaults; an empty text is one that is not passed on. */
  readonly keys: S;
  /** False for a layer that reads nothing. */
  readonly hasInput?: boolean;
  /** Defaults that follow from the input or from other keys. */
  readonly derive?: (layer: Layer<S>) => Partial<OptionValues<S>>;
  /** What is wrong with the keys, or nothing. */
  readonly check?: (layer: Layer<S>) => string | undefined | false;
  /** What a reader of the layer's name gets; undefined where the layer cannot be read. */
  readonly output: (layer: Layer<S>) => LayerOutput | undefined;
  /** Further outputs, read as `layer.NAME`. */
  readonly auxiliary?: (layer: Layer<S>) => Readonly<Record<string, LayerOutput>>;
  /** `read` holds the auxiliary outputs that some later layer reads. */
  readonly lines: (layer: Layer<S>, read: ReadonlySet<string>) => readonly string[] | LayerLines;
  /** Matrix files that the config names and that follow from the keys, by path. */
  readonly files?: (layer: Layer<S>) => Readonly<Record<string, string>>;
  /** Values that only the expanded xconfig shows. */
  readonly expanded?: (layer: Layer<S>) => Readonly<Record<string, number>>;
}

/** Declares a family of layers; keeps the type of its keys exact. */
export const defineLayer = <S extends OptionSpecs>(type: LayerType<S>): LayerType<S> => type;

/** A component and the node of the same name. */
export const pair = (name: string, component: string, input: string): [string, string] => [
  `component name=${name} ${component}`,
  `component-node name=${name} component=${name} input=${input}`,
];

/** ` key=value` for each value that is not empty, in the order given. */
export const passed = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => ` ${key}=${value}`)
    .join('');

/** Lines for init, ref and final alike where `init` is true. */
export const alsoInInit = (lines: readonly string[], init: boolean): readonly string[] | LayerLines =>
  init ? { init: lines, ref: lines, final: lines } : lines;
