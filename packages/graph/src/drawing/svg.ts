import { Graphviz } from '@hpcc-js/wasm-graphviz';

let loading: Promise<Graphviz> | undefined;

/**
 * SVG of DOT text, laid out by Graphviz compiled to WebAssembly (no Graphviz on the machine is needed).
 *
 * @throws Error where the text is no DOT
 */
export async function dotToSvg(dot: string): Promise<string> {
  loading ??= Graphviz.load();
  return (await loading).layout(dot, 'svg', 'dot');
}
