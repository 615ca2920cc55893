import { SingleBar } from 'cli-progress';

/** What the bar shows beside its length. */
export interface BarState {
  readonly label: string;
  readonly objective: number;
  /** Where the objective says it. */
  readonly accuracy: number | undefined;
  readonly framesPerSecond: number;
  readonly secondsLeft: number;
}

const clock = (seconds: number): string =>
  Number.isFinite(seconds)
    ? `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, '0')}`
    : '-:--';

/**
 * The progress of a whole run in one line; where output is no terminal, a line at the end of each epoch instead.
 */
export class Progress {
  private readonly bar: SingleBar | undefined;
  private readonly out: NodeJS.WriteStream;

  /** @param total frames that the whole run will process */
  constructor(total: number, done: number, out: NodeJS.WriteStream = process.stderr) {
    this.out = out;
    if (!out.isTTY) return;
    this.bar = new SingleBar({
      stream: out,
      hideCursor: true,
      clearOnComplete: true,
      format: '{label} [{bar}] {percentage}% | objective {objective}{accuracy} | {speed} frames/s | {left} left',
    });
    this.bar.start(total, done, { label: 'training', objective: '', accuracy: '', speed: '', left: '-:--' });
  }

  update(done: number, state: BarState): void {
    this.bar?.update(done, {
      label: state.label,
      objective: state.objective.toFixed(3),
      accuracy: state.accuracy === undefined ? '' : ` | accuracy ${(100 * state.accuracy).toFixed(1)} %`,
      speed: Math.round(state.framesPerSecond).toLocaleString('en'),
      left: clock(state.secondsLeft),
    });
  }

  /** A line that stays: the bar goes on below it. */
  line(text: string): void {
    if (this.bar) this.out.write(`\r\u001b[K`);
    this.out.write(`${text}\n`);
    this.bar?.render();
  }

  stop(): void {
    this.bar?.stop();
  }
}
