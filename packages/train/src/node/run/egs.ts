/** Shards of examples of a run. */
export interface Egs {
  /** The archives that jobs train on. */
  readonly train: readonly string[];
  /** Held-out examples; none where there are none. */
  readonly valid: readonly string[];
  /** Examples of the training data, to be measured beside the held-out ones. */
  readonly trainDiagnostic: readonly string[];
  /** Examples on which the last models are combined. */
  readonly combine: readonly string[];
  /** Frames of each example where jobs train on single frames of them; 0: on all at once. */
  readonly framesPerEg: number;
  /** Whether the run made them, and may remove them. */
  readonly own: boolean;
}

/** Context that examples bring along. */
export interface EgsContext {
  readonly leftContext: number;
  readonly rightContext: number;
}
