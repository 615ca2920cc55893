type Ints = Int32Array<ArrayBuffer>;
type Doubles = Float64Array<ArrayBuffer>;

/**
 * Tokens and the links between them, in columns. A frame's tokens are contiguous; each token has one run of links to
 * tokens of its own frame (epsilon arcs) and one to tokens of the next (emitting arcs). A link whose `dest` is -1 is
 * gone; `compact` takes out what is gone.
 */
export class TokenStore {
  cost: Doubles = new Float64Array(1024);
  /** How much more the best path through a token costs than the best of all. */
  extra: Doubles = new Float64Array(1024);
  state: Ints = new Int32Array(1024);
  epsilonFirst: Ints = new Int32Array(1024);
  epsilonCount: Ints = new Int32Array(1024);
  emittingFirst: Ints = new Int32Array(1024);
  emittingCount: Ints = new Int32Array(1024);
  tokens = 0;

  dest: Ints = new Int32Array(1024);
  arc: Ints = new Int32Array(1024);
  acoustic: Float32Array<ArrayBuffer> = new Float32Array(1024);
  links = 0;

  /** First token and first link of each frame. */
  readonly firstToken: number[] = [];
  readonly firstLink: number[] = [];

  clear(): void {
    this.tokens = 0;
    this.links = 0;
    this.firstToken.length = 0;
    this.firstLink.length = 0;
  }

  /** Starts the next frame: tokens and links added from here on are its own. */
  beginFrame(): void {
    this.firstToken.push(this.tokens);
    this.firstLink.push(this.links);
  }

  /** One past the last token of a frame. */
  endOf(frame: number): number {
    return this.firstToken[frame + 1] ?? this.tokens;
  }

  addToken(state: number, cost: number): number {
    const t = this.tokens++;
    if (t === this.state.length) this.growTokens();
    this.state[t] = state;
    this.cost[t] = cost;
    this.extra[t] = 0;
    this.epsilonCount[t] = 0;
    this.emittingCount[t] = 0;
    return t;
  }

  addLink(dest: number, arc: number, acoustic: number): void {
    const l = this.links++;
    if (l === this.dest.length) this.growLinks();
    this.dest[l] = dest;
    this.arc[l] = arc;
    this.acoustic[l] = acoustic;
  }

  private growTokens(): void {
    const size = 2 * this.state.length;
    this.cost = grown(new Float64Array(size), this.cost);
    this.extra = grown(new Float64Array(size), this.extra);
    this.state = grown(new Int32Array(size), this.state);
    this.epsilonFirst = grown(new Int32Array(size), this.epsilonFirst);
    this.epsilonCount = grown(new Int32Array(size), this.epsilonCount);
    this.emittingFirst = grown(new Int32Array(size), this.emittingFirst);
    this.emittingCount = grown(new Int32Array(size), this.emittingCount);
  }

  private growLinks(): void {
    const size = 2 * this.dest.length;
    this.dest = grown(new Int32Array(size), this.dest);
    this.arc = grown(new Int32Array(size), this.arc);
    this.acoustic = grown(new Float32Array(size), this.acoustic);
  }

  /**
   * Takes out links that are gone, and tokens without a way on (extra cost Infinity), of frame `from` and later.
   * Links of the frame before it are renumbered.
   */
  compact(from: number): void {
    const { firstToken, firstLink } = this;
    const place = new Int32Array(this.tokens - firstToken[from]!);
    const base = firstToken[from]!;
    let kept = base;
    for (let t = base; t < this.tokens; t++) place[t - base] = this.extra[t]! < Infinity ? kept++ : -1;
    const begin = Math.max(from - 1, 0);
    const linksFrom = firstLink[begin]!;
    const dest = this.dest.slice(linksFrom, this.links);
    const arc = this.arc.slice(linksFrom, this.links);
    const acoustic = this.acoustic.slice(linksFrom, this.links);
    this.links = linksFrom;
    const move = (first: number, count: number): void => {
      for (let l = first - linksFrom; l < first - linksFrom + count; l++) {
        const old = dest[l]!;
        const to = old < 0 ? -1 : old < base ? old : place[old - base]!;
        if (to >= 0) this.addLink(to, arc[l]!, acoustic[l]!);
      }
    };
    for (let frame = begin; frame < firstToken.length; frame++) {
      const [start, end] = [firstToken[frame]!, this.endOf(frame)];
      firstLink[frame] = this.links;
      for (let t = start; t < end; t++) {
        const to = t < base ? t : place[t - base]!;
        if (to < 0) continue;
        this.cost[to] = this.cost[t]!;
        this.extra[to] = this.extra[t]!;
        this.state[to] = this.state[t]!;
        let first = this.links;
        move(this.epsilonFirst[t]!, this.epsilonCount[t]!);
        this.epsilonFirst[to] = first;
        this.epsilonCount[to] = this.links - first;
        first = this.links;
        move(this.emittingFirst[t]!, this.emittingCount[t]!);
        this.emittingFirst[to] = first;
        this.emittingCount[to] = this.links - first;
      }
    }
    let before = base;
    for (let frame = from; frame < firstToken.length; frame++) {
      const end = this.endOf(frame);
      const old = firstToken[frame]!;
      firstToken[frame] = before;
      for (let t = old; t < end; t++) if (place[t - base]! >= 0) before = place[t - base]! + 1;
    }
    this.tokens = kept;
  }
}

function grown<A extends Int32Array | Float32Array | Float64Array>(into: A, values: A): A {
  into.set(values);
  return into;
}
