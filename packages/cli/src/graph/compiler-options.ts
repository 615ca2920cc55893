import { type OptionSpecs, bool, defineOptions, int } from '@jebena/options';

const idle = "For Kaldi's sake; what it steers has no counterpart here";
const [least, most] = [-(2 ** 31), 2 ** 31 - 1];
const on = bool(true, idle);

/** How Kaldi compiles a network into commands: taken so that its scripts run, without effect. */
const optimization = {
  optimize: on,
  consolidateModelUpdate: on,
  propagateInPlace: on,
  backpropInPlace: on,
  extendMatrices: on,
  optimizeRowOps: on,
  splitRowOps: on,
  convertAddition: on,
  removeAssignments: on,
  allowLeftMerge: on,
  allowRightMerge: on,
  initializeUndefined: on,
  moveSizingCommands: on,
  allocateFromOther: on,
  snipRowOps: on,
  minDerivTime: int(least, idle),
  maxDerivTime: int(most, idle),
  maxDerivTimeRelative: int(most, idle),
  memoryCompressionLevel: int(1, idle),
};

type Prefixed<P extends string, S> = { [K in keyof S & string as `${P}.${K}`]: S[K] };

const prefixed = <P extends string, S extends OptionSpecs>(prefix: P, specs: S): Prefixed<P, S> =>
  Object.fromEntries(Object.entries(specs).map(([name, spec]) => [`${prefix}.${name}`, spec])) as Prefixed<P, S>;

export const compilerOptions = defineOptions({
  debugComputation: bool(false, idle),
  ...prefixed('optimization', optimization),
  ...prefixed('computation', { debug: bool(false, idle) }),
});
