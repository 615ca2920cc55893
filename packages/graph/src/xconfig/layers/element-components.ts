import { defineOptions, float, text } from '@jebena/options';
import { defineLayer, pair, passed } from '../layer.js';

const elementComponent = (name: string, component: string, summary: string) =>
  defineLayer({
    names: [name],
    summary,
    keys: defineOptions({
      l2Regularize: text('', 'Weight of l2 regularization'),
      maxChange: float(0.75, 'Most that a minibatch may change the parameters'),
      paramMean: text('', 'Mean of the first parameters'),
      paramStddev: text('', 'Spread of the first parameters'),
      learningRateFactor: text('', 'Factor on the learning rate'),
    }),
    output: ({ name, input }) => ({ text: name, dim: input.dim }),
    lines: ({ name, input, text }) => {
      const options = passed({
        'learning-rate-factor': text.learningRateFactor,
        'max-change': text.maxChange,
        'l2-regularize': text.l2Regularize,
        'param-mean': text.paramMean,
        'param-stddev': text.paramStddev,
      });
      return pair(name, `type=${component} dim=${input.dim} ${options} `, input.text);
    },
  });

export const scaleComponent = elementComponent(
  'scale-component',
  'NaturalGradientPerElementScaleComponent',
  'A trained factor on each dimension.',
);
export const offsetComponent = elementComponent(
  'offset-component',
  'PerElementOffsetComponent',
  'A trained offset on each dimension.',
);
