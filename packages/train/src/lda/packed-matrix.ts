import { formatFloat, type KaldiInput, type KaldiOutput } from '@jebena/io-ark';

const sizeOf = (rows: number): number => (rows * (rows + 1)) / 2;

/** Reads a symmetric matrix that was written as its lower triangle (matrix/packed-matrix.cc), row by row. */
export function readPacked(input: KaldiInput): Float64Array {
  if (!input.binary) {
    input.expectToken('[');
    const values: number[] = [];
    while (!input.acceptToken(']')) values.push(input.readFloat());
    return Float64Array.from(values);
  }
  const width = input.expectToken('FP', 'DP') === 'DP' ? 8 : 4;
  const count = sizeOf(input.readCount('a row count', 100_000));
  const start = input.take(count * width, 'a symmetric matrix');
  const view = new DataView(input.bytes.buffer, input.bytes.byteOffset + start, count * width);
  return Float64Array.from({ length: count }, (_, i) =>
    width === 8 ? view.getFloat64(i * 8, true) : view.getFloat32(i * 4, true),
  );
}

/** Writes the lower triangle of a symmetric matrix in single precision. */
export function writePacked(output: KaldiOutput, rows: number, triangle: Float64Array): void {
  if (output.binary) {
    output.writeToken('FP');
    output.writeInt32(rows);
    const bytes = new DataView(new ArrayBuffer(4 * triangle.length));
    triangle.forEach((value, i) => bytes.setFloat32(4 * i, value, true));
    return output.writeBytes(new Uint8Array(bytes.buffer));
  }
  output.writeText(rows === 0 ? '[ ]\n' : '[\n');
  for (let r = 0; r < rows; r++) {
    const line = triangle.subarray(sizeOf(r), sizeOf(r + 1));
    output.writeText(`${Array.from(line, (v) => `${formatFloat(v)} `).join('')}\n`);
  }
  if (rows > 0) output.writeText(']\n');
}
