import { addExtension, Packr } from 'msgpackr';
import { Fst, type FstParts } from '@jebena/wfst';
import { type Stage, type StageOptions, stage, type Transformer } from '@jebena/stream';

/** A transformer that can give its state and go on from it. */
export interface Resumable<A, B> extends Transformer<A, B> {
  push(item: A): B[];
  flush(): B[];
  /** Plain values and typed arrays. */
  save(): unknown;
  restore(state: unknown): void;
}

interface Track {
  save(): unknown;
}

// Graphs of chain examples that wait in a buffer are saved with it.
addExtension({
  Class: Fst,
  type: 0x46,
  write: ({ start, firstArc, ilabel, olabel, weight, nextState, final }: FstParts) => ({
    start,
    firstArc,
    ilabel,
    olabel,
    weight,
    nextState,
    final,
  }),
  read: (parts: FstParts) => new Fst(parts),
});

const packr = new Packr({ useRecords: false, moreTypes: true });

/** A saved position that is none, or one of another pipeline. */
export class PositionError extends Error {
  readonly code = 'ERR_POSITION';
  override readonly name = 'PositionError';
}

/**
 * Where a pipeline is, so that it can go on there: how many items it has taken from its source, and what its stages
 * hold. Stages that are given it (`position` in their options) save and restore themselves by name.
 *
 * The position belongs to the item that the consumer got last. Stages that read ahead must stand before
 * {@link Position.counted}, not behind it.
 *
 * @example
 * ```ts
 * const position = new Position(saved); // saved: bytes of `save()`, or undefined to begin
 * const batches = pipe(
 *   utterances(position.taken), // a source that begins behind that many items
 *   position.counted(),
 *   chunks({ sizes: 150, position }),
 *   shuffle({ seed: 1, position }),
 *   minibatches({ rule: 64, position }),
 * );
 * for await (const batch of batches) if (timeToSave()) write(position.save());
 * ```
 */
export class Position {
  /** Items that the pipeline has taken from its source: it begins behind them. */
  readonly taken: number;
  private count: number;
  private readonly saved: Record<string, unknown>;
  private readonly tracks = new Map<string, Track>();

  /** @throws PositionError when the bytes are no position */
  constructor(bytes?: Uint8Array) {
    const state = bytes ? readState(bytes) : { taken: 0, stages: {} };
    this.taken = this.count = state.taken;
    this.saved = state.stages;
  }

  /** Counts the items that pass; it stands right behind the source. */
  counted<T>(options?: StageOptions): Stage<T, T> {
    return stage<T, T>(
      () => ({
        push: (item) => {
          this.count++;
          return [item];
        },
      }),
      options,
    );
  }

  /** Makes a stage of a transformer whose state is part of the position. */
  stage<A, B>(name: string, make: () => Resumable<A, B>, options?: StageOptions): Stage<A, B> {
    return stage(() => {
      if (this.tracks.has(name)) throw new PositionError(`two stages are called '${name}'`);
      const transformer = make();
      // Results that were made and not yet taken are part of the state; restored ones come before new ones.
      let waiting: B[] = [];
      const old = this.saved[name] as { state: unknown; waiting: B[] } | undefined;
      if (old) {
        transformer.restore(old.state);
        waiting = old.waiting;
      }
      this.tracks.set(name, { save: () => ({ state: transformer.save(), waiting }) });
      function* giving(): Generator<B> {
        for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) yield item;
      }
      return {
        push: (item: A) => {
          waiting.push(...transformer.push(item));
          return giving();
        },
        flush: () => {
          waiting.push(...transformer.flush());
          return giving();
        },
      };
    }, options);
  }

  /** The position as bytes; call it between two items. */
  save(): Uint8Array {
    const stages = Object.fromEntries([...this.tracks].map(([name, track]) => [name, track.save()]));
    return packr.pack({ taken: this.count, stages });
  }
}

function readState(bytes: Uint8Array): { taken: number; stages: Record<string, unknown> } {
  try {
    const state = packr.unpack(bytes) as { taken: number; stages: Record<string, unknown> };
    if (Number.isInteger(state?.taken) && typeof state.stages === 'object') return state;
  } catch {
    // Told below.
  }
  throw new PositionError(`expected a saved position, found ${bytes.length} bytes of something else`);
}
