/** A word with its time: a line of a CTM file. */
export interface CtmEntry {
  readonly utterance: string;
  readonly channel?: string | undefined;
  /** Seconds. */
  readonly start: number;
  /** Seconds. */
  readonly duration: number;
  readonly word: string;
  readonly confidence?: number | undefined;
}

/** Lines `utterance channel start duration word [confidence]`. */
export const formatCtm = (
  entries: Iterable<CtmEntry>,
  { precision = 2 }: { precision?: number | undefined } = {},
): string =>
  Array.from(entries, ({ utterance, channel = '1', start, duration, word, confidence }) => {
    const fields = [utterance, channel, start.toFixed(precision), duration.toFixed(precision), word];
    if (confidence !== undefined) fields.push(confidence.toFixed(2));
    return `${fields.join(' ')}\n`;
  }).join('');

/** Reads what {@link formatCtm} writes; lines that begin with `;;` are comments. */
export function parseCtm(text: string): CtmEntry[] {
  return text.split('\n').flatMap((line) => {
    const [utterance, channel, start, duration, word, confidence] = line.trim().split(/\s+/) as string[];
    if (!utterance || utterance.startsWith(';;') || word === undefined) return [];
    return [
      {
        utterance,
        channel: channel!,
        start: Number(start),
        duration: Number(duration),
        word,
        confidence: confidence === undefined ? undefined : Number(confidence),
      },
    ];
  });
}

/** A tier of Praat's TextGrid: its intervals in order, without gaps between words needed. */
export interface Tier {
  readonly name: string;
  readonly intervals: readonly { readonly start: number; readonly end: number; readonly text: string }[];
}

/** Praat's TextGrid (long text form): intervals of each tier, with empty ones where nothing is said. */
export function formatTextGrid(tiers: readonly Tier[], duration: number): string {
  const lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', '', 'xmin = 0', `xmax = ${duration}`];
  lines.push('tiers? <exists>', `size = ${tiers.length}`, 'item []:');
  tiers.forEach(({ name, intervals }, i) => {
    const filled: { start: number; end: number; text: string }[] = [];
    let end = 0;
    for (const interval of intervals) {
      if (interval.start > end + 1e-9) filled.push({ start: end, end: interval.start, text: '' });
      filled.push(interval);
      end = interval.end;
    }
    if (duration > end + 1e-9) filled.push({ start: end, end: duration, text: '' });
    lines.push(`    item [${i + 1}]:`, '        class = "IntervalTier"', `        name = ${quoted(name)}`);
    lines.push('        xmin = 0', `        xmax = ${duration}`, `        intervals: size = ${filled.length}`);
    filled.forEach(({ start, end, text }, j) =>
      lines.push(
        `        intervals [${j + 1}]:`,
        `            xmin = ${start}`,
        `            xmax = ${end}`,
        `            text = ${quoted(text)}`,
      ),
    );
  });
  return lines.map((line) => `${line}\n`).join('');
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
