import { jsonOf } from '../../core/apply-commit.js';
import type { Commit, CounterWrite, Hit, LogRow, Write } from '../../core/store.js';

/** A write, and its place in the commit that it came from. */
interface Placed {
  readonly write: Write;
  readonly index: number;
}

/** The writes of one tier. */
export interface Part {
  readonly writes: readonly Write[];
  /** The place in the whole commit of the part's write number `index`. */
  placeOf(index: number): number;
  /** What of the part comes before that place of the whole. */
  before(place: number): Part;
}

/** A commit, taken apart. The tiers have no record in common, so only the order within each matters. */
export interface Plan {
  /** The fast writes that have to be done before the durable store decides. */
  readonly take: Part;
  readonly hits: readonly Hit[];
  /** With hits in the same commit, counters are moved before those; without, they wait for the durable store. */
  readonly countersFirst: readonly CounterWrite[];
  readonly keep: Part;
  readonly log: readonly LogRow[];
  /** Whether the durable store changes anything, or only says whether its conditions hold. */
  readonly keepChanges: boolean;
  /** Whether it changes something under a condition. */
  readonly keepMayRefuse: boolean;
  /** Nothing in here can be refused. */
  readonly give: Part;
  readonly countersLast: readonly CounterWrite[];
}

/** Throws for data that are not JSON, while nothing has been done yet. */
export function planOf(step: Commit, isFast: (kind: string) => boolean): Plan {
  const { hits = [], writes = [], counters = [], log = [] } = step;
  for (const write of writes) if (write.do === 'put') jsonOf(write.data);
  for (const row of log) jsonOf(row);
  const placed = writes.map((write, index) => ({ write, index }));
  const durable = placed.filter(({ write }) => !isFast(write.kind));
  const fast = placed.filter(({ write }) => isFast(write.kind));
  const keepChanges = log.length > 0 || durable.some(({ write }) => write.do !== 'check');
  const keepMayRefuse = keepChanges && durable.some(({ write }) => mayRefuse(write));
  const given = fast.filter((one) => keepMayRefuse && isGift(one, fast));
  const countersLater = keepChanges && hits.length === 0;
  return {
    take: partOf(fast.filter((one) => !given.includes(one))),
    hits,
    countersFirst: countersLater ? [] : counters,
    keep: partOf(durable),
    log,
    keepChanges,
    keepMayRefuse,
    give: partOf(given),
    countersLast: countersLater ? counters : [],
  };
}

export function mayRefuse(write: Write): boolean {
  if (write.do === 'check' || write.do === 'raise') return true;
  return write.do !== 'bump' && (write.if !== undefined || (write.do === 'put' && write.atMost !== undefined));
}

/** What only gives, and that no later write of its kind looks at, can wait until the durable store has said yes. */
function isGift({ write, index }: Placed, fast: readonly Placed[]): boolean {
  const isLast = !fast.some(
    (later) => later.index > index && later.write.kind === write.kind && !isPlainPut(later.write),
  );
  return isPlainPut(write) && isLast;
}

function isPlainPut(write: Write): boolean {
  return write.do === 'put' && !mayRefuse(write);
}

function partOf(placed: readonly Placed[]): Part {
  return {
    writes: placed.map(({ write }) => write),
    placeOf: (index) => placed[index]?.index ?? index,
    before: (place) => partOf(placed.filter(({ index }) => index < place)),
  };
}
