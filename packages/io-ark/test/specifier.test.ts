import {
  KaldiIoError,
  isReadSpecifier,
  isWriteSpecifier,
  matrix,
  matrixRange,
  parseLocation,
  parseReadSpecifier,
  parseWriteSpecifier,
  vectorRange,
} from '@jebena/io-ark';
import { expect, test } from 'vitest';

test('rspecifiers and their options', () => {
  const defaults = { once: false, permissive: false, sorted: false, calledSorted: false, background: false };
  expect(parseReadSpecifier('ark:a.ark')).toEqual({ ...defaults, kind: 'ark', name: 'a.ark' });
  expect(parseReadSpecifier('b,scp,p,bg:-')).toEqual({
    ...defaults,
    kind: 'scp',
    name: '-',
    permissive: true,
    background: true,
  });
  expect(parseReadSpecifier('t,o,s,cs,ark:gunzip -c x:y|')).toEqual({
    ...defaults,
    kind: 'ark',
    name: 'gunzip -c x:y|',
    once: true,
    sorted: true,
    calledSorted: true,
  });
  expect(parseReadSpecifier('o,no,p,np,s,ns,cs,ncs,ark:a')).toEqual({ ...defaults, kind: 'ark', name: 'a' });
});

test('wspecifiers and their options', () => {
  const defaults = { ark: undefined, scp: undefined, binary: true, flush: false, permissive: false };
  expect(parseWriteSpecifier('ark:-')).toEqual({ ...defaults, ark: '-' });
  expect(parseWriteSpecifier('ark,scp,t,f:a.ark,b,c.scp')).toEqual({
    ...defaults,
    ark: 'a.ark',
    scp: 'b,c.scp',
    binary: false,
    flush: true,
  });
  expect(parseWriteSpecifier('scp,p,nf,b:x')).toEqual({ ...defaults, scp: 'x', permissive: true });
});

test('what is no specifier', () => {
  const none = ['a.ark', 'ark,scp:a', 'scp,ark:a,b', 'ark,ark:a', 'x,ark:a', 'ark:a ', 't:a', ''];
  expect(none.filter(isWriteSpecifier)).toEqual([]);
  expect([...none.slice(3), 'ark,scp:a,b', 'constructor,ark:x'].filter(isReadSpecifier)).toEqual([]);
  expect(() => parseReadSpecifier('x')).toThrow(KaldiIoError);
  expect(['ark:', 'scp:-'].every(isReadSpecifier)).toBe(true);
});

test('locations', () => {
  const none = { offset: undefined, range: undefined };
  expect(parseLocation('x.ark')).toEqual({ ...none, name: 'x.ark', kind: 'file' });
  expect(parseLocation('C:x.ark:12[3:4,:]')).toEqual({ name: 'C:x.ark', kind: 'file', offset: 12, range: '3:4,:' });
  expect(parseLocation('')).toEqual({ ...none, name: '-', kind: 'stdin' });
  expect(parseLocation('sox a|b - |')).toEqual({ ...none, name: 'sox a|b - |', kind: 'pipe' });
  expect(parseLocation('a b.wav')).toEqual({ ...none, name: 'a b.wav', kind: 'file' });
  for (const wrong of ['|cat', ' x', 'x ', 'a|b', 'ark:x', 'scp,p:x', 'x[1:2][3:4]', '[1:2]', 'x[]'])
    expect(() => parseLocation(wrong)).toThrow(KaldiIoError);
});

test('ranges, both ends included', () => {
  const m = matrix(
    4,
    3,
    Float32Array.from({ length: 12 }, (_, i) => i),
  );
  const fail = (expected: string, found = ''): never => {
    throw new Error(`${expected} ${found}`);
  };
  const of = (range: string): number[] => [...matrixRange(m, range, fail).data];
  expect(of('1:2')).toEqual([3, 4, 5, 6, 7, 8]);
  expect(of(':,1:1')).toEqual([1, 4, 7, 10]);
  expect(of(',1:1')).toEqual([1, 4, 7, 10]);
  expect(of('3:3,0:1')).toEqual([9, 10]);
  // Up to three rows beyond the end are cut; columns must be there.
  expect(of('3:6')).toEqual([9, 10, 11]);
  for (const wrong of ['3:7', '2:1', '4:4', '0:0,0:3', '0:0,0:0,0:0', 'a', '', '-1:2', '1'])
    expect(() => of(wrong)).toThrow(/range/);
  const v = Float32Array.of(1, 2, 3);
  expect([...vectorRange(v, '1:5', fail)]).toEqual([2, 3]);
  expect(() => vectorRange(v, '0:1,0:1', fail)).toThrow('a range');
});
