import { addonFolder, createEngine } from '@jebena/engine/node';
import { expect, test } from 'vitest';

test.runIf(addonFolder())('large products are those of libtensorflow, also of parts of matrices', async () => {
  const product = async (): Promise<Float32Array> => {
    const e = await createEngine({ engine: 'tensorflow' });
    const y = e.tidy(() => {
      const whole = e.randomNormal(1100, 600, 1);
      const x = e.sliceCols(e.sliceRows(whole, 3, 1024), 40, 512);
      const w = e.randomNormal(1024, 512, 2);
      return e.intoAddMatmul(e.matmul(x, w, { transposeB: true }), x, w, { transposeB: true, scale: -3 });
    });
    const found = await e.read(y);
    e.dispose(y);
    expect(e.liveTensors()).toBe(0);
    return found;
  };
  const own = await product();
  process.env['JEBENA_KERNELS'] = 'libtensorflow';
  const other = await product().finally(() => delete process.env['JEBENA_KERNELS']);
  expect(own.some((v) => Math.abs(v) > 50)).toBe(true);
  expect(Math.max(...Array.from(own.subarray(0, 100_000), (v, i) => Math.abs(v - other[i]!)))).toBeLessThan(2e-3);
});
