/** What one stream wants of a recogniser. */
export interface StreamOptions {
  /** How many ways to hear a segment finals tell, best first; 0, the default: none. Needs `confidences`. */
  readonly maxAlternatives?: number | undefined;
  /** Nothing but these phrases is heard, in any order. Those with words that the model lacks are left out. */
  readonly phrases?: readonly string[] | undefined;
}
