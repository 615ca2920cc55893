import { KaldiIoError } from '../errors.js';
import { parseCsv } from './csv.js';

/** One utterance of a manifest. */
export interface ManifestEntry {
  /** Its own name, where it has one. */
  readonly id: string | undefined;
  /** Path of the audio file as the manifest has it. */
  readonly audio: string;
  /** Name of the recording, where the manifest names it apart from its file. */
  readonly recording: string | undefined;
  readonly text: string | undefined;
  readonly speaker: string | undefined;
  readonly gender: string | undefined;
  readonly language: string | undefined;
  /** Seconds into the recording; undefined when the utterance is all of it. */
  readonly start: number | undefined;
  /** Seconds. */
  readonly duration: number | undefined;
  readonly channel: number | undefined;
  /** Where it stands, for messages. */
  readonly place: string;
}

type Fields = Record<string, unknown>;

/** Names under which manifests of various makers have the same thing, in order of preference. */
const names = {
  id: ['id', 'utt_id', 'utterance_id', 'utt', 'key'],
  audio: ['audio', 'audio_filepath', 'audio_path', 'wav', 'file_name', 'filename', 'file', 'path', 'source'],
  text: ['text', 'sentence', 'transcription', 'transcript', 'normalized_text'],
  speaker: ['speaker', 'speaker_id', 'spk', 'spk_id', 'client_id'],
  gender: ['gender', 'sex'],
  language: ['language', 'lang', 'locale'],
  start: ['start', 'offset', 'start_time', 'begin'],
  duration: ['duration', 'length', 'dur'],
  end: ['end', 'end_time'],
  channel: ['channel'],
} as const;

/**
 * Reads a manifest: JSON lines as Hugging Face, NeMo and ESPnet users have them (an audio path, a text, a speaker, under
 * any of their usual names), Lhotse's recordings, supervisions and cuts (which may be given one after the other), or CSV.
 *
 * @throws KaldiIoError naming the line that is no entry
 */
export function parseManifest(text: string, path: string = 'manifest'): ManifestEntry[] {
  if (!/^\s*[{[]/.test(text)) return parseCsv(text, path).map((row, i) => entryOf(row, `${path}:${i + 2}`));
  const values = text.trimStart().startsWith('[')
    ? (parse(text, path) as unknown as Fields[]).map((value, i) => [value, `${path}[${i}]`] as const)
    : text
        .split('\n')
        .map((line, i) => [line, `${path}:${i + 1}`] as const)
        .filter(([line]) => line.trim() !== '')
        .map(([line, place]) => [parse(line, place), place] as const);
  return expandLhotse(values).map(([value, place]) => entryOf(value, place));
}

function parse(json: string, path: string): Fields {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null) return value as Fields;
  } catch {
    // Told below.
  }
  throw new KaldiIoError('a JSON object', JSON.stringify(json.slice(0, 60)), { path });
}

type Placed = readonly [Fields, place: string];

/** Brings Lhotse's three kinds of lines to one plain line an utterance. */
function expandLhotse(values: readonly Placed[]): Placed[] {
  const recordings = new Map<unknown, Fields>();
  for (const [value] of values) if (Array.isArray(value.sources)) recordings.set(value.id, value);
  const plain: Placed[] = [];
  for (const [value, place] of values) {
    if (Array.isArray(value.sources)) continue;
    if (Array.isArray(value.supervisions)) {
      const recording = value.recording as Fields | undefined;
      if (recording) recordings.set(recording.id, recording);
      for (const s of value.supervisions as Fields[]) {
        // A supervision's start counts from that of its cut.
        const start = Number(value.start ?? 0) + Number(s.start ?? 0);
        plain.push(supervision({ ...s, start, recording_id: s.recording_id ?? recording?.id }, recordings, place));
      }
    } else if ('recording_id' in value) plain.push(supervision(value, recordings, place));
    else plain.push([value, place]);
  }
  if (plain.length > 0) return plain;
  return values.map(([value, place]) => [{ ...value, duration: undefined, ...audioOf(value, place) }, place]);
}

function supervision(value: Fields, recordings: ReadonlyMap<unknown, Fields>, place: string): Placed {
  const recording = recordings.get(value.recording_id);
  if (!recording)
    throw new KaldiIoError(`a recording '${String(value.recording_id)}' in the manifest`, 'none', { path: place });
  const whole = Number(value.start) === 0 && Math.abs(Number(value.duration) - Number(recording.duration)) < 0.01;
  const time = whole ? { start: undefined, duration: value.duration } : {};
  const channel = Array.isArray(value.channel) ? value.channel[0] : value.channel;
  return [{ ...value, ...time, channel: whole ? undefined : channel, ...audioOf(recording, place) }, place];
}

function audioOf(recording: Fields, place: string): Fields {
  const [source] = recording.sources as Fields[];
  if (source?.type !== 'file')
    throw new KaldiIoError(`recording '${String(recording.id)}' in a file`, String(source?.type), { path: place });
  return { audio: source.source, recording: recording.id };
}

function entryOf(fields: Fields, place: string): ManifestEntry {
  const find = (which: keyof typeof names): unknown =>
    names[which].map((name) => fields[name]).find((value) => value !== undefined && value !== null && value !== '');
  const text = (which: keyof typeof names): string | undefined => {
    const value = find(which);
    return value === undefined ? undefined : String(value);
  };
  const number = (which: keyof typeof names): number | undefined => {
    const value = find(which);
    if (value === undefined) return undefined;
    if (!Number.isFinite(Number(value))) throw new KaldiIoError(`a number as ${which}`, String(value), { path: place });
    return Number(value);
  };
  const found = find('audio');
  const audio = typeof found === 'object' ? (found as Fields).path : found;
  if (typeof audio !== 'string') throw new KaldiIoError('the path of an audio file', 'none', { path: place });
  const start = number('start');
  const end = number('end');
  const { recording } = fields;
  return {
    id: text('id'),
    audio,
    recording: typeof recording === 'string' ? recording : undefined,
    text: text('text'),
    speaker: text('speaker'),
    gender: text('gender')?.toLowerCase().slice(0, 1),
    language: text('language'),
    start,
    duration: number('duration') ?? (end === undefined ? undefined : end - (start ?? 0)),
    channel: number('channel'),
    place,
  };
}
