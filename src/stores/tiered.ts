/**
 * Two stores as one. The difficulty is a commit that touches both: nothing makes two servers commit at once. It is done in this
 * order, and stops at the first no:
 *
 * 1. *rehearse*: the durable store is asked whether it would agree, by a commit that cannot succeed. Nothing happens. Left out where
 *    step 2 only looks and counts, which can be taken back, and where the caller has just seen that it would agree (`seenToHold`).
 * 2. *take*, in the fast store: conditions, deletions (a code is spent, a sign-in is used up, with its counters), hits. One atomic commit.
 * 3. *keep*, in the durable store: everything of it, conditions and hits again, with the log. One atomic commit, which decides.
 * 4. *give*, in the fast store: what is handed out or forgiven: unconditional puts, settled and cleared counters.
 *
 * Steps that have nothing to do are left out. A commit that only looks at the durable store does so first, and is decided by 2.
 *
 * What a crash, or a store that fails, leaves behind:
 *
 * - before 2: nothing.
 * - between 2 and 3: the code, challenge or pending sign-in is spent and the hits of the fast store are counted; nothing was accepted,
 *   logged or counted in the durable store. The user asks for another code or signs in again. Where counting is all that 3 would
 *   have done and the durable store fails, the hits of 2 are refunded: nobody was admitted.
 * - between 3 and 4: accepted, logged and counted, but nobody was told. What the durable store counts is forgiven, what the fast one
 *   counts is not, and freshly made backup codes cannot be shown again. The user signs in again; used steps and codes stay used.
 *
 * So nothing is ever accepted twice: whatever may count once is either taken in 2, where one caller wins, or has its condition in 3,
 * where one caller wins. And nothing is admitted that was not counted in both: a guess is compared after 3, never before.
 *
 * A no in 3 after 2 (the lock that the durable store counts, say, or another commit that came in between) refunds the hits of 2; what
 * else 2 took is spent.
 */
import { checkStep } from '../core/check-step.js';
import type { Commit, Committed, Count, Hit, Ref, Store, StoredRecord } from '../core/store.js';
import { type Part, rehearse } from './tiered/part.js';
import { counted, type Plan, planOf } from './tiered/plan.js';
import { tiersOf } from './tiered/tiers.js';

export interface TieredOptions {
  /** Enrolments, backup codes, epochs, used steps, locks, the audit log: everything that must outlive a restart. */
  readonly durable: Store;
  /**
   * Whatever lives for minutes, and its counters. When it loses what it had, sign-ins that wait for a code end, and so do the limits of
   * sends per number, prefix and address. When it forgets only its latest writes (a fail-over to a replica that was behind), a sent
   * code that was just used is open again until it expires; steps of authenticator apps and backup codes are not, being durable.
   */
  readonly fast: Store;
  /** The kinds of records in the fast store. Default `pending`, `challenge`, `draft`, `fresh-codes`, `sent`, `heard`, `looked-up`, `unsent` and `failed-channel`. */
  readonly fastKinds?: readonly string[];
  /**
   * What the keys of counters in the durable store begin with; all other counters are in the fast one. Default `wrong:` (wrong answers by
   * user and kind of factor, without which a lock would end with the fast store) and `all-1d` (the day's budget of sends, without which
   * it would begin anew).
   */
  readonly durableCounters?: readonly string[];
}

/**
 * Keeps what must last in one store and what is short-lived in another, faster one: `tiered({ durable: postgresStore(...), fast:
 * redisStore(...) })`.
 *
 * It passes the contract of a store. Commits that stay within one tier are as atomic as that tier, and so are all the library's
 * rules about what may happen once. What is less than a single store gives:
 *
 * - A commit over both tiers can be refused after it took something from the fast one, if another commit of the same owner came in
 *   at that moment (with `seenToHold`: since the caller looked): the user then has to ask for a new code, or sign in again. A store that
 *   fails in the middle has the same effect.
 * - A refused commit can have been counted in the fast tier for a moment, until that is refunded; a crash just then leaves it counted.
 * - A read of both tiers is consistent within each, not across them. A `check` of one tier holds at a moment of the commit, not
 *   until its end in the other.
 * - There are two clocks. Times are those of the store that keeps the record or counter; `now` is the later of the two where both had
 *   a part.
 *
 * Throws what the two stores throw. `volatile` when either is.
 */
export function tiered(options: TieredOptions): Store {
  const { durable, fast } = options;
  const tiers = tiersOf(options);

  async function commit(owner: string, step: Commit): Promise<Committed> {
    checkStep(owner, step);
    const plan = planOf(step, tiers);
    if (plan.keep.isEmpty && plan.log.length === 0) return await inFastOnly(owner, plan, step);
    return plan.keepChanges ? await inBoth(owner, plan, step) : await lookFirst(owner, plan, step);
  }

  async function inFastOnly(owner: string, plan: Plan, { reads = [] }: Commit): Promise<Committed> {
    // Before anything is taken, so that a durable store that is down costs nobody a try.
    const fromDurable = await readDurable(owner, reads);
    const taken = await took(owner, plan, reads);
    return taken.ok ? { ...taken, records: merged(reads, fromDurable, taken.records) } : taken;
  }

  async function lookFirst(owner: string, plan: Plan, step: Commit): Promise<Committed> {
    const looked = await kept(owner, plan, step.reads);
    if (!looked.ok) return (await rehearse(fast, owner, plan.take.before(looked))) ?? looked;
    const taken = plan.take.isEmpty ? undefined : await took(owner, plan, step.reads);
    return taken && !taken.ok ? taken : await together(owner, step, looked, taken);
  }

  async function inBoth(owner: string, plan: Plan, step: Commit): Promise<Committed> {
    const { take, keep } = plan;
    const rehearses = plan.takesAway && !step.seenToHold;
    const no = rehearses ? await rehearse(durable, owner, keep) : undefined;
    // The durable store's no, unless something before it fails in the fast one.
    if (no) return (await rehearse(fast, owner, take.before(no))) ?? no;
    const taken = take.isEmpty ? undefined : await took(owner, plan, step.reads);
    if (taken && !taken.ok)
      return (rehearses ? undefined : await rehearse(durable, owner, keep.before(taken))) ?? taken;
    const held = await keptOrRefunded(owner, plan, step.reads, taken);
    if (!held.ok) return held;
    const given = plan.give.isEmpty ? undefined : await gave(owner, plan, step.reads);
    return await together(owner, step, held, taken && given ? { ...given, counts: taken.counts } : (given ?? taken));
  }

  async function took(owner: string, { take }: Plan, reads: readonly Ref[] = []) {
    return take.inPlace(await fast.commit(owner, stepOf(take, reads.filter(isFastRef))));
  }

  async function kept(owner: string, { keep, log }: Plan, reads: readonly Ref[] = []) {
    return keep.inPlace(await durable.commit(owner, { ...stepOf(keep, reads.filter(isDurableRef)), log }));
  }

  async function keptOrRefunded(owner: string, plan: Plan, reads: readonly Ref[] | undefined, taken?: Done) {
    const held = await kept(owner, plan, reads).catch(async (error: unknown) => {
      // Whatever else the durable store was to do it may have done; then its hits belong to something that happened.
      if (plan.keepOnlyCounts) await refund(owner, plan, taken);
      throw error;
    });
    if (!held.ok) await refund(owner, plan, taken);
    return held;
  }

  async function gave(owner: string, { give }: Plan, reads: readonly Ref[] = []): Promise<Done> {
    const done = await fast.commit(owner, stepOf(give, reads.filter(isFastRef)));
    if (!done.ok) throw new Error('tiered: the fast store refused what has no condition.');
    return done;
  }

  /** Where this fails the hits stay counted, which is the safe side. */
  async function refund(owner: string, { take }: Plan, taken: Done | undefined): Promise<void> {
    const counts = counted(take.hits, taken?.counts ?? []);
    if (counts.length === 0) return;
    const counters = counts.map(({ key, total }) => ({ do: 'refund', key, hit: total }) as const);
    await fast.commit(owner, { counters }).catch(() => undefined);
  }

  async function together(owner: string, { hits = [], reads = [] }: Commit, held: Done, quick?: Done): Promise<Done> {
    return {
      ok: true,
      counts: inOrder(hits, held.counts, quick?.counts ?? []),
      records: merged(reads, held.records, quick?.records ?? (await readFast(owner, reads))),
      now: Math.max(held.now, quick?.now ?? held.now),
    };
  }

  const isFastRef = ({ kind }: Ref) => tiers.isFastKind(kind);
  const isDurableRef = ({ kind }: Ref) => !tiers.isFastKind(kind);

  async function readFast(owner: string, reads: readonly Ref[]) {
    const refs = reads.filter(isFastRef);
    return refs.length === 0 ? [] : await fast.read(owner, refs);
  }

  async function readDurable(owner: string, reads: readonly Ref[]) {
    const refs = reads.filter(isDurableRef);
    return refs.length === 0 ? [] : await durable.read(owner, refs);
  }

  /** One list per ref, each from its tier. */
  function merged(refs: readonly Ref[], fromDurable: Lists, fromFast: Lists): Lists {
    const [slow, quick] = [fromDurable.values(), fromFast.values()];
    return refs.map((ref) => (isFastRef(ref) ? quick : slow).next().value ?? []);
  }

  /** One count per hit, each from its tier. */
  function inOrder(hits: readonly Hit[], fromDurable: readonly Count[], fromFast: readonly Count[]): readonly Count[] {
    const [slow, quick] = [fromDurable.values(), fromFast.values()];
    return hits.flatMap(({ key }) => (tiers.isFastKey(key) ? quick : slow).next().value ?? []);
  }

  return {
    name: 'tiered',
    volatile: durable.volatile || fast.volatile,
    tiers: [
      { tier: 'durable', store: durable },
      { tier: 'fast', store: fast },
    ],
    async read(owner, refs) {
      return merged(refs, ...(await Promise.all([readDurable(owner, refs), readFast(owner, refs)])));
    },
    commit,
    append: (rows) => durable.append(rows),
    scan: (query) => durable.scan(query),
    owners: (query) => (isFastRef(query) ? fast : durable).owners(query),
    async sweep(sweep) {
      const removed = await Promise.all([durable.sweep(sweep), fast.sweep()]);
      return { removed: removed[0].removed + removed[1].removed };
    },
    async forget(owner, only) {
      // In this order: what is left half-way is what guards nothing any more.
      await durable.forget(owner, only);
      // The log is durable.
      if (!only) await fast.forget(owner);
    },
    async ping() {
      await Promise.all([durable.ping(), fast.ping()]);
    },
    async close() {
      await Promise.all([durable.close(), fast.close()]);
    },
  };
}

type Lists = readonly (readonly StoredRecord[])[];

type Done = Extract<Committed, { ok: true }>;

function stepOf({ writes, counters, hits }: Part, reads: readonly Ref[]): Commit {
  return { writes, counters, hits, reads };
}
