import { parseNumber } from '@jebena/io-ark';
import { isName } from './config-line.js';
import { type Descriptor, type Forwarding, type SumDescriptor, isForwarding } from './descriptor.js';

type Fail = (message: string) => never;

const functions = [
  'Append',
  'Sum',
  'Failover',
  'IfDefined',
  'Offset',
  'Switch',
  'Round',
  'ReplaceIndex',
  'Scale',
  'Const',
];

/**
 * Reads a descriptor: Append, Sum, Failover, IfDefined, Offset, Switch, Round, ReplaceIndex, Scale and Const over
 * node names, and brings it to its normal form.
 *
 * @param fail is given what was expected and found, in one line; it throws
 */
export function parseDescriptor(text: string, fail: Fail): Descriptor {
  const tokens = text.match(/[(),]|[^\s(),]+/g) ?? [];
  let at = 0;
  const bad = (expected: string): never =>
    fail(`expected ${expected}, found ${at < tokens.length ? `'${tokens[at]}'` : 'the end'} in '${text}'`);
  const expect = (token: string): void => {
    if (tokens[at] !== token) bad(`'${token}'`);
    at++;
  };
  const number = (what: string, whole: boolean): number => {
    const value = parseNumber(tokens[at] ?? '');
    if (value === undefined || Number.isNaN(value) || (whole && !Number.isInteger(value))) return bad(what);
    at++;
    return value;
  };
  const integer = (what: string): number => (expect(','), number(what, true));
  const many = (): Descriptor[] => {
    const found = [parse()];
    while (tokens[at] === ',') {
      at++;
      found.push(parse());
    }
    return found;
  };
  const pairs = (what: string, parts: Descriptor[]): readonly (readonly SumDescriptor[])[] => {
    const count = parts[0]!.length;
    for (const part of parts)
      if (part.length !== count)
        fail(`expected terms of as many parts each in ${what}, found ${count} and ${part.length} in '${text}'`);
    return Array.from({ length: count }, (_, i) => parts.map((p) => p[i]!));
  };

  function parse(): Descriptor {
    const word = tokens[at];
    if (word === undefined || /^[(),]$/.test(word)) bad('a node name or a descriptor');
    at++;
    if (tokens[at] !== '(') {
      if (!isName(word!)) {
        at--;
        bad('a node name');
      }
      return [{ kind: 'node', node: word!, scale: 1 }];
    }
    if (!functions.includes(word!)) {
      at--;
      bad(`one of ${functions.join(', ')}`);
    }
    at++;
    const result = call(word!);
    expect(')');
    return result;
  }

  function call(word: string): Descriptor {
    switch (word) {
      case 'Append':
        return many().flat();
      case 'Sum': {
        const parts = many();
        if (parts.length < 2) bad("',' and a second term of Sum");
        return pairs('Sum', parts).map((terms) => terms.reduceRight((b, a) => ({ kind: 'sum', a, b })));
      }
      case 'Failover': {
        const a = parse();
        expect(',');
        return pairs('Failover', [a, parse()]).map(([x, y]) => ({ kind: 'failover', a: x!, b: y! }));
      }
      case 'IfDefined':
        return parse().map((of) => ({ kind: 'ifDefined', of }));
      case 'Switch':
        return pairs('Switch', many()).map((terms) => {
          if (!terms.every(isForwarding)) fail(`expected no sum inside Switch, found one in '${text}'`);
          return { kind: 'switch', of: terms as Forwarding[] };
        });
      case 'Offset': {
        const of = parse();
        const t = integer('an offset in t');
        const x = tokens[at] === ',' ? integer('an offset in x') : 0;
        return of.map((d) => inside(d, (f) => offset(f, t, x)));
      }
      case 'Round': {
        const of = parse();
        const modulus = integer('a modulus');
        if (modulus < 1) fail(`expected a modulus above 0 in Round, found ${modulus} in '${text}'`);
        return of.map((d) => inside(d, (f) => ({ kind: 'round', of: f, modulus })));
      }
      case 'ReplaceIndex': {
        const of = parse();
        expect(',');
        const variable = tokens[at];
        if (variable !== 't' && variable !== 'x') return bad("'t' or 'x'");
        at++;
        const value = integer('an index');
        return of.map((d) => inside(d, (f) => ({ kind: 'replace', of: f, variable, value })));
      }
      case 'Scale': {
        const by = number('a scale', false);
        expect(',');
        return parse().map((d) => scaled(d, by));
      }
      default: {
        const value = number('a value', false);
        const dim = integer('a dimension');
        if (dim < 1) fail(`expected a dimension above 0 in Const, found ${dim} in '${text}'`);
        return [{ kind: 'const', value, dim }];
      }
    }
  }

  const result = parse();
  if (at < tokens.length) bad('the end of the descriptor');
  return result;
}

/** Applies a shift in time to the sources inside sums; a constant has no time. */
function inside(d: SumDescriptor, shift: (f: Forwarding) => Forwarding): SumDescriptor {
  if (isForwarding(d)) return shift(d);
  switch (d.kind) {
    case 'sum':
    case 'failover':
      return { ...d, a: inside(d.a, shift), b: inside(d.b, shift) };
    case 'ifDefined':
      return { ...d, of: inside(d.of, shift) };
    default:
      return d;
  }
}

function offset(of: Forwarding, t: number, x: number): Forwarding {
  if (of.kind === 'offset') return offset(of.of, of.t + t, of.x + x);
  return t === 0 && x === 0 ? of : { kind: 'offset', of, t, x };
}

function scaled<D extends SumDescriptor>(d: D, by: number): D;
function scaled(d: SumDescriptor, by: number): SumDescriptor {
  switch (d.kind) {
    case 'node':
      return { ...d, scale: d.scale * by };
    case 'switch':
      return { ...d, of: d.of.map((f) => scaled(f, by)) };
    case 'sum':
    case 'failover':
      return { ...d, a: scaled(d.a, by), b: scaled(d.b, by) };
    case 'const':
      return { ...d, value: d.value * by };
    case 'ifDefined':
      return { ...d, of: scaled(d.of, by) };
    default:
      return { ...d, of: scaled(d.of, by) };
  }
}
