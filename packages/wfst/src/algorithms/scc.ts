import type { Fst } from '../fst.js';

/** The strongly connected components of a transducer. */
export interface Components {
  /** Each state's component, 0 to `count - 1`, in topological order: no arc leads to a lower component. */
  readonly component: Int32Array;
  readonly count: number;
  /** Whether any arc stays within its component. */
  readonly cyclic: boolean;
}

/**
 * Finds strongly connected components (R. Tarjan, "Depth-first search and linear graph algorithms", 1972), without
 * recursion: a graph may be a million states deep.
 *
 * @param follow which arcs count; all unless given
 */
export function components(fst: Fst, follow: (arc: number) => boolean = () => true): Components {
  const { numStates, firstArc, nextState } = fst;
  const component = new Int32Array(numStates).fill(-1);
  const index = new Int32Array(numStates).fill(-1);
  const low = new Int32Array(numStates);
  const arc = new Int32Array(numStates);
  const path = new Int32Array(numStates);
  const open = new Int32Array(numStates);
  let opened = 0;
  let visited = 0;
  let count = 0;
  let cyclic = false;
  for (let n = -1; n < numStates; n++) {
    const root = n < 0 ? fst.start : n;
    if (root < 0 || index[root]! >= 0) continue;
    let depth = 0;
    path[0] = root;
    index[root] = low[root] = visited++;
    open[opened++] = root;
    arc[root] = firstArc[root]!;
    while (depth >= 0) {
      const s = path[depth]!;
      const a = arc[s]!;
      if (a < firstArc[s + 1]!) {
        arc[s] = a + 1;
        if (!follow(a)) continue;
        const t = nextState[a]!;
        if (index[t]! < 0) {
          index[t] = low[t] = visited++;
          open[opened++] = t;
          arc[t] = firstArc[t]!;
          path[++depth] = t;
        } else if (component[t]! < 0) {
          cyclic = true;
          if (index[t]! < low[s]!) low[s] = index[t]!;
        }
        continue;
      }
      if (low[s] === index[s]) {
        let t: number;
        do {
          t = open[--opened]!;
          component[t] = count;
        } while (t !== s);
        count++;
      }
      depth--;
      if (depth >= 0 && low[s]! < low[path[depth]!]!) low[path[depth]!] = low[s]!;
    }
  }
  // Tarjan numbers the last component first.
  for (let s = 0; s < numStates; s++) component[s] = count - 1 - component[s]!;
  return { component, count, cyclic };
}
