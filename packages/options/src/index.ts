export {
  type OptionKind,
  type OptionSpec,
  type OptionSpecs,
  type OptionValues,
  atLeast,
  bool,
  choice,
  defineOptions,
  float,
  int,
  text,
  within,
} from './define.js';
export { UsageError } from './errors.js';
export { flagName, parseOptionText, resolveOptions } from './resolve.js';
