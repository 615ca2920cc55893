export type {
  DenseTargets,
  LabelTargets,
  Minibatch,
  MinibatchInput,
  MinibatchOutput,
  PosteriorTargets,
  Targets,
} from './minibatch.js';
