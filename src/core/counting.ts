import type { Count, Hit } from './store.js';

/** What a store keeps of one counter. */
export interface Counter {
  /** The number of the latest hit. */
  readonly total: number;
  /** Hits up to and including this number no longer count. */
  readonly floor: number;
  /** Refunded numbers above the floor as [first, last], ascending, never touching each other: at most one per hit that counts. */
  readonly refunded: readonly Span[];
  /** When the latest hit was that has not been refunded, milliseconds since 1970. */
  readonly lastAt: number;
  /** What `lastAt` was before the latest hit. */
  readonly beforeAt: number;
  /** When the counter is forgotten, milliseconds since 1970. */
  readonly resetAt?: number;
}

type Span = readonly [first: number, last: number];

export type Admission =
  | { readonly ok: true; readonly counter: Counter; readonly count: Count }
  | { readonly ok: false; readonly retryAt?: number };

// A counter where nothing counts any more and no window ends it would stay for ever: one for each user who ever signed in.
const SPENT_FOR_MS = 3_600_000;

// Room for this many hits in a millisecond; times this, milliseconds stay exact in a double until the year 2255.
const NUMBERS_PER_MS = 1000;

/** How many hits count against the limit. */
export function countOf({ total, floor, refunded }: Counter): number {
  return refunded.reduce((count, [first, last]) => count - (last - first + 1), total - floor);
}

/** A counter at or past its `resetAt` is as good as not there. */
export function isForgotten({ resetAt }: { readonly resetAt?: number }, now: number): boolean {
  return resetAt !== undefined && resetAt <= now;
}

/** Decides one hit. What is refused moves nothing, and neither does a peek. */
export function admit(known: Counter | undefined, hit: Hit, now: number): Admission {
  const counter = known && !isForgotten(known, now) ? known : fresh(hit, now);
  const count = countOf(counter);
  if (count >= hit.limit) return refused(known === counter ? counter.resetAt : undefined);
  const wait = count > 0 ? hit.waits?.[count] : undefined;
  const opensAt = wait === undefined ? now : counter.lastAt + wait;
  if (opensAt > now) return refused(Math.min(opensAt, counter.resetAt ?? opensAt));
  if (hit.peek) return { ok: true, counter, count: placeOf(counter, hit) };

  // A spent counter without a window only had an end so that it could be swept up; it is in use again.
  const resetAt = count === 0 && hit.windowMs === undefined ? undefined : counter.resetAt;
  const ends = resetAt === undefined ? {} : { resetAt };
  const { floor, refunded, lastAt } = counter;
  const total = counter.total + 1;
  return {
    ok: true,
    counter: { total, floor, refunded, lastAt: now, beforeAt: lastAt, ...ends },
    count: { key: hit.key, total, count: count + 1, ...ends },
  };
}

/** Everything up to and including `upTo` no longer counts. */
export function settle(counter: Counter, upTo: number, now: number): Counter {
  const floor = Math.min(Math.max(counter.floor, upTo), counter.total);
  return spentEnds(absorb({ ...counter, floor }), now);
}

/** Takes hit number `hit` back. */
export function refund(counter: Counter, hit: number, now: number): Counter {
  const gone = hit <= counter.floor || hit > counter.total;
  if (gone || counter.refunded.some(([first, last]) => first <= hit && hit <= last)) return counter;
  // Whoever meets an outage right after a pause has not to sit the pause out again.
  const lastAt = hit === counter.total ? counter.beforeAt : counter.lastAt;
  const refunded = join([...counter.refunded, [hit, hit]]);
  return spentEnds(absorb({ ...counter, refunded, lastAt }), now);
}

/**
 * Numbers start from the clock, not from 0: a number given before a counter was forgotten is below the floor of its successor,
 * so a late `settle` or `refund` cannot reach hits that are not its own.
 */
function fresh({ windowMs }: Hit, now: number): Counter {
  const floor = Math.floor(now) * NUMBERS_PER_MS;
  const resetAt = windowMs === undefined ? {} : { resetAt: now + windowMs };
  return { total: floor, floor, refunded: [], lastAt: now, beforeAt: now, ...resetAt };
}

function placeOf(counter: Counter, { key }: Hit): Count {
  const { total, resetAt } = counter;
  return { key, total, count: countOf(counter), ...(resetAt === undefined ? {} : { resetAt }) };
}

function refused(retryAt: number | undefined): Admission {
  return retryAt === undefined ? { ok: false } : { ok: false, retryAt };
}

function join(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const [first, last] of spans.toSorted((a, b) => a[0] - b[0])) {
    const before = joined.at(-1);
    if (before && before[1] + 1 === first) joined[joined.length - 1] = [before[0], last];
    else joined.push([first, last]);
  }
  return joined;
}

/** Lifts the floor over refunded numbers that begin right above it, and drops those below it. */
function absorb(counter: Counter): Counter {
  let { floor } = counter;
  const refunded: Span[] = [];
  for (const [first, last] of counter.refunded) {
    if (first <= floor + 1) floor = Math.max(floor, last);
    else refunded.push([first, last]);
  }
  return { ...counter, floor, refunded };
}

function spentEnds(counter: Counter, now: number): Counter {
  if (counter.resetAt !== undefined || countOf(counter) > 0) return counter;
  return { ...counter, resetAt: now + SPENT_FOR_MS };
}
