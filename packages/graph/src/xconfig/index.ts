export { type XconfigConfigs, type XconfigOptions, configFromXconfig, xconfigToConfigs } from './configs.js';
export { XconfigError } from './errors.js';
export type { Layer, LayerLines, LayerOutput, LayerType } from './layer.js';
export { layerTypes } from './layers/index.js';
export { networkFromXconfig } from './network-from-xconfig.js';
export type { ExistingNode } from './read-layers.js';
