/** The best path of a search. Costs are negated logarithms; acoustic costs are scaled. */
export interface BestPath {
  /** Output labels. */
  readonly words: Int32Array;
  /** Input labels (transition ids), one a frame. */
  readonly alignment: Int32Array;
  readonly cost: number;
  readonly graphCost: number;
  readonly acousticCost: number;
  /** Whether the path ends in a final state. False: a partial result, final costs left out. */
  readonly reachedFinal: boolean;
  /** The frame at which each word's label was passed. */
  readonly wordTimes: Int32Array;
}
