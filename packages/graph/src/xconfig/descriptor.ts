import { parseReal, parseWhole, realText } from './number-text.js';

/** A descriptor as xconfig writes it: the name of a layer (or of one of its outputs, `lstm1.c`), or an operation. */
export type XconfigDescriptor =
  | { readonly layer: string }
  | { readonly operation: string; readonly items: readonly (XconfigDescriptor | string | number)[] };

const joins = new Set(['Append', 'Sum', 'Switch', 'Failover', 'IfDefined']);

/**
 * Parses a descriptor with xconfig's extras: `name@-3` and bare offsets (`Append(-3,0,3)`, of the layer before),
 * `[-1]` for the layer before, `[-2]` for the one before that.
 *
 * @param previous the names of the layers above, first to last
 * @throws Error saying what was expected; the caller adds the line
 */
export function parseXconfigDescriptor(text: string, previous: readonly string[]): XconfigDescriptor {
  const tokens = tokenize(replaceBrackets(text, previous));
  let at = 0;
  const found = (): string => (at < tokens.length ? `'${tokens[at]}'` : 'the end');
  const fail = (expected: string): never => {
    throw new Error(`descriptor '${text}': expected ${expected}, found ${found()}`);
  };
  const expect = (token: string): void => {
    if (tokens[at] !== token) fail(`'${token}'`);
    at++;
  };
  const whole = (what: string): number => {
    const value = at < tokens.length ? parseWhole(tokens[at]!) : undefined;
    if (value === undefined) return fail(what);
    at++;
    return value;
  };
  const offset = (layer: XconfigDescriptor, t: number): XconfigDescriptor =>
    t === 0 ? layer : { operation: 'Offset', items: [layer, t] };

  const operation = (name: string): XconfigDescriptor => {
    const items: (XconfigDescriptor | string | number)[] = [];
    expect('(');
    if (name === 'Scale' || name === 'Const') {
      const value = at < tokens.length ? parseReal(tokens[at]!) : undefined;
      if (value === undefined) fail('a number');
      at++;
      items.push(realText(value!));
      expect(',');
      items.push(name === 'Scale' ? descriptor() : whole('a dimension'));
    } else {
      items.push(descriptor());
      if (joins.has(name)) {
        while (tokens[at] === ',') {
          at++;
          items.push(descriptor());
        }
        if (name === 'Failover' && items.length !== 2) fail('two arguments of Failover');
        if (name === 'IfDefined' && items.length !== 1) fail('one argument of IfDefined');
      } else if (name === 'ReplaceIndex') {
        expect(',');
        const variable = tokens[at];
        if (variable !== 'x' && variable !== 't') fail("'x' or 't'");
        at++;
        expect(',');
        items.push(variable!, whole('a whole number'));
      } else {
        expect(',');
        const value = whole('a whole number');
        if (name === 'Round' && value <= 0) throw new Error(`descriptor '${text}': Round wants a modulus above 0`);
        items.push(value);
        if (name === 'Offset' && tokens[at] === ',') {
          at++;
          items.push(whole('a whole number'));
        }
      }
    }
    expect(')');
    return { operation: name, items };
  };

  const descriptor = (): XconfigDescriptor => {
    const token = tokens[at];
    if (token === undefined) return fail('a descriptor');
    if (/^(Append|Sum|Switch|Failover|IfDefined|Offset|Round|ReplaceIndex|Scale|Const)$/.test(token)) {
      at++;
      return operation(token);
    }
    if (/^[a-zA-Z_][-a-zA-Z0-9_.]*$/.test(token)) {
      at++;
      if (tokens[at] !== '@') return { layer: token };
      at++;
      return offset({ layer: token }, whole('an offset after @'));
    }
    if (parseWhole(token) === undefined) return fail('a descriptor');
    if (previous.length === 0) throw new Error(`descriptor '${text}': offset ${token}, but no layer comes before`);
    return offset({ layer: previous.at(-1)! }, whole('an offset'));
  };

  const parsed = descriptor();
  if (at < tokens.length) fail('nothing more');
  return parsed;
}

/** The text of a descriptor, with every layer's name put through `name`. */
export function descriptorText(descriptor: XconfigDescriptor, name: (layer: string) => string = (x) => x): string {
  if ('layer' in descriptor) return name(descriptor.layer);
  const items = descriptor.items.map((item) => (typeof item === 'object' ? descriptorText(item, name) : String(item)));
  return `${descriptor.operation}(${items.join(', ')})`;
}

/** The dimension of a descriptor, given the dimensions of layers. @throws Error where parts do not fit */
export function descriptorDim(descriptor: XconfigDescriptor, dimOf: (layer: string) => number): number {
  if ('layer' in descriptor) return dimOf(descriptor.layer);
  const { operation, items } = descriptor;
  if (operation === 'Const') return items[1] as number;
  const dims = items.filter((item) => typeof item === 'object').map((item) => descriptorDim(item, dimOf));
  if (operation === 'Append') return dims.reduce((a, b) => a + b);
  const other = dims.find((dim) => dim !== dims[0]);
  if (other !== undefined) {
    throw new Error(`${descriptorText(descriptor)}: the parts' dimensions differ, ${dims[0]} and ${other}`);
  }
  return dims[0]!;
}

function replaceBrackets(text: string, previous: readonly string[]): string {
  const replaced = text.replaceAll(/\[([^\]]*)\]\s*/g, (whole, inside: string) => {
    const back = parseWhole(inside);
    if (back === undefined || back >= 0 || -back > previous.length) {
      throw new Error(`descriptor '${text}': ${whole.trim()} names no layer above (there are ${previous.length})`);
    }
    return previous.at(back)!;
  });
  if (/[[\]]/.test(replaced)) throw new Error(`descriptor '${text}': brackets do not match`);
  return replaced;
}

const tokenize = (text: string): string[] => text.split(/([(),@]|\s)\s*/).filter((token) => token.trim() !== '');
