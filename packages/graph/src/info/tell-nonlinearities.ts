import type { Matrix } from '@jebena/io-ark';
import { GruNonlinearityComponent, OutputGruNonlinearityComponent } from '../components/gru-nonlinearity.js';
import { LstmNonlinearityComponent } from '../components/lstm-nonlinearity.js';
import { NonlinearComponent } from '../components/nonlinear.js';
import { count3, rmsOf, short, summarize } from './summary.js';
import { type Teller, tell, updatable } from './tell.js';

const rowOf = ({ cols, data }: Matrix, r: number): Matrix['data'] => data.subarray(r * cols, (r + 1) * cols);

type Gru = GruNonlinearityComponent | OutputGruNonlinearityComponent;

/** Self-repair, statistics and the first of the natural gradient's settings. */
function gruTail(c: Gru): string {
  const repair = `, self-repair-threshold=${short(c.selfRepairThreshold)}, self-repair-scale=${short(c.selfRepairScale)}`;
  const statistics =
    c.count > 0
      ? `, count=${count3(c.count)}, self-repaired-proportion=${short(c.selfRepairTotal / (c.count * c.cellDim))}, ` +
        `value-avg=${summarize(c.valueAvg)}, deriv-avg=${summarize(c.derivAvg)}`
      : '';
  return `${repair}${statistics}, alpha=${short(c.alpha)}`;
}

export const nonlinearityTellers: readonly Teller[] = [
  tell(NonlinearComponent, (c) => {
    const unset = -1000;
    let text = `${c.type}, dim=${c.dim}`;
    if (c.blockDim !== c.dim) text += `, block-dim=${c.blockDim}`;
    if (c.selfRepairLower !== unset) text += `, self-repair-lower-threshold=${short(c.selfRepairLower)}`;
    if (c.selfRepairUpper !== unset) text += `, self-repair-upper-threshold=${short(c.selfRepairUpper)}`;
    if (c.selfRepairScale !== 0) text += `, self-repair-scale=${short(c.selfRepairScale)}`;
    if (c.count > 0 && c.valueAvg.length === c.dim) {
      const proportion = c.numDimsProcessed > 0 ? c.numDimsSelfRepaired / c.numDimsProcessed : 0;
      text += `, count=${count3(c.count)}, self-repaired-proportion=${short(proportion)}`;
      text += `, value-avg=${summarize(c.valueAvg)}`;
      if (c.derivAvg.length === c.dim) text += `, deriv-avg=${summarize(c.derivAvg)}`;
    }
    if (c.oderivCount > 0 && c.oderivRms.length === c.dim) {
      text += `, oderiv-rms=${summarize(c.oderivRms)}, oderiv-count=${short(c.oderivCount)}`;
    }
    return text;
  }),
  tell(LstmNonlinearityComponent, (c) => {
    const weights = ['w_ic', 'w_fc', 'w_oc'].map((name, r) => rmsOf(name, rowOf(c.params, r))).join('');
    const names = ['i_t_sigmoid', 'f_t_sigmoid', 'c_t_tanh', 'o_t_sigmoid', 'm_t_tanh'];
    const parts = names.map((name, i) => {
      const settings =
        ` self-repair-lower-threshold=${short(c.selfRepairConfig[i]!)}, ` +
        `self-repair-scale=${short(c.selfRepairConfig[i + names.length]!)}`;
      const statistics =
        c.count === 0
          ? ''
          : `, self-repaired-proportion=${short(c.selfRepairProb[i]!)}, ` +
            `value-avg=${summarize(rowOf(c.valueAvg, i))}, deriv-avg=${summarize(rowOf(c.derivAvg, i))}`;
      return `, ${name}={${settings}${statistics} }`;
    });
    const count = c.count > 0 ? `, count=${count3(c.count)}` : '';
    return `${updatable(c)}, cell-dim=${c.cellDim}, use-dropout=${c.useDropout}${weights}${count}${parts.join('')}`;
  }),
  tell(
    GruNonlinearityComponent,
    (c) =>
      `${updatable(c)}, cell-dim=${c.cellDim}, recurrent-dim=${c.recurrentDim}${rmsOf('w_h', c.weights.data)}${gruTail(c)}, ` +
      `rank-in=${c.rankIn}, rank-out=${c.rankOut}, update-period=${c.updatePeriod}`,
  ),
  tell(
    OutputGruNonlinearityComponent,
    (c) =>
      `${updatable(c)}, cell-dim=${c.cellDim}${rmsOf('w_h', c.weights)}${gruTail(c)}, ` +
      `rank=${c.rank}, update-period=${c.updatePeriod}`,
  ),
];
