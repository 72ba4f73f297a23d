/** Which carriers are worth calling just now, as all processes together have seen it. */
import { randomInt } from 'node:crypto';
import type { Channel } from '../core/delivery.js';
import type { Json, Store } from '../core/store.js';
import { type BreakerState, notProbing, type Passage, passage, probing, stateAfter, WELL } from '../policy/breaker.js';
import { type CarrierOutcome, MOST_HOPS } from '../policy/failover.js';

/** What a carrier may be well at, and not at something else. */
export interface Lane {
  readonly channel: Channel;
  /** ISO 3166 alpha-2; undefined for mail. */
  readonly country?: string;
}

export interface CarrierBreakers {
  /**
   * The carriers that may be called, best first; none when all are failing. One that is to be tried out again comes first, one of whose codes too few arrive
   * comes last. `who` are the user and the number, as keyed hashes. Changes nothing. Throws where the store does not answer: without it nothing can be counted, and so nothing sent.
   */
  usable(lane: Lane, carriers: readonly string[], who: readonly string[]): Promise<readonly string[]>;
  /** For a send that has its place in every budget: of those, whom it may call, `MOST_HOPS` at most. One that is to be tried out is there for one send of all. */
  claim(lane: Lane, carriers: readonly string[], who: readonly string[]): Promise<readonly string[]>;
  /** Nothing came of the send: another may try out what it was to. Never throws. */
  release(lane: Lane, carriers: readonly string[]): Promise<void>;
  /** How a call went. Never throws: a send that happened must not fail over its bookkeeping. */
  note(lane: Lane, carrier: string, outcome: CarrierOutcome, who: readonly string[]): Promise<void>;
  /** When the first of them may be tried again. */
  retryAt(lane: Lane, carriers: readonly string[]): number | undefined;
}

export const CARRIERS_OWNER = 'carriers';
const KIND = 'breaker';
/** Kind of the records of carriers that take codes and do not bring them; each ends by itself. */
export const POOR = 'poor';
/** What was read may be so old. */
const FRESH_MS = 1_000;
const KEPT_MS = 60 * 60_000;
const MOST_TRIES = 3;

interface Known {
  readonly state: BreakerState;
  /** Undefined where the store has none. */
  readonly version: number | undefined;
}

export function createCarrierBreakers({
  store,
  clock,
  random = () => randomInt(1_000) / 1_000,
}: {
  readonly store: Pick<Store, 'read' | 'commit'>;
  readonly clock: () => number;
  readonly random?: () => number;
}): CarrierBreakers {
  let known = new Map<string, Known>();
  let poor: ReadonlySet<string> = new Set();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  async function refresh(): Promise<void> {
    const now = clock();
    if (Math.abs(now - readAt) < FRESH_MS) return;
    reading ??= readAll(now).finally(() => {
      reading = undefined;
    });
    await reading;
  }

  async function readAll(now: number): Promise<void> {
    const [records = [], late = []] = await store.read(CARRIERS_OWNER, [{ kind: KIND }, { kind: POOR }]);
    // What was only counted here, because nothing failed yet, stays.
    const counted = [...known].filter(([, { version }]) => version === undefined);
    const shared = records.map(
      ({ id, data, version }) => [id, { state: data as unknown as BreakerState, version }] as const,
    );
    known = new Map([...counted, ...shared]);
    poor = new Set(late.map(({ id }) => id));
    readAt = now;
  }

  const stateOf = (id: string): BreakerState => known.get(id)?.state ?? WELL;

  /** Writes the state that follows from the one before; another process may have been first. */
  async function change(id: string, next: (state: BreakerState) => BreakerState | undefined): Promise<boolean> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const before = known.get(id);
      const state = next(before?.state ?? WELL);
      if (state === undefined) return false;
      const done = await store.commit(CARRIERS_OWNER, {
        writes: [
          {
            do: 'put',
            kind: KIND,
            id,
            data: { ...state } as unknown as Json,
            ttlMs: KEPT_MS,
            if: before?.version === undefined ? 'absent' : { version: before.version },
          },
        ],
      });
      if (done.ok) {
        known.set(id, { state, version: (before?.version ?? 0) + 1 });
        return true;
      }
      await readAll(clock());
    }
    return false;
  }

  /** Of many sends at once, in all processes, one tries it out. */
  async function claimed(id: string, who: readonly string[]): Promise<boolean> {
    const now = clock();
    return await change(id, (state) => (passage(state, now, who) === 'probe' ? probing(state, now) : undefined));
  }

  return {
    async usable(lane, carriers, who) {
      await refresh();
      const now = clock();
      const ways = carriers.map((carrier) => ({ carrier, way: passage(stateOf(idOf(lane, carrier)), now, who) }));
      const of = (wanted: Passage) => ways.filter(({ way }) => way === wanted).map(({ carrier }) => carrier);
      const closed = of('closed');
      const isPoor = (carrier: string) => poor.has(idOf(lane, carrier));
      return [...of('probe'), ...closed.filter((one) => !isPoor(one)), ...closed.filter(isPoor)];
    },
    async claim(lane, carriers, who) {
      const mine: string[] = [];
      for (const carrier of carriers) {
        if (mine.length >= MOST_HOPS) break;
        const id = idOf(lane, carrier);
        const way = passage(stateOf(id), clock(), who);
        if (way === 'closed' || (way === 'probe' && (await claimed(id, who)))) mine.push(carrier);
      }
      return mine;
    },
    async release(lane, carriers) {
      for (const carrier of carriers) {
        const id = idOf(lane, carrier);
        if (stateOf(id).probeUntil === undefined) continue;
        await change(id, (state) => (state.probeUntil === undefined ? undefined : notProbing(state))).catch(
          () => false,
        );
      }
    },
    async note(lane, carrier, outcome, who) {
      const id = idOf(lane, carrier);
      const now = clock();
      const chance = random();
      const next = (state: BreakerState) => stateAfter(state, outcome, now, chance, who);
      const before = stateOf(id);
      // A carrier that does well costs no write: only who fails has a record.
      if (isQuiet(before) && (outcome === 'ok' || outcome === 'not-its-fault')) {
        known.set(id, { state: next(before), version: known.get(id)?.version });
        return;
      }
      try {
        await change(id, next);
      } catch {
        known.set(id, { state: next(before), version: known.get(id)?.version });
      }
    },
    retryAt(lane, carriers) {
      const times = carriers.map((carrier) => {
        const { openUntil = 0, probeUntil = 0 } = stateOf(idOf(lane, carrier));
        return Math.max(openUntil, probeUntil);
      });
      return times.length === 0 ? undefined : Math.min(...times);
    },
  };
}

function isQuiet({ failed, openUntil }: BreakerState): boolean {
  return failed === 0 && openUntil === undefined;
}

export function idOf({ channel, country }: Lane, carrier: string): string {
  return [carrier, channel, country ?? '-'].join('.');
}
