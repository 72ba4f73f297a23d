import type { Committed, CounterWrite, Hit, Store, Write } from '../../core/store.js';

/** One step of a commit, and its place among those of its sort there. */
export interface Placed<T> {
  readonly step: T;
  readonly index: number;
}

export type Refused = Extract<Committed, { ok: false }>;

/** What a commit asks of one tier. */
export interface Part {
  readonly writes: readonly Write[];
  readonly counters: readonly CounterWrite[];
  readonly hits: readonly Hit[];
  readonly isEmpty: boolean;
  /** Whether anything in it could be refused. */
  readonly mayRefuse: boolean;
  /** A refusal of this part, as one of the whole commit. */
  inPlace<T extends Committed>(committed: T): T;
  /** What of the part comes before that refusal of the whole: it would have been the answer. */
  before(refused: Refused): Part;
}

// A limit of 0 admits nobody, and hits are looked at when everything else is done: whatever came before it is taken back.
const NEVER: Hit = { key: 'rehearsal', limit: 0 };

export function placed<T>(steps: readonly T[]): readonly Placed<T>[] {
  return steps.map((step, index) => ({ step, index }));
}

export function partOf(
  writes: readonly Placed<Write>[],
  counters: readonly CounterWrite[],
  hits: readonly Placed<Hit>[],
): Part {
  return {
    writes: writes.map(({ step }) => step),
    counters,
    hits: hits.map(({ step }) => step),
    isEmpty: writes.length + counters.length + hits.length === 0,
    mayRefuse: hits.length > 0 || writes.some(({ step }) => mayRefuse(step)),
    inPlace(committed) {
      if (committed.ok) return committed;
      const places = committed.reason === 'limit' ? hits : writes;
      return { ...committed, index: places[committed.index]?.index ?? committed.index };
    },
    before: ({ reason, index }) =>
      reason === 'limit'
        ? partOf(
            writes,
            counters,
            hits.filter((hit) => hit.index < index),
          )
        : partOf(
            writes.filter((write) => write.index < index),
            [],
            [],
          ),
  };
}

/** Whether the part would be refused, without doing it: all or nothing, and the last hit is never admitted. */
export async function rehearse(store: Store, owner: string, part: Part): Promise<Refused | undefined> {
  if (!part.mayRefuse) return undefined;
  const { writes, counters, hits } = part;
  const refused = await store.commit(owner, { writes, counters, hits: [...hits, NEVER] });
  if (refused.ok) throw new Error('tiered: a store admitted a hit beyond its limit.');
  return refused.reason === 'limit' && refused.index === hits.length ? undefined : part.inPlace(refused);
}

function mayRefuse(write: Write): boolean {
  if (write.do === 'check' || write.do === 'raise') return true;
  return write.do !== 'bump' && (write.if !== undefined || (write.do === 'put' && write.atMost !== undefined));
}
