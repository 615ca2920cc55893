import { type OptionSpec, type OptionSpecs, type OptionValues, flagName } from '@jebena/options';
import { type XconfigDescriptor, descriptorDim, descriptorText, parseXconfigDescriptor } from './descriptor.js';
import { XconfigError } from './errors.js';
import type { Layer, LayerOutput, LayerType } from './layer.js';
import { layerTypes } from './layers/index.js';
import { type XconfigLine, parseXconfigLine } from './line.js';
import { parseReal, parseWhole, realText } from './number-text.js';

/** A node of an existing model that the layers of an xconfig may read. */
export interface ExistingNode {
  readonly name: string;
  readonly dim: number;
}

/** A line of an xconfig, read and checked against the lines above it. */
export interface ReadLayer {
  readonly line: number;
  readonly type: LayerType<any>;
  readonly layer: Layer<any>;
  /** Names of the auxiliary outputs that later layers read. */
  readonly read: Set<string>;
  /** The line with every key and default; `normalized` with its descriptor resolved. */
  readonly expanded: string;
  readonly normalized: string;
}

/**
 * Reads all layers of an xconfig.
 *
 * @param existing nodes of a model that the network is laid over
 * @throws XconfigError naming the line and what is wrong there
 */
export function readLayers(text: string, existing: readonly ExistingNode[] = []): ReadLayer[] {
  const layers: ReadLayer[] = [];
  const scope = new Scope(layers, existing);
  text.split('\n').forEach((content, index) => {
    const line = parseXconfigLine(content, index + 1);
    if (line) layers.push(readLayer(line, scope));
  });
  if (layers.length === 0) throw new XconfigError('there is no layer in it');
  return layers;
}

function readLayer(line: XconfigLine, scope: Scope): ReadLayer {
  const fail = (message: string): never => {
    throw new XconfigError(`${line.type}: ${message}`, line.number);
  };
  const type = layerTypes.get(line.type);
  if (!type) throw new XconfigError(`no such layer type '${line.type}'`, line.number);
  const name = line.values.get('name');
  if (name === undefined) return fail('key name is missing');
  if (!/^[a-zA-Z_][-a-zA-Z0-9_.]*$/.test(name)) fail(`'${name}' is no name (a letter or _, then letters, digits, -_.)`);
  if (scope.names.includes(name)) fail(`name '${name}' is taken by a layer above`);

  const hasInput = type.hasInput !== false;
  const config = readKeys(type.keys, line, hasInput, fail);
  const written = line.values.get('input') ?? '[-1]';
  const attempt = <T>(run: () => T): T => {
    try {
      return run();
    } catch (error) {
      return fail(error instanceof Error ? error.message : String(error));
    }
  };
  const descriptor: XconfigDescriptor | undefined = hasInput
    ? attempt(() => parseXconfigDescriptor(written, scope.names))
    : undefined;
  const input = descriptor
    ? attempt(() => ({
        dim: descriptorDim(descriptor, (reference) => scope.lookUp(reference).dim),
        text: descriptorText(descriptor, (reference) => scope.lookUp(reference).text),
      }))
    : { dim: 0, text: '' };

  const text = {} as Record<string, string>;
  const layer: Layer<any> = { type: line.type, name, config, text, input };
  Object.assign(config, type.derive?.(layer));
  for (const [key, spec] of Object.entries<OptionSpec<unknown>>(type.keys)) text[key] = valueText(spec, config[key]);
  const wrong = type.check?.(layer);
  if (wrong) fail(wrong);

  const entries = new Map(Object.keys(type.keys).map((key) => [flagName(key), text[key]!]));
  for (const [key, value] of Object.entries(type.expanded?.(layer) ?? {})) entries.set(key, String(value));
  const expand = (inputText: string): string => {
    const all = new Map(entries);
    if (hasInput) all.set('input', inputText);
    const sorted = [...all].sort(([a], [b]) => (a < b ? -1 : 1));
    const values = sorted.map(([key, value]) => (value.includes('=') ? `${key}="${value}"` : `${key}=${value}`));
    return [`${line.type} name=${name}`, ...values].join(' ');
  };
  return {
    line: line.number,
    type,
    layer,
    read: new Set(),
    expanded: expand(written),
    normalized: expand(descriptor ? descriptorText(descriptor) : ''),
  };
}

function readKeys<S extends OptionSpecs>(
  specs: S,
  line: XconfigLine,
  hasInput: boolean,
  fail: (message: string) => never,
): OptionValues<S> {
  const byKey = new Map(Object.keys(specs).map((key) => [flagName(key), key]));
  const config: Record<string, unknown> = {};
  for (const [key, spec] of Object.entries(specs)) config[key] = spec.default;
  for (const [key, value] of line.values) {
    if (key === 'name' || (key === 'input' && hasInput)) continue;
    const known = byKey.get(key);
    if (known === undefined) {
      const keys = [...(hasInput ? ['input'] : []), ...byKey.keys()].sort();
      return fail(`unknown key ${key}=${value}; known: name ${keys.join(' ')}`);
    }
    config[known] = parseValue(key, specs[known]!, value, fail);
  }
  return config as OptionValues<S>;
}

function parseValue(key: string, spec: OptionSpec<unknown>, value: string, fail: (message: string) => never): unknown {
  const expected = (what: string): never => fail(`key ${key}: expected ${what}, found '${value}'`);
  if (spec.kind === 'boolean') {
    if (/^[Tt]rue$/.test(value)) return true;
    return /^[Ff]alse$/.test(value) ? false : expected('true or false');
  }
  if (spec.kind === 'integer') return parseWhole(value) ?? expected('a whole number');
  if (spec.kind === 'float') return parseReal(value) ?? expected('a number');
  const wrong = spec.check?.(value);
  return wrong ? expected(wrong.replace(/^expected /, '')) : value;
}

function valueText(spec: OptionSpec<unknown>, value: unknown): string {
  if (spec.kind === 'boolean') return value ? 'True' : 'False';
  return spec.kind === 'float' ? realText(value as number) : String(value);
}

/** What stands above a line. */
class Scope {
  constructor(
    private readonly layers: readonly ReadLayer[],
    private readonly existing: readonly ExistingNode[],
  ) {}

  get names(): string[] {
    return this.layers.map(({ layer }) => layer.name);
  }

  /** A layer, `layer.output`, or a node of the existing model. */
  lookUp(reference: string): LayerOutput {
    // A layer of the file hides the existing model's node of its name.
    const whole = this.layers.find(({ layer }) => layer.name === reference);
    if (whole) {
      const output = whole.type.output(whole.layer);
      if (!output) throw new Error(`layer '${reference}' (${whole.layer.type}) cannot be read by other layers`);
      return output;
    }
    const node = this.existing.find(({ name }) => name === reference);
    if (node) return { text: node.name, dim: node.dim };

    const dot = reference.indexOf('.');
    const owner = this.layers.find(({ layer }) => layer.name === reference.slice(0, dot));
    if (!owner || dot < 0) throw new Error(`no layer '${reference}' above this line`);
    const outputs = owner.type.auxiliary?.(owner.layer) ?? {};
    const part = reference.slice(dot + 1);
    if (!Object.hasOwn(outputs, part)) {
      const known = Object.keys(outputs).join(', ') || 'none';
      throw new Error(`layer '${owner.layer.name}' (${owner.layer.type}) has no output '${part}'; it has: ${known}`);
    }
    owner.read.add(part);
    return outputs[part]!;
  }
}
