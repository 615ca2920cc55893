/** Reads every `step`-th sample from `at` on into `out`, scaled to the range of 16-bit integers. */
export type SampleReader = (view: DataView, at: number, step: number, little: boolean, out: Float32Array) => void;

type One = (view: DataView, at: number, little: boolean) => number;

const each =
  (one: One): SampleReader =>
  (view, at, step, little, out) => {
    for (let i = 0; i < out.length; i++, at += step) out[i] = one(view, at, little);
  };

const int24: One = (view, at, little) =>
  ((view.getInt8(at + (little ? 2 : 0)) << 16) | (view.getUint8(at + 1) << 8) | view.getUint8(at + (little ? 0 : 2))) /
  256;

/** A-law to 16-bit linear, ITU-T G.711. */
export const aLaw: Float32Array = Float32Array.from({ length: 256 }, (_, code) => {
  const byte = code ^ 0x55;
  const exponent = (byte >> 4) & 7;
  const mantissa = byte & 15;
  const size = exponent === 0 ? (mantissa << 4) + 8 : ((mantissa << 4) + 0x108) << (exponent - 1);
  return byte & 0x80 ? size : -size;
});

/** mu-law to 16-bit linear, ITU-T G.711. */
export const muLaw: Float32Array = Float32Array.from({ length: 256 }, (_, code) => {
  const byte = ~code & 0xff;
  const size = ((((byte & 15) << 3) + 0x84) << ((byte >> 4) & 7)) - 0x84;
  return byte & 0x80 ? 0 - size : size;
});

/** How a wave's samples are coded: 1 is PCM, 3 float, 6 A-law, 7 mu-law. */
export function sampleReader(format: number, bits: number): SampleReader | undefined {
  switch (`${format}/${bits}`) {
    case '1/8':
      return each((view, at) => (view.getUint8(at) - 128) * 256);
    case '1/16':
      return each((view, at, little) => view.getInt16(at, little));
    case '1/24':
      return each(int24);
    case '1/32':
      return each((view, at, little) => view.getInt32(at, little) / 65536);
    case '3/32':
      return each((view, at, little) => view.getFloat32(at, little) * 32768);
    case '3/64':
      return each((view, at, little) => view.getFloat64(at, little) * 32768);
    case '6/8':
      return each((view, at) => aLaw[view.getUint8(at)]!);
    case '7/8':
      return each((view, at) => muLaw[view.getUint8(at)]!);
    default:
      return undefined;
  }
}
