/**
 * A request that can be stopped between any two of its steps: calls of the store, of the session store, and the two halves of the
 * answer (head with the cookie, body). What is stopped never goes on, and the others do; so one `kill -9` ends many requests, each at
 * a point of its own.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestHandler } from 'express';
import session, { type SessionData } from 'express-session';
import type { Commit, Store } from '../../../src/index.js';

/** `name;n`: this request stops before its n-th step; with 0 it goes through, and its steps are told. */
export const PASSAGE_HEADER = 'x-passage';

interface Passage {
  readonly name: string;
  readonly stopBefore: number;
  readonly steps: string[];
}

export type PassageNews =
  | { readonly stopped: string; readonly before: string }
  | { readonly through: string; readonly steps: readonly string[] };

const passages = new AsyncLocalStorage<Passage>();

let tell: (news: PassageNews) => void = () => undefined;

export function tellPassages(listener: (news: PassageNews) => void): void {
  tell = listener;
}

/** Every step says that it is about to be done; resolves when it may. */
async function about(step: string): Promise<void> {
  const passage = passages.getStore();
  if (!passage) return;
  passage.steps.push(step);
  if (passage.steps.length !== passage.stopBefore) return;
  tell({ stopped: passage.name, before: step });
  await new Promise<never>(() => undefined);
}

/** The first middleware. */
export const passable: RequestHandler = (req, res, next) => {
  const [name, stopBefore] = req.get(PASSAGE_HEADER)?.split(';') ?? [];
  if (name === undefined) return next();
  const passage: Passage = { name, stopBefore: Number(stopBefore), steps: [] };
  const end = res.end.bind(res) as (...args: unknown[]) => typeof res;
  const answered = async (args: unknown[]) => {
    await about('answer: the head, with the cookie');
    res.flushHeaders();
    await about('answer: the body');
    end(...args);
    tell({ through: name, steps: passage.steps });
  };
  res.end = ((...args: unknown[]) => {
    void answered(args);
    return res;
  }) as typeof res.end;
  passages.run(passage, next);
};

/** Reads of the log are left out: all requests of a process share one. */
export function passableStore(store: Store): Store {
  const before = async <T>(step: string, work: () => Promise<T>) => {
    await about(`${store.name}: ${step}`);
    return await work();
  };
  return {
    ...store,
    read: (owner, refs) => before('read', () => store.read(owner, refs)),
    commit: (owner, step) => before(inWords(step), () => store.commit(owner, step)),
    append: (rows) => before('append', () => store.append(rows)),
  };
}

/** `count wrong:totp`, `raise enrolment, delete pending, settle wrong:totp, log challenge.passed`. */
function inWords({ writes = [], hits = [], counters = [], log = [] }: Commit): string {
  // What is never admitted: the store is only asked.
  if (hits.some(({ limit }) => limit === 0)) return 'rehearse';
  const words = [
    ...writes.filter((write) => write.do !== 'check').map((write) => `${write.do} ${write.kind}`),
    ...counters.map((counter) => `${counter.do} ${'key' in counter ? counter.key : counter.prefix}`),
    ...hits.filter(({ peek }) => !peek).map(({ key }) => `count ${key}`),
    ...log.map(({ type }) => `log ${type}`),
  ];
  return words.length === 0 ? 'look' : words.join(', ');
}

export class PassableSessions extends session.Store {
  private readonly inner: session.Store;

  constructor(inner: session.Store) {
    super();
    this.inner = inner;
    for (const news of ['connect', 'disconnect']) inner.on(news, () => this.emit(news));
  }

  override get(id: string, done: (error: unknown, kept?: SessionData | null) => void): void {
    void about('sessions: get').then(() => this.inner.get(id, done));
  }

  override set(id: string, kept: SessionData, done?: (error?: unknown) => void): void {
    const text = JSON.stringify(kept);
    void about('sessions: set').then(() => this.inner.set(id, JSON.parse(text) as SessionData, done));
  }

  override destroy(id: string, done?: (error?: unknown) => void): void {
    void about('sessions: destroy').then(() => this.inner.destroy(id, done));
  }
}
