/** A store that breaks on command: one call, in one of the ways in which a database across a network breaks. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../../src/index.js';

/**
 * `error`: refused, nothing happened. `hang`: no answer, nothing happened. `lost`: it happened, the answer was lost. `late`: given up, and then it happened.
 * `slow`: just in time.
 */
export type Fault = 'error' | 'hang' | 'lost' | 'late' | 'slow';

export const FAULTS: readonly Fault[] = ['error', 'hang', 'lost', 'late', 'slow'];

/** The deadline to give the library in these tests. */
export const STORE_TIMEOUT = '50ms';
const SLOW_MS = 5;
const LATE_MS = 70;

/** What a driver's error may say, and nobody may hear. */
export const DRIVERS_WORDS = "duplicate key in relation mfa_records: ('u:user-ada', 'hunter2')";

type Verb = 'read' | 'commit' | 'append' | 'scan';

export interface FaultyStore extends Store {
  /** Verbs called since `arm` or `watch`, in order. */
  readonly calls: readonly Verb[];
  /** Breaks the `at`-th call from now (1 is the next); `'all'` breaks each of them. `verbs` narrows what is counted. */
  arm(fault: Fault, at: number | 'all', verbs?: readonly Verb[]): void;
  /** Only counts. */
  watch(): void;
  /** From now on it works; waits for what is late. */
  heal(): Promise<void>;
  /** Did the armed call happen? */
  readonly struck: boolean;
}

export function faultyStore(inner: Store): FaultyStore {
  let calls: Verb[] = [];
  let armed: { fault: Fault; at: number | 'all'; verbs: readonly Verb[] | undefined } | undefined;
  let struck = false;
  const late: Promise<unknown>[] = [];

  async function run<T>(verb: Verb, work: () => Promise<T>): Promise<T> {
    const plan = armed && (armed.verbs?.includes(verb) ?? true) ? armed : undefined;
    if (plan || !armed) calls.push(verb);
    if (!plan || (plan.at !== 'all' && plan.at !== calls.length)) return await work();
    struck = true;
    return await broken(plan.fault, work);
  }

  async function broken<T>(fault: Fault, work: () => Promise<T>): Promise<T> {
    if (fault === 'error') throw new Error(DRIVERS_WORDS);
    if (fault === 'hang') return await new Promise<never>(() => undefined);
    if (fault === 'slow') await sleep(SLOW_MS);
    if (fault === 'late') {
      const done = sleep(LATE_MS).then(work);
      late.push(done.catch(() => undefined));
      return await done;
    }
    const result = await work();
    if (fault === 'lost') throw new Error(DRIVERS_WORDS);
    return result;
  }

  return {
    ...inner,
    get calls() {
      return calls;
    },
    get struck() {
      return struck;
    },
    arm(fault, at, verbs) {
      calls = [];
      struck = false;
      armed = { fault, at, verbs };
    },
    watch() {
      calls = [];
      armed = undefined;
    },
    async heal() {
      armed = undefined;
      calls = [];
      await Promise.all(late);
    },
    read: (owner, refs) => run('read', () => inner.read(owner, refs)),
    commit: (owner, step) => run('commit', () => inner.commit(owner, step)),
    append: (rows) => run('append', () => inner.append(rows)),
    scan: (query) => run('scan', () => inner.scan(query)),
  };
}
