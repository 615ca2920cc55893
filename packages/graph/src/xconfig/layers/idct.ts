import { bool, defineOptions, float, int, text } from '@jebena/options';
import { alsoInInit, defineLayer, pair } from '../layer.js';
import { realText } from '../number-text.js';

/** Turns cepstra back into log mel energies; the matrix file that it names is made here. */
export const idctLayer = defineLayer({
  names: ['idct-layer'],
  summary: 'The inverse of the cosine transform of MFCC.',
  keys: defineOptions({
    dim: int(-1, 'Dimension of the output; that of the input where not set'),
    cepstralLifter: float(22, 'Cepstral lifter of the MFCC; 0 for none'),
    affineTransformFile: text('', 'File that the matrix is written to'),
    includeInInit: bool(false, 'Is part of init.config'),
  }),
  derive: ({ config, input }) => (config.dim <= 0 ? { dim: input.dim } : {}),
  check: ({ config, input }) => {
    if (config.affineTransformFile === '') return 'affine-transform-file is missing';
    const zero = Array.from({ length: input.dim }, (_, k) => lifter(k, config.cepstralLifter)).indexOf(0);
    return zero >= 0 && `cepstral-lifter=${config.cepstralLifter} takes cepstrum ${zero} out, which cannot be undone`;
  },
  output: ({ name, config }) => ({ text: name, dim: config.dim }),
  lines: ({ name, input, config }) =>
    alsoInInit(
      pair(name, `type=FixedAffineComponent matrix=${config.affineTransformFile}`, input.text),
      config.includeInInit,
    ),
  files: ({ input, config }) => ({
    [config.affineTransformFile]: inverseDct(input.dim, config.dim, config.cepstralLifter),
  }),
});

/** The factor that liftering puts on cepstrum k. */
const lifter = (k: number, q: number): number => (q === 0 ? 1 : 1 + 0.5 * q * Math.sin((Math.PI * k) / q));

/** Text of the matrix (rows x (cols + 1), the last column a bias of 0) that undoes liftering and cosine transform. */
function inverseDct(cols: number, rows: number, lifterParameter: number): string {
  const lines: string[] = [];
  for (let n = 0; n < rows; n++) {
    const row: string[] = [];
    for (let k = 0; k < cols; k++) {
      const scale = Math.sqrt((k === 0 ? 1 : 2) / rows);
      row.push(realText((scale * Math.cos((Math.PI / rows) * (n + 0.5) * k)) / lifter(k, lifterParameter)));
    }
    lines.push([...row, '0'].join(' '));
  }
  return `[ ${lines.join('\n')} ]`;
}
