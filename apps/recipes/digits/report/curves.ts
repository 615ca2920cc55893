import type { EpochResult } from '../results.js';

/** Columns for the two charts; `rounds` are the epochs before which the data were realigned. */
export interface CurveData {
  readonly epoch: number[];
  readonly objective: number[];
  /** Frame accuracy in percent, or the objective of the branch for cross-entropy. */
  readonly second: number[];
  readonly secondTitle: string;
  readonly rounds: number[];
}

export function curveData(epochs: readonly EpochResult[]): CurveData {
  const number = epochs.map((_, i) => i + 1);
  const withAccuracy = epochs.some((e) => e.accuracy !== undefined);
  return {
    epoch: number,
    objective: epochs.map((e) => e.objective),
    second: epochs.map((e) => (withAccuracy ? 100 * e.accuracy! : (e.branch ?? NaN))),
    secondTitle: withAccuracy ? 'frame accuracy (%)' : 'branch: log-probability per frame',
    rounds: number.filter((_, i) => i > 0 && epochs[i]!.round !== epochs[i - 1]!.round).map((n) => n - 0.5),
  };
}

/** Draws `curves` with uPlot into the elements #objective and #second. */
export const curveScript = `
const ink = getComputedStyle(document.body).color;
const realignments = (u) => {
  u.ctx.save();
  u.ctx.strokeStyle = '#8888';
  u.ctx.setLineDash([3, 5]);
  for (const x of curves.rounds) {
    const at = u.valToPos(x, 'x', true);
    u.ctx.beginPath();
    u.ctx.moveTo(at, u.bbox.top);
    u.ctx.lineTo(at, u.bbox.top + u.bbox.height);
    u.ctx.stroke();
  }
  u.ctx.restore();
};
const chart = (id, title, values, color) => new uPlot({
  title, width: 440, height: 280,
  scales: { x: { time: false } },
  axes: [{ stroke: ink, label: 'epoch', incrs: [1, 2, 5, 10, 20] }, { stroke: ink, size: 60 }],
  series: [{ label: 'epoch' }, { label: title, stroke: color, width: 2, points: { show: true } }],
  hooks: { draw: [realignments] },
}, [curves.epoch, values], document.getElementById(id));
chart('objective', 'objective per frame', curves.objective, '#36c');
chart('second', curves.secondTitle, curves.second, '#2a7');
`;
