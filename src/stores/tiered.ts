/**
 * Two stores as one. The difficulty is a commit that touches both: nothing makes two servers commit at once. It is done in this
 * order, and stops at the first no:
 *
 * 1. *rehearse*: the durable store is asked whether all its conditions would hold, by a commit that cannot succeed. Nothing happens.
 * 2. *take*, in the fast store: conditions, deletions (a code is spent, a sign-in is used up), hits. One atomic commit.
 * 3. *keep*, in the durable store: everything of it, conditions again, with the log. One atomic commit, which decides.
 * 4. *give*, in the fast store: what is handed out or forgiven: unconditional puts, settled and cleared counters.
 *
 * Steps that have nothing to do are left out. A commit that only looks at the durable store has no step 3 and is decided by 2.
 *
 * What a crash, or a store that fails, leaves behind:
 *
 * - before 2: nothing.
 * - between 2 and 3: the code, challenge or pending sign-in is spent and the tries are counted; nothing was accepted or logged. The
 *   user asks for another code or signs in again.
 * - between 3 and 4: accepted and logged, but nobody was told; the tries of before are not forgiven, and freshly made backup codes
 *   cannot be shown again. The user signs in again; used steps and codes stay used.
 *
 * So nothing is ever accepted twice: whatever may count once is either taken in 2, where one caller wins, or has its condition in 3,
 * where one caller wins.
 *
 * A no in 3 after a yes in 1 means that another commit came in between. The hits of 2 are refunded then; what else 2 took is spent.
 */
import type { Commit, Committed, Hit, Ref, Store, StoredRecord, Write } from '../core/store.js';
import { mayRefuse, type Part, type Plan, planOf } from './tiered/plan.js';

export interface TieredOptions {
  /** Enrolments, backup codes, epochs, used steps, the audit log: everything that must outlive a restart. */
  readonly durable: Store;
  /**
   * Counters and whatever lives for minutes. When it loses what it had, locks open and sign-ins that wait for a code end. When it
   * forgets only its latest writes (a fail-over to a replica that was behind), a sent code that was just used is open again until it
   * expires; steps of authenticator apps and backup codes are not, being durable.
   */
  readonly fast: Store;
  /** The kinds of records in the fast store. Default `pending`, `challenge`, `draft`, `fresh-codes`. */
  readonly fastKinds?: readonly string[];
}

const FAST_KINDS = ['pending', 'challenge', 'draft', 'fresh-codes'];

// Versions begin at 1, and no version is right for what is not there.
const NEVER: Write = { do: 'check', kind: 'rehearsal', id: '-', if: { version: 0 } };

/**
 * Keeps what must last in one store and what is short-lived in another, faster one: `tiered({ durable: postgresStore(...), fast:
 * redisStore(...) })`.
 *
 * It passes the contract of a store. Commits that stay within one tier are as atomic as that tier, and so are all the library's
 * rules about what may happen once. What is less than a single store gives:
 *
 * - A commit over both tiers can be refused after it took something from the fast one, if another commit of the same owner came in
 *   at that moment: the user then has to ask for a new code. A store that fails in the middle has the same effect.
 * - A read of both tiers is consistent within each, not across them. A `check` of one tier holds at a moment of the commit, not
 *   until its end in the other.
 * - There are two clocks. Times are those of the store that keeps the record or counter; `now` is the later of the two where both had
 *   a part.
 *
 * Throws what the two stores throw. `volatile` when either is.
 */
export function tiered({ durable, fast, fastKinds = FAST_KINDS }: TieredOptions): Store {
  const kinds = new Set(fastKinds);
  const isFast = (kind: string) => kinds.has(kind);

  async function commit(owner: string, step: Commit): Promise<Committed> {
    const plan = planOf(step, isFast);
    const reads = step.reads ?? [];
    if (plan.keep.writes.length + plan.log.length === 0) return await inFastOnly(owner, plan, reads);
    const refused = await rehearsed(owner, plan);
    if (refused) return refused;
    // A commit that only looks at the durable store has had its answer from there.
    const looked = plan.keepChanges ? undefined : await kept(owner, plan, reads);
    if (looked && !looked.ok) return await firstNo(owner, plan.take, looked);
    const taken = takesNothing(plan) ? undefined : await took(owner, plan, reads);
    if (taken && !taken.ok) return taken;
    const held = looked ?? (await kept(owner, plan, reads));
    if (!held.ok) {
      await refund(owner, plan.hits, taken);
      return held;
    }
    const given = await gave(owner, plan, reads);
    const last = given ?? taken;
    return {
      ok: true,
      counts: taken?.counts ?? [],
      records: merged(reads, held.records, last?.records ?? (await readFast(owner, reads))),
      now: Math.max(held.now, last?.now ?? held.now),
    };
  }

  async function inFastOnly(owner: string, plan: Plan, reads: readonly Ref[]): Promise<Committed> {
    // Before anything is taken, so that a durable store that is down costs nobody a try.
    const fromDurable = await readDurable(owner, reads);
    const taken = await took(owner, plan, reads);
    return taken.ok ? { ...taken, records: merged(reads, fromDurable, taken.records) } : taken;
  }

  /** Undefined where nothing speaks against the commit, or nothing would be lost by simply trying. */
  async function rehearsed(owner: string, plan: Plan): Promise<Refused | undefined> {
    if (!plan.keepMayRefuse || takesNothing(plan)) return undefined;
    const refused = await rehearse(durable, owner, plan.keep);
    return refused && (await firstNo(owner, plan.take, refused));
  }

  /** The durable store's no, unless an earlier write of the same commit fails in the fast one. */
  async function firstNo(owner: string, take: Part, refused: Refused): Promise<Refused> {
    return (await rehearse(fast, owner, take.before(refused.index))) ?? refused;
  }

  async function took(owner: string, plan: Plan, reads: readonly Ref[]) {
    const { take, hits, countersFirst: counters } = plan;
    const step = { writes: take.writes, hits, counters, reads: reads.filter(({ kind }) => isFast(kind)) };
    return inPlace(await fast.commit(owner, step), take);
  }

  async function kept(owner: string, { keep, log }: Plan, reads: readonly Ref[]) {
    const step = { writes: keep.writes, log, reads: reads.filter(({ kind }) => !isFast(kind)) };
    return inPlace(await durable.commit(owner, step), keep);
  }

  async function gave(owner: string, { give, countersLast: counters }: Plan, reads: readonly Ref[]) {
    if (give.writes.length + counters.length === 0) return undefined;
    const step = { writes: give.writes, counters, reads: reads.filter(({ kind }) => isFast(kind)) };
    const done = await fast.commit(owner, step);
    if (!done.ok) throw new Error('tiered: the fast store refused what has no condition.');
    return done;
  }

  /** Where this fails the hits stay counted, which is the safe side. */
  async function refund(owner: string, hits: readonly Hit[], taken: Committed | undefined): Promise<void> {
    const counts = taken?.ok ? taken.counts.filter((_, index) => !hits[index]?.peek) : [];
    if (counts.length === 0) return;
    const counters = counts.map(({ key, total }) => ({ do: 'refund', key, hit: total }) as const);
    await fast.commit(owner, { counters }).catch(() => undefined);
  }

  async function readFast(owner: string, reads: readonly Ref[]) {
    const refs = reads.filter(({ kind }) => isFast(kind));
    return refs.length === 0 ? [] : await fast.read(owner, refs);
  }

  async function readDurable(owner: string, reads: readonly Ref[]) {
    const refs = reads.filter(({ kind }) => !isFast(kind));
    return refs.length === 0 ? [] : await durable.read(owner, refs);
  }

  /** One list per ref, each from its tier. */
  function merged(refs: readonly Ref[], fromDurable: Lists, fromFast: Lists): Lists {
    const [slow, quick] = [fromDurable.values(), fromFast.values()];
    return refs.map(({ kind }) => (isFast(kind) ? quick : slow).next().value ?? []);
  }

  return {
    name: 'tiered',
    volatile: durable.volatile || fast.volatile,
    async read(owner, refs) {
      return merged(refs, ...(await Promise.all([readDurable(owner, refs), readFast(owner, refs)])));
    },
    commit,
    append: (rows) => durable.append(rows),
    scan: (query) => durable.scan(query),
    async sweep(options) {
      const removed = await Promise.all([durable.sweep(options), fast.sweep()]);
      return { removed: removed[0].removed + removed[1].removed };
    },
    async forget(owner) {
      // In this order: a user who still has factors must not have lost the locks on them.
      await durable.forget(owner);
      await fast.forget(owner);
    },
    async ping() {
      await Promise.all([durable.ping(), fast.ping()]);
    },
    async close() {
      await Promise.all([durable.close(), fast.close()]);
    },
  };
}

/** The durable store decides at once. */
function takesNothing({ take, hits, countersFirst }: Plan): boolean {
  return take.writes.length + hits.length + countersFirst.length === 0;
}

type Lists = readonly (readonly StoredRecord[])[];

type Refused = Extract<Committed, { ok: false }>;

/** Whether the part would be refused, without doing it: all or nothing, and the last write never holds. */
async function rehearse(store: Store, owner: string, part: Part): Promise<Refused | undefined> {
  if (!part.writes.some(mayRefuse)) return undefined;
  const refused = await store.commit(owner, { writes: [...part.writes, NEVER] });
  if (refused.ok) throw new Error('tiered: a store took a version of 0 for true.');
  return refused.index === part.writes.length ? undefined : (inPlace(refused, part) as Refused);
}

/** A refusal names the write by its place in the whole commit. Hits are all in one tier, so theirs are right. */
function inPlace(committed: Committed, part: Part): Committed {
  if (committed.ok || committed.reason === 'limit') return committed;
  return { ...committed, index: part.placeOf(committed.index) };
}
