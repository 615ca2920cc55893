import type { Random } from './random.js';

/** A point or size in metres. */
export type Metres = readonly [x: number, y: number, z: number];

export interface Room {
  /** Length, width and height. */
  readonly size: Metres;
  readonly source: Metres;
  readonly microphone: Metres;
  /** Seconds until reflections have fallen by 60 dB; 0 gives the direct sound alone. */
  readonly t60: number;
  readonly sampleRate: number;
}

const soundSpeed = 343;
/** Samples on either side of an arrival that its band-limited pulse takes. */
const pulse = 16;

/**
 * The response of a box-shaped room from source to microphone, by the image method (Allen and Berkley, 1979): each
 * reflection is the sound of a mirror image of the source. Walls reflect alike, as much as `t60` asks for (Eyring).
 *
 * @throws RangeError for a source or microphone outside the room
 */
export function roomResponse({ size, source, microphone, t60, sampleRate }: Room): Float32Array {
  for (const [name, point] of Object.entries({ source, microphone }))
    if (point.some((x, i) => !(x > 0 && x < size[i]!)))
      throw new RangeError(`room: expected the ${name} within ${size.join(' x ')} m, found ${point.join(', ')}`);
  const reflection = reflectionFor(size, t60);
  const distance = Math.hypot(...source.map((x, i) => x - microphone[i]!));
  const length = Math.ceil((distance / soundSpeed + t60) * sampleRate) + 2 * pulse;
  const response = new Float32Array(length);
  const reach = (length / sampleRate) * soundSpeed;
  const images = size.map((extent, i) => axisImages(extent, source[i]!, microphone[i]!, reach, reflection));
  for (const [x, gainX] of images[0]!)
    for (const [y, gainY] of images[1]!) {
      const flat = x * x + y * y;
      if (flat > reach * reach) continue;
      for (const [z, gainZ] of images[2]!) {
        const away = Math.sqrt(flat + z * z);
        const gain = (gainX * gainY * gainZ) / (4 * Math.PI * Math.max(away, 0.01));
        if (gain !== 0) addPulse(response, (away / soundSpeed) * sampleRate, gain);
      }
    }
  return t60 > 0 ? withoutRumble(response, sampleRate) : response;
}

/** The mirror images along one axis: distance to the microphone and what the walls leave of the sound. */
function axisImages(
  extent: number,
  source: number,
  microphone: number,
  reach: number,
  reflection: number,
): [number, number][] {
  const images: [number, number][] = [];
  const most = reflection === 0 ? 0 : Math.ceil(reach / (2 * extent));
  for (let n = -most; n <= most; n++)
    for (const mirrored of [0, 1]) {
      const away = (1 - 2 * mirrored) * source + 2 * n * extent - microphone;
      const bounces = Math.abs(n - mirrored) + Math.abs(n);
      if (Math.abs(away) <= reach) images.push([away, bounces === 0 ? 1 : reflection ** bounces]);
    }
  return images;
}

function reflectionFor([x, y, z]: Metres, t60: number): number {
  if (t60 <= 0) return 0;
  const volume = x * y * z;
  const surface = 2 * (x * y + y * z + x * z);
  const absorption = 1 - Math.exp((-24 * Math.LN10 * volume) / (soundSpeed * surface * t60));
  return Math.sqrt(1 - absorption);
}

/** Adds a band-limited pulse that arrives between samples. */
function addPulse(response: Float32Array, arrival: number, gain: number): void {
  const first = Math.max(0, Math.ceil(arrival - pulse));
  const last = Math.min(response.length - 1, Math.floor(arrival + pulse));
  // sin(pi (n - arrival)) only changes its sign from sample to sample.
  const sine = Math.sin(Math.PI * (first - arrival));
  for (let n = first, sign = 1; n <= last; n++, sign = -sign) {
    const t = n - arrival;
    const sinc = Math.abs(t) < 1e-9 ? 1 : (sign * sine) / (Math.PI * t);
    response[n] = response[n]! + gain * sinc * 0.5 * (1 + Math.cos((Math.PI * t) / pulse));
  }
}

/** A high-pass at 100 Hz: all images being positive, they would else add up to a rumble no room has. */
function withoutRumble(response: Float32Array, sampleRate: number): Float32Array {
  const w = (2 * Math.PI * 100) / sampleRate;
  const r = Math.exp(-w);
  const [b1, b2, a1] = [2 * r * Math.cos(w), -r * r, -(1 + r)];
  let [y1, y2] = [0, 0];
  return response.map((x) => {
    const y = b1 * y1 + b2 * y2 + x;
    const out = y + a1 * y1 + r * y2;
    [y1, y2] = [y, y1];
    return out;
  });
}

/** Ranges that rooms are drawn from, in metres and seconds. */
export interface RoomRanges {
  readonly size: readonly [least: Metres, most: Metres];
  readonly t60: readonly [least: number, most: number];
}

/** Offices to halls. */
export const commonRooms: RoomRanges = {
  size: [
    [3, 3, 2.4],
    [10, 8, 4],
  ],
  t60: [0.15, 0.6],
};

/** Draws a room with a microphone and any number of sources in it, each 0.3 m or more from the walls. */
export function drawRoom(
  random: Random,
  sampleRate: number,
  sources: number = 1,
  { size: [least, most], t60 }: RoomRanges = commonRooms,
): Room[] {
  const between = (low: number, high: number): number => random.uniform(low, high);
  const size = least.map((low, i) => between(low, most[i]!)) as unknown as Metres;
  const point = (): Metres => size.map((extent) => between(0.3, extent - 0.3)) as unknown as Metres;
  const microphone = point();
  const seconds = between(t60[0], t60[1]);
  return Array.from({ length: sources }, () => ({ size, microphone, source: point(), t60: seconds, sampleRate }));
}
