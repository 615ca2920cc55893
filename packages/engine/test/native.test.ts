import { addonFolder, createEngine } from '@jebena/engine/node';
import { expect, test } from 'vitest';

test.runIf(addonFolder())(
  'large products by libtensorflow are those of the addon, also of parts of matrices',
  async () => {
    const e = await createEngine({ engine: 'tensorflow' });
    e.tidy(() => {
      const whole = e.randomNormal(1100, 600, 1);
      const x = e.sliceCols(e.sliceRows(whole, 3, 1024), 40, 512);
      const w = e.randomNormal(1024, 512, 2);
      const large = e.matmul(x, w, { transposeB: true });
      // affine is always the addon's own where the CPU has AVX2.
      const own = e.affine(x, w);
      expect(e.readSync!(e.sumSquares(own))[0]).toBeGreaterThan(1e8);
      const difference = e.addScaled(large, own, -1);
      expect(e.readSync!(e.maxCols(e.reshape(e.unary('abs', difference), 1, 1024 * 1024)))[0]).toBeLessThan(2e-3);
      const summed = e.intoAddScaled(large, own, -1);
      expect(e.readSync!(e.sumSquares(summed))[0]).toBeLessThan(1);
    });
    expect(e.liveTensors()).toBe(0);
  },
);
