import { describe, expect, it } from '@jest/globals';
import { MfaError } from '../../src/core/errors.js';
import { withDeadline as withDeadlineBy } from '../../src/core/store-deadline.js';
import { memoryStore, type Store } from '../../src/index.js';

const withDeadline = (store: Store, timeoutMs: number) => withDeadlineBy(store, timeoutMs, () => performance.now());

const SECRET = 'SELECT code FROM challenges -- 123456';

/** Every verb of the port that a request may wait for. */
const VERBS = {
  read: (store: Store) => store.read('u:ada', [{ kind: 'enrolment' }]),
  commit: (store: Store) => store.commit('u:ada', {}),
  append: (store: Store) => store.append([]),
  scan: (store: Store) => store.scan({}),
  owners: (store: Store) => store.owners({ kind: 'enrolment' }),
  forget: (store: Store) => store.forget('u:ada'),
  ping: (store: Store) => store.ping(),
} as const;

const each = Object.entries(VERBS).map(([verb, call]) => ({ verb: verb as keyof typeof VERBS, call }));

function storeWhose(verb: keyof typeof VERBS, does: () => Promise<never>): Store {
  return { ...memoryStore(), [verb]: does };
}

async function failureOf(work: Promise<unknown>): Promise<MfaError> {
  const error = await work.then(() => undefined).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(MfaError);
  return error as MfaError;
}

describe('X01 a store that does not answer', () => {
  it.each(each)('counts as failed after so long: $verb', async ({ verb, call }) => {
    const hanging = storeWhose(verb, () => new Promise(() => undefined));
    const startedAt = Date.now();
    const error = await failureOf(call(withDeadline(hanging, 30)));
    expect(Date.now() - startedAt).toBeLessThan(1_000);
    expect(error).toMatchObject({ code: 'unavailable', status: 503, retryAfterMs: 5_000 });
  });

  it.each(each)('K04 keeps what it throws to itself: $verb', async ({ verb, call }) => {
    const broken = storeWhose(verb, () => Promise.reject(new Error(SECRET)));
    const error = await failureOf(call(withDeadline(broken, 1_000)));
    expect(error.code).toBe('unavailable');
    expect(error.message).toBe('express-mfa: the memory store failed.');
    expect((error.cause as Error).message).toBe(SECRET);
  });

  it.each(each)('may also throw at once: $verb', async ({ verb, call }) => {
    const broken = storeWhose(verb, () => {
      throw new TypeError(SECRET);
    });
    expect((await failureOf(call(withDeadline(broken, 1_000)))).code).toBe('unavailable');
  });

  it('is not asked to hurry with cleaning up', async () => {
    const slow: Store = {
      ...memoryStore(),
      sweep: () => new Promise((resolve) => setTimeout(() => resolve({ removed: 3 }), 60)),
    };
    expect(await withDeadline(slow, 10).sweep()).toEqual({ removed: 3 });
  });

  it('may fail after the answer was given up, and nobody is hurt', async () => {
    const late = storeWhose(
      'read',
      () => new Promise((_resolve, reject) => setTimeout(() => reject(new Error(SECRET)), 30)),
    );
    await failureOf(VERBS.read(withDeadline(late, 5)));
    await new Promise((resolve) => setTimeout(resolve, 50));
  });
});

describe('many calls at once', () => {
  it('each have their own time, and only those that hang are given up', async () => {
    const never = new Promise<never>(() => undefined);
    let calls = 0;
    const everySecondHangs = (): Promise<void> => {
      calls += 1;
      return calls % 2 === 0 ? never : Promise.resolve();
    };
    const store = withDeadline({ ...memoryStore(), ping: everySecondHangs }, 40);
    const first = Promise.allSettled([store.ping(), store.ping(), store.ping()]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const second = Promise.allSettled([store.ping(), store.ping()]);
    const statuses = (await Promise.all([first, second])).map((settled) => settled.map(({ status }) => status));
    expect(statuses).toEqual([
      ['fulfilled', 'rejected', 'fulfilled'],
      ['rejected', 'fulfilled'],
    ]);
  });
});

describe('a store that answers', () => {
  it('passes everything through, errors of ours too', async () => {
    const store = withDeadline(memoryStore(), 1_000);
    const done = await store.commit('u:ada', { writes: [{ do: 'put', kind: 'a', id: '1', data: 1 }] });
    expect(done.ok).toBe(true);
    expect((await store.read('u:ada', [{ kind: 'a' }]))[0]).toHaveLength(1);
    await store.forget('u:ada');
    expect((await store.read('u:ada', [{ kind: 'a' }]))[0]).toHaveLength(0);
    expect([store.name, store.volatile]).toEqual(['memory', true]);
    expect((await failureOf(store.scan({ cursor: 'nonsense' }))).code).toBe('bad_request');
    await store.close();
    expect((await failureOf(store.ping())).code).toBe('unavailable');
  });
});
