/**
 * How many of the codes that a carrier took arrived, by what it told; only of codes that somebody signing in had asked for. Their number was proved once, so it takes a
 * phone to count, and of one user or one number one end counts: whoever types numbers where nothing arrives says nothing of the carrier that everybody shares.
 */
import type { Hit } from '../core/store.js';
import { bringsTooFew } from '../policy/delivery-rate.js';
import { CARRIERS_OWNER, idOf, POOR } from './carrier-breakers.js';
import type { FlowDeps } from './deps.js';
import type { SentRef } from './sent-refs.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Two of these are what is recent. */
const RECENT_MS = 10 * MINUTE;
/** So long a carrier that brings too few is asked last; it is never shut for it. */
const POOR_MS = 30 * MINUTE;

/** Counts one end, and puts the carrier last where it brings too few. */
export async function noteEnd(
  { store, clock }: Pick<FlowDeps, 'store' | 'clock'>,
  { lane, carrier, who }: Pick<SentRef, 'lane' | 'carrier' | 'who'>,
  end: 'arrived' | 'lost',
): Promise<void> {
  const id = idOf(lane, carrier);
  const now = clock();
  const counter = (what: typeof end, at: number, windowMs: number): Hit => {
    const span = windowMs === DAY ? 'day' : 'recent';
    const counted = what === end && at === now ? {} : ({ peek: true } as const);
    const key = `${what}:${id}:${span}:${Math.floor(at / windowMs)}`;
    return { key, limit: Number.MAX_SAFE_INTEGER, windowMs: 2 * windowMs, ...counted };
  };
  const hits = [RECENT_MS, DAY].flatMap((span) =>
    [now, now - span].flatMap((at) => (['arrived', 'lost'] as const).map((what) => counter(what, at, span))),
  );
  const done = await store.commit(CARRIERS_OWNER, {
    writes: who.map((one) => ({
      do: 'put',
      kind: 'heard',
      id: `${id} ${one} ${Math.floor(now / RECENT_MS)}`,
      data: null,
      ttlMs: RECENT_MS,
      if: 'absent',
    })),
    hits,
  });
  if (!done.ok) return;
  const sums = (from: number) => {
    const [arrived = 0, lost = 0, arrivedBefore = 0, lostBefore = 0] = done.counts
      .slice(from, from + 4)
      .map(({ count }) => count);
    return { arrived: arrived + arrivedBefore, lost: lost + lostBefore };
  };
  const [recent, all] = [sums(0), sums(4)];
  const usual = { arrived: Math.max(0, all.arrived - recent.arrived), lost: Math.max(0, all.lost - recent.lost) };
  if (!bringsTooFew(recent, usual)) return;
  await store.commit(CARRIERS_OWNER, {
    writes: [{ do: 'put', kind: POOR, id, data: null, ttlMs: POOR_MS, if: 'absent' }],
  });
}
