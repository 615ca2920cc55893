import { atLeast, defineOptions, float, int } from '@jebena/options';

const positive = (v: number): string | undefined => (v > 0 ? undefined : 'expected a positive number');

/** Options of the beam search (LatticeFasterDecoderConfig and DecodableAmNnet's acoustic scale). */
export const searchOptions = defineOptions({
  beam: float(16, 'Decoding beam: larger is slower and more accurate', positive),
  maxActive: int(2147483647, 'Most states active at a frame: larger is slower and more accurate', atLeast(2)),
  minActive: int(200, 'Fewest states active at a frame, whatever the beam says', atLeast(0)),
  beamDelta: float(0.5, 'How far the next beam may exceed what the active states need', positive),
  acousticScale: float(0.1, 'Factor on the log-likelihoods (1 for chain models)', positive),
});
