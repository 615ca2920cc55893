import type { Hypothesis } from '../results.js';
import type { Utterance } from '../utterance.js';
import { escapeHtml } from './escape-html.js';

/** What the page's script draws: features as bytes (base64, frame by frame) and the digits over them. */
interface SpectrogramData {
  readonly id: string;
  readonly frames: number;
  readonly bins: number;
  readonly values: string;
  readonly words: readonly { readonly word: string; readonly first: number; readonly end: number }[];
}

/** A place in the page for one utterance, and the data to draw there. */
export function spectrogramFigure(
  { id, feats }: Utterance,
  hypothesis: Hypothesis,
): { html: string; data: SpectrogramData } {
  const sorted = feats.data.slice().sort();
  const low = sorted[Math.floor(0.02 * sorted.length)]!;
  const high = sorted[Math.floor(0.99 * sorted.length)]!;
  const bytes = Uint8Array.from(feats.data, (v) => Math.max(0, Math.min(255, (255 * (v - low)) / (high - low))));
  const words = hypothesis.words.map((word, i) => ({
    word,
    first: hypothesis.times[i]![0],
    end: hypothesis.times[i]![1],
  }));
  const caption = `${id}: said “${hypothesis.reference.join(' ')}”, heard “${hypothesis.words.join(' ')}”`;
  return {
    html: `<figure><canvas class="spectrogram" id="spectrogram-${escapeHtml(id)}"></canvas><figcaption>${escapeHtml(caption)}</figcaption></figure>`,
    data: { id, frames: feats.rows, bins: feats.cols, values: Buffer.from(bytes).toString('base64'), words },
  };
}

/** Draws `spectrograms` into their canvases. */
export const spectrogramScript = `
const heat = (v) => [Math.min(255, 2.2 * v), Math.min(255, Math.max(0, 1.8 * v - 120)), Math.min(255, Math.max(40, v < 128 ? 60 + v : 316 - v))];
for (const { id, frames, bins, values, words } of spectrograms) {
  const canvas = document.getElementById('spectrogram-' + id);
  const [wide, high, band] = [3, 5, 26];
  canvas.width = frames * wide;
  canvas.height = bins * high + band;
  const pen = canvas.getContext('2d');
  const bytes = Uint8Array.from(atob(values), (c) => c.charCodeAt(0));
  for (let t = 0; t < frames; t++) for (let b = 0; b < bins; b++) {
    pen.fillStyle = 'rgb(' + heat(bytes[t * bins + b]).map(Math.round) + ')';
    pen.fillRect(t * wide, band + (bins - 1 - b) * high, wide, high);
  }
  pen.font = '15px system-ui, sans-serif';
  pen.textAlign = 'center';
  pen.fillStyle = '#222';
  pen.fillRect(0, 0, canvas.width, band);
  for (const { word, first, end } of words) {
    pen.fillStyle = '#fff';
    pen.fillText(word, ((first + end) / 2) * wide, 18);
    pen.strokeStyle = '#fff';
    pen.strokeRect(first * wide + 0.5, 0.5, (end - first) * wide - 1, canvas.height - 1);
  }
}
document.body.dataset.drawn = spectrograms.length;
`;
