const interesting = [0, 1, 2, 4, 8, 0x7f, 0x80, 0xff, 0x20, 0x0a, 0x5b, 0x5d, 0x3c, 0x2d];
const sizes = [0, 1, -1, 2147483647, -2147483648, 65536, 1 << 28, 8];

/** One to four changes to a copy of `sample`: cut, flip, overwrite, insert, repeat, drop. */
export function mutate(sample, draw) {
  let bytes = Uint8Array.from(sample);
  for (let n = 1 + draw(4); n > 0; n--) bytes = changes[draw(changes.length)](bytes, draw);
  return bytes;
}

const place = (bytes, draw) => (bytes.length === 0 ? 0 : draw(bytes.length));

/** Half of all changes go to the first bytes, where headers are. */
const early = (bytes, draw) => (draw(2) ? place(bytes, draw) : draw(Math.max(1, Math.min(64, bytes.length))));

const changes = [
  (bytes, draw) => bytes.slice(0, place(bytes, draw)),
  (bytes, draw) => {
    if (bytes.length > 0) bytes[early(bytes, draw)] ^= 1 << draw(8);
    return bytes;
  },
  (bytes, draw) => {
    if (bytes.length > 0) bytes[early(bytes, draw)] = interesting[draw(interesting.length)];
    return bytes;
  },
  (bytes, draw) => {
    if (bytes.length < 4) return bytes;
    new DataView(bytes.buffer).setInt32(early(bytes.subarray(3), draw), sizes[draw(sizes.length)], draw(4) > 0);
    return bytes;
  },
  (bytes, draw) => {
    const at = early(bytes, draw);
    const extra = Uint8Array.from({ length: 1 + draw(8) }, () => draw(256));
    return joined(bytes.subarray(0, at), extra, bytes.subarray(at));
  },
  (bytes, draw) => {
    const [from, at] = [place(bytes, draw), place(bytes, draw)];
    return joined(bytes.subarray(0, at), bytes.subarray(from, from + draw(64)), bytes.subarray(at));
  },
  (bytes, draw) => {
    const at = early(bytes, draw);
    return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + draw(16)));
  },
];

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
