import type { LayerType } from '../layer.js';
import { affineLayer } from './affine-layer.js';
import { attentionLayer } from './attention.js';
import { basic } from './basic.js';
import { channelAverageLayer } from './channel-average.js';
import { combineFeatureMapsLayer } from './combine-feature-maps.js';
import { convolutionLayer } from './convolution.js';
import { deltaLayer } from './delta.js';
import { dimRangeComponent } from './dim-range.js';
import { offsetComponent, scaleComponent } from './element-components.js';
import { fastGruLayer, fastNormOpgruLayer, fastNormPgruLayer, fastOpgruLayer, fastPgruLayer } from './fast-gru.js';
import { fastLstmLayer, fastLstmpLayer, lstmbLayer } from './fast-lstm.js';
import { fixedAffineLayer } from './fixed-affine.js';
import { gruLayer, normOpgruLayer, normPgruLayer, opgruLayer, pgruLayer } from './gru.js';
import { idctLayer } from './idct.js';
import { input } from './input.js';
import { affineComponent, linearComponent } from './linear-components.js';
import { lstmLayer, lstmpLayer } from './lstm.js';
import { batchnormComponent, noOpComponent, renormComponent } from './normalize-components.js';
import { output, outputLayer } from './output.js';
import { prefinalLayer } from './prefinal.js';
import { res2Block } from './res2-block.js';
import { resBlock } from './res-block.js';
import { specAugmentLayer } from './spec-augment.js';
import { statsLayer } from './stats.js';
import { tdnnfLayer } from './tdnnf.js';

const families: readonly LayerType<any>[] = [
  input,
  output,
  outputLayer,
  basic,
  affineLayer,
  fixedAffineLayer,
  idctLayer,
  specAugmentLayer,
  tdnnfLayer,
  prefinalLayer,
  convolutionLayer,
  resBlock,
  res2Block,
  channelAverageLayer,
  combineFeatureMapsLayer,
  attentionLayer,
  lstmLayer,
  lstmpLayer,
  fastLstmLayer,
  fastLstmpLayer,
  lstmbLayer,
  gruLayer,
  pgruLayer,
  normPgruLayer,
  opgruLayer,
  normOpgruLayer,
  fastGruLayer,
  fastPgruLayer,
  fastNormPgruLayer,
  fastOpgruLayer,
  fastNormOpgruLayer,
  statsLayer,
  renormComponent,
  batchnormComponent,
  noOpComponent,
  linearComponent,
  affineComponent,
  scaleComponent,
  offsetComponent,
  dimRangeComponent,
  deltaLayer,
];

/** Every layer of xconfig by the word that begins its line. */
export const layerTypes: ReadonlyMap<string, LayerType<any>> = new Map(
  families.flatMap((family) => family.names.map((name) => [name, family] as const)),
);
