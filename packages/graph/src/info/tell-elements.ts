import { ConstantComponent, ConstantFunctionComponent } from '../components/constant-function.js';
import { PerElementOffsetComponent, ScaleAndOffsetComponent } from '../components/per-element-offset.js';
import { NaturalGradientPerElementScaleComponent, PerElementScaleComponent } from '../components/per-element-scale.js';
import { meanOf, short } from './summary.js';
import { type Teller, tell, updatable } from './tell.js';

/** `, name-min=..., name-max=...`. */
function rangeOf(name: string, values: Float32Array): string {
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return `, ${name}-min=${short(least)}, ${name}-max=${short(most)}`;
}

const scale = (c: PerElementScaleComponent): string =>
  updatable(c) + rangeOf('scales', c.scales) + meanOf('scales', c.scales);

const constant = (c: ConstantFunctionComponent, dims: string): string =>
  `${updatable(c)}, ${c.type}, ${dims}, is-updatable=${c.isUpdatable}, ` +
  `use-natural-gradient=${c.useNaturalGradient}${meanOf('output', c.output)}`;

export const elementTellers: readonly Teller[] = [
  tell(PerElementScaleComponent, scale),
  tell(
    NaturalGradientPerElementScaleComponent,
    (c) =>
      `${scale(c)}, rank=${c.rank}, update-period=${c.updatePeriod}, ` +
      `num-samples-history=${short(c.numSamplesHistory)}, alpha=${short(c.alpha)}`,
  ),
  tell(
    PerElementOffsetComponent,
    (c) =>
      `${updatable(c)}${rangeOf('offsets', c.offsets)}, block-dim=${c.offsets.length}, ` +
      `use-natural-gradient=${c.useNaturalGradient}${meanOf('offsets', c.offsets)}`,
  ),
  tell(ScaleAndOffsetComponent, (c) => {
    const block = c.dim === c.scales.length ? '' : `, block-size=${c.scales.length}`;
    return `${updatable(c)}, rank=${c.rank}${block}${meanOf('scales', c.scales)}${meanOf('offsets', c.offsets)}`;
  }),
  tell(ConstantFunctionComponent, (c) => constant(c, `input-dim=${c.inputDim}, output-dim=${c.outputDim}`)),
  tell(ConstantComponent, (c) => constant(c, `output-dim=${c.outputDim}`)),
];
