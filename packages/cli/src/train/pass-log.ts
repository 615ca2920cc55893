import { formatFloat } from '@jebena/io-ark';
import { addOutputs, type MinibatchEvent, type OutputSums } from '@jebena/train';

/** The objective a frame as Kaldi's programs print it: with regularization, `X + Y = sum`. */
export function perFrame({ objective, auxiliary, weight }: OutputSums): string {
  const main = formatFloat(objective / weight, 6);
  if (auxiliary === undefined) return main;
  const sum = formatFloat((objective + auxiliary) / weight, 6);
  return `${main} + ${formatFloat(auxiliary / weight, 6)} = ${sum}`;
}

type Outputs = Readonly<Record<string, OutputSums>>;

/** Tells of a pass over minibatches in the words of Kaldi's programs. */
export class PassLog {
  private part: Outputs = {};
  /** Of the next line; not known before the first event: a pass may go on from anywhere. */
  private first: number | undefined;

  /** @param every minibatches between lines */
  constructor(
    private readonly log: (line: string) => void,
    private readonly every: number,
  ) {}

  add({ step, count, outputs }: MinibatchEvent): void {
    this.first ??= step - count;
    this.part = addOutputs(this.part, outputs);
    if (step - this.first >= this.every) this.tell(step);
  }

  private tell(step: number): void {
    for (const [output, sums] of Object.entries(this.part))
      this.log(
        `Average objective function for '${output}' for minibatches ${this.first}-${step - 1} is ${perFrame(sums)} over ${formatFloat(sums.weight, 6)} frames.`,
      );
    this.first = step;
    this.part = {};
  }

  /** @param forScripts also print the lines that the scripts of chain training look for */
  end(step: number, totals: Outputs, forScripts: boolean): void {
    if (step > (this.first ?? step)) this.tell(step);
    for (const [output, sums] of Object.entries(totals)) {
      this.log(
        `Overall average objective function for '${output}' is ${perFrame(sums)} over ${formatFloat(sums.weight, 6)} frames.`,
      );
      if (!forScripts) continue;
      const value = (sums.objective + (sums.auxiliary ?? 0)) / sums.weight;
      this.log(`[this line is to be parsed by a script:] log-prob-per-frame=${formatFloat(value, 6)}`);
    }
  }
}
