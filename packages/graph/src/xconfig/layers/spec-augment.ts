import { bool, defineOptions, float, int } from '@jebena/options';
import { alsoInInit, defineLayer, pair } from '../layer.js';

const proportion = (value: number): string | undefined =>
  value > 0 && value < 1 ? undefined : 'a number between 0 and 1';

/** SpecAugment: masks over bands of frequency and stretches of time (Park et al. 2019). */
export const specAugmentLayer = defineLayer({
  names: ['spec-augment-layer'],
  summary: 'Masks bands of frequency and stretches of time while training.',
  keys: defineOptions({
    freqMaxProportion: float(0.5, 'Most of the frequencies that are masked'),
    timeZeroedProportion: float(0.2, 'Proportion of the frames that are masked'),
    timeMaskMaxFrames: int(20, 'Longest mask in frames'),
    includeInInit: bool(false, 'Is part of init.config'),
  }),
  check: ({ config }) => {
    if (proportion(config.freqMaxProportion))
      return `freq-max-proportion must be ${proportion(config.freqMaxProportion)}`;
    if (proportion(config.timeZeroedProportion)) {
      return `time-zeroed-proportion must be ${proportion(config.timeZeroedProportion)}`;
    }
    return config.timeMaskMaxFrames < 1 && 'time-mask-max-frames must be at least 1';
  },
  output: ({ name, input }) => ({ text: `${name}.time-mask`, dim: input.dim }),
  lines: ({ name, input, config, text }) =>
    alsoInInit(
      [
        ...pair(
          `${name}.freq-mask`,
          `type=GeneralDropoutComponent dim=${input.dim} specaugment-max-proportion=${text.freqMaxProportion}`,
          input.text,
        ),
        ...pair(
          `${name}.time-mask`,
          `type=SpecAugmentTimeMaskComponent dim=${input.dim} zeroed-proportion=${text.timeZeroedProportion} ` +
            `time-mask-max-frames=${text.timeMaskMaxFrames}`,
          `${name}.freq-mask`,
        ),
      ],
      config.includeInInit,
    ),
});
