/** Where each state's arcs go: state `s` has `firstArc[s]` up to `firstArc[s + 1]`. */
export interface ArcOrder {
  readonly firstArc: Int32Array;
  /** The arc, as added, that goes to each place; undefined where all stay where they are. */
  readonly order: Int32Array | undefined;
}

/** Sorts arcs by the state that they leave; those of one state stay in order. */
export function orderArcs(from: ArrayLike<number>, arcs: number, states: number): ArcOrder {
  const firstArc = new Int32Array(states + 1);
  let ordered = true;
  for (let i = 0; i < arcs; i++) {
    firstArc[from[i]! + 1]!++;
    if (i > 0 && from[i]! < from[i - 1]!) ordered = false;
  }
  for (let s = 0; s < states; s++) firstArc[s + 1]! += firstArc[s]!;
  if (ordered) return { firstArc, order: undefined };
  const place = firstArc.slice();
  const order = new Int32Array(arcs);
  for (let i = 0; i < arcs; i++) order[place[from[i]!]!++] = i;
  return { firstArc, order };
}

/** The first `count` values of a column in that order. */
export function int32Column(values: ArrayLike<number>, count: number, order: Int32Array | undefined): Int32Array {
  const column = new Int32Array(count);
  for (let i = 0; i < count; i++) column[i] = values[order ? order[i]! : i]!;
  return column;
}

/** The same for costs. */
export function float32Column(values: ArrayLike<number>, count: number, order: Int32Array | undefined): Float32Array {
  const column = new Float32Array(count);
  for (let i = 0; i < count; i++) column[i] = values[order ? order[i]! : i]!;
  return column;
}
