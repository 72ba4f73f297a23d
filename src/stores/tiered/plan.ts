import { jsonOf } from '../../core/apply-commit.js';
import type { Commit, CounterWrite, Hit, LogRow, Write } from '../../core/store.js';
import { type Part, type Placed, partOf, placed } from './part.js';
import type { Tiers } from './tiers.js';

/** A commit, taken apart. The tiers have no record and no counter in common, so only the order within each matters. */
export interface Plan {
  /** What of the fast store has to be done before the durable store decides. */
  readonly take: Part;
  /** Whether `take` does more than look and count: what can be given back by a refund. */
  readonly takesAway: boolean;
  readonly keep: Part;
  readonly log: readonly LogRow[];
  /** Whether the durable store changes anything, or only says whether its conditions hold. */
  readonly keepChanges: boolean;
  /** Whether counting is all that it changes. */
  readonly keepOnlyCounts: boolean;
  /** Nothing in here can be refused. */
  readonly give: Part;
}

/** Throws for data that are not JSON, while nothing has been done yet. */
export function planOf(step: Commit, tiers: Tiers): Plan {
  const { hits = [], writes = [], counters = [], log = [] } = step;
  for (const write of writes) if (write.do === 'put') jsonOf(write.data);
  for (const row of log) jsonOf(row);
  const [fast, durable] = split(placed(writes), ({ step: { kind } }) => tiers.isFastKind(kind));
  const [fastHits, durableHits] = split(placed(hits), ({ step: { key } }) => tiers.isFastKey(key));
  const fastCounters = counters.filter((write) => isOf(write, tiers, 'fast'));
  const keep = partOf(
    durable,
    counters.filter((write) => isOf(write, tiers, 'durable')),
    durableHits,
  );
  const keepOnlyLooks = durable.every(({ step: write }) => write.do === 'check') && log.length === 0;
  const keepOnlyCounts = keepOnlyLooks && keep.counters.length === 0;
  const keepChanges = !keepOnlyCounts || durableHits.some(({ step: hit }) => !hit.peek);
  const given = fast.filter((one) => keepChanges && keep.mayRefuse && isGift(one, fast));
  // With hits of the same store counters are moved before those; without, they wait for the durable store.
  const countersLater = keepChanges && fastHits.length === 0;
  const taken = fast.filter((one) => !given.includes(one));
  const [countersNow, countersThen] = split(fastCounters, (write) => !countersLater || isUnneeded(write));
  const take = partOf(taken, countersNow, fastHits);
  return {
    take,
    takesAway: take.counters.length > 0 || taken.some(({ step: write }) => write.do !== 'check'),
    keep,
    log,
    keepChanges,
    keepOnlyCounts,
    give: partOf(given, countersThen, []),
  };
}

function split<T>(all: readonly T[], isFirst: (one: T) => boolean) {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))] as const;
}

function isUnneeded(write: CounterWrite): boolean {
  return write.do === 'clear' && write.unneeded === true;
}

function isOf(write: CounterWrite, tiers: Tiers, tier: 'fast' | 'durable'): boolean {
  if (write.do === 'clear') return tiers.clears(write.prefix)[tier];
  return tiers.isFastKey(write.key) === (tier === 'fast');
}

/** What only gives, and that no later write of its kind looks at, can wait until the durable store has said yes. */
function isGift({ step: write, index }: Placed<Write>, fast: readonly Placed<Write>[]): boolean {
  const isLast = !fast.some(
    (later) => later.index > index && later.step.kind === write.kind && !isPlainPut(later.step),
  );
  return isPlainPut(write) && isLast;
}

function isPlainPut(write: Write): boolean {
  return write.do === 'put' && write.if === undefined && write.atMost === undefined;
}

/** Hits that were counted: what a refund takes back. */
export function counted<T>(hits: readonly Hit[], counts: readonly T[]): readonly T[] {
  return counts.filter((_, index) => !hits[index]?.peek);
}
