import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type InfoDotOptions, dotToSvg, infoToDot } from '@jebena/graph';
import { describe, expect, test } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';

/**
 * Digests (sha256, first 16 digits) of what Kaldi's nnet3_to_dot.py (July 2025) makes of golden info.txt files: plain,
 * with --component-attributes=name,type,input-dim,output-dim and with --node-prefixes=tdnn1,lstm1. Its order of
 * attributes changes from run to run, so they are sorted before the digest.
 */
const digests = JSON.parse(readFileSync(`${import.meta.dirname}/fixtures/dot-digests.json`, 'utf8')) as Record<
  string,
  string[]
>;
const settings: InfoDotOptions[] = [
  {},
  { componentAttributes: ['name', 'type', 'input-dim', 'output-dim'] },
  { nodePrefixes: ['tdnn1', 'lstm1'] },
];
const digest = (dot: string): string => {
  const lines = dot
    .split('\n')
    // The edges of Scale, which Kaldi's script leaves out.
    .filter((line) => !/ label="Scale \(/.test(line))
    .map((line) =>
      line.replace(
        /label="((?:[^"\\]|\\.)*\\n)"/,
        (_, label: string) => `label="${label.split('\\n').sort().join('\\n')}"`,
      ),
    );
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
};

describe('DOT text as Kaldi gives it', () => {
  for (const [path, wanted] of Object.entries(digests)) {
    testShared(`${path}`, () => {
      const info = readFileSync(shared('golden', path), 'utf8');
      expect(settings.map((options) => digest(infoToDot(info, options)))).toEqual(wanted);
    });
  }

  const edges = (input: string): string[] =>
    infoToDot(
      `input-node name=a dim=3\ninput-node name=b dim=3\noutput-node name=o input=${input} dim=3 objective=linear`,
    )
      .split('\n')
      .filter((line) => line.includes('->'));

  test('what Kaldi leaves out or stops at is drawn', () => {
    expect(edges('Sum(Scale(0.66, a), b)')).toEqual([
      'a->Sum_o:Sum_oScale0 [ label="Scale (0.66)" ]',
      'b -> Sum_o:Sum_ob1',
      'Sum_o -> o [ tailport=s ] ',
    ]);
    expect(edges('Offset(Scale(-1, a), -1)')).toEqual(['a->o [ label="Offset (-1) Scale (-1.0)" ]']);
    expect(edges('Failover(Offset(a, 4), b)')[0]).toBe('a->Failover_o:Failover_oOffset0 [ label="Offset (4)" ]');
    expect(edges('Switch(a, b)')).toHaveLength(3);
    expect(edges('Append(a, Const(0.5, 3))')).toContain('Const_Append_o -> Append_o:Append_oConst0');
  });

  test('an info text that is none', () => {
    expect(() => infoToDot('input-node name')).toThrow("expected key=value after input-node, found 'name'");
    expect(() => infoToDot('input-node name=a')).toThrow('input-node a: dim is missing');
  });

  test('Graphviz reads it', async () => {
    const svg = await dotToSvg(
      infoToDot('input-node name=a-b dim=3\noutput-node name=o input=Offset(a-b, -1) dim=3 objective=linear'),
    );
    expect(svg).toContain('<svg');
    expect(svg).toContain('Offset (&#45;1)');
    await expect(dotToSvg('digraph {')).rejects.toThrow('syntax error');
  });
});
