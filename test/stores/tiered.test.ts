import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Commit, Hit, Json, Store, Write } from '../../src/core/store.js';
import { memoryStore } from '../../src/stores/memory.js';
import { tiered } from '../../src/stores/tiered.js';

const HOUR = 3_600_000;
const EPOCH = { kind: 'epoch', id: 'epoch' } as const;
const put = (kind: string, id: string, more: Partial<Extract<Write, { do: 'put' }>> = {}): Write => ({
  do: 'put',
  kind,
  id,
  data: null,
  ...more,
});

/** What happens around the commits of one tier. */
interface Fault {
  readonly tier: 'durable' | 'fast';
  /** The first commit of the tier is 1. */
  readonly commit: number;
  /** Whether the store has done it when the fault comes. */
  readonly when: 'before' | 'after';
  readonly act: () => unknown;
}

const crash = () => {
  throw new Error('the process died');
};

let durable: Store;
let fast: Store;
let calls: string[];
let faults: Fault[];
let store: Store;

beforeEach(() => {
  [durable, fast, calls, faults] = [memoryStore(), memoryStore(), [], []];
  store = tiered({ durable: watched('durable', durable), fast: watched('fast', fast) });
});

function watched(tier: Fault['tier'], inner: Store): Store {
  let commits = 0;
  const meet = async (commit: number, when: Fault['when']) => {
    for (const fault of faults)
      if (fault.tier === tier && fault.commit === commit && fault.when === when) await fault.act();
  };
  return {
    ...inner,
    async read(owner, refs) {
      calls.push(`${tier} read`);
      return await inner.read(owner, refs);
    },
    async commit(owner, step) {
      commits += 1;
      const mine = commits;
      calls.push(`${tier} commit`);
      await meet(mine, 'before');
      const done = await inner.commit(owner, step);
      await meet(mine, 'after');
      return done;
    },
    async forget(owner, only) {
      calls.push(`${tier} forget`);
      await inner.forget(owner, only);
    },
  };
}

/** A pending sign-in with a sent code and three tries; the user has two factors. */
async function parked(): Promise<readonly number[]> {
  await durable.commit('ada', {
    writes: [{ do: 'bump', ...EPOCH }, put('enrolment', 'totp'), put('enrolment', 'sms')],
  });
  const hits = (hit: Hit) => ({ hits: [hit, hit, hit] });
  const writes = [put('pending', 'p', { ttlMs: HOUR }), put('challenge', 'c', { ttlMs: HOUR })];
  const done = await Promise.all([
    durable.commit('ada', hits({ key: 'wrong:totp', limit: 100 })),
    fast.commit('ada', { ...hits({ key: 'tries:c', limit: 5 }), writes }),
  ]);
  return done.map((each) => (each.ok ? (each.counts.at(-1)?.total ?? 0) : 0));
}

/** What the library commits when an answer is right. */
function acceptance(tries: readonly number[], id = 'row'): Commit {
  return {
    writes: [
      { do: 'check', ...EPOCH, if: { mark: 1 } },
      { do: 'check', kind: 'pending', id: 'p', if: 'present' },
      { do: 'check', kind: 'enrolment', id: 'totp', if: 'present' },
      { do: 'delete', kind: 'challenge', id: 'c', if: 'present' },
      { do: 'raise', kind: 'enrolment', id: 'totp', to: 57_000_000 },
      { do: 'delete', kind: 'pending', id: 'p' },
      put('last-used', 'totp', { data: { at: 1 } }),
    ],
    counters: [
      { do: 'settle', key: 'wrong:totp', upTo: tries[0] ?? 0 },
      { do: 'settle', key: 'tries:c', upTo: tries[1] ?? 0 },
    ],
    log: [{ id, at: 1, type: 'sign_in.completed', owner: 'ada', data: null }],
  };
}

async function state() {
  const [pending, challenge] = await fast.read('ada', [{ kind: 'pending' }, { kind: 'challenge' }]);
  const [totp] = await durable.read('ada', [{ kind: 'enrolment', id: 'totp' }]);
  const wrong = await durable.commit('ada', { hits: [{ key: 'wrong:totp', limit: 100, peek: true }] });
  const tries = await fast.commit('ada', { hits: [{ key: 'tries:c', limit: 100, peek: true }] });
  return {
    pending: pending?.length,
    challenge: challenge?.length,
    step: totp?.[0]?.mark,
    wrong: wrong.ok ? wrong.counts[0]?.count : undefined,
    tries: tries.ok ? tries.counts[0]?.count : undefined,
    rows: (await durable.scan({})).rows.length,
  };
}

const UNTOUCHED = { pending: 1, challenge: 1, step: 0, wrong: 3, tries: 3, rows: 0 };
const SPENT = { pending: 0, challenge: 0, step: 0, wrong: 3, tries: 3, rows: 0 };
const ACCEPTED_BUT_UNTOLD = { pending: 0, challenge: 0, step: 57_000_000, wrong: 0, tries: 3, rows: 1 };
const ACCEPTED = { pending: 0, challenge: 0, step: 57_000_000, wrong: 0, tries: 0, rows: 1 };

describe('a commit over both tiers', () => {
  it('rehearses, takes, keeps, gives', async () => {
    const tries = await parked();
    expect(await store.commit('ada', acceptance(tries))).toMatchObject({ ok: true });
    expect(calls).toEqual(['durable commit', 'fast commit', 'durable commit', 'fast commit']);
    expect(await state()).toEqual(ACCEPTED);
  });

  const points = [
    ['before the rehearsal', 'durable', 1, 'before', UNTOUCHED],
    ['after the rehearsal', 'durable', 1, 'after', UNTOUCHED],
    ['before taking', 'fast', 1, 'before', UNTOUCHED],
    ['after taking', 'fast', 1, 'after', SPENT],
    ['before keeping', 'durable', 2, 'before', SPENT],
    ['after keeping', 'durable', 2, 'after', ACCEPTED_BUT_UNTOLD],
    ['before giving', 'fast', 2, 'before', ACCEPTED_BUT_UNTOLD],
    ['after giving', 'fast', 2, 'after', ACCEPTED],
  ] as const;

  it.each(points)('X03 that dies %s leaves what it should, and the answer is not accepted again', async (...point) => {
    const [, tier, commit, when, left] = point;
    const tries = await parked();
    faults = [{ tier, commit, when, act: crash }];
    await expect(store.commit('ada', acceptance(tries))).rejects.toThrow('died');
    expect(await state()).toEqual(left);

    faults = [];
    const again = await store.commit('ada', acceptance(tries, 'second row'));
    expect(again.ok).toBe(left === UNTOUCHED);
    expect((await state()).rows).toBe(left === SPENT ? 0 : 1);
  });

  it('G06 accepts one of fifty, over two handles', async () => {
    const tries = await parked();
    const second = tiered({ durable, fast });
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, caller) =>
        (caller % 2 ? store : second).commit('ada', acceptance(tries, `row ${caller}`)),
      ),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await state()).toEqual(ACCEPTED);
  });

  it('G08 that the durable store refuses takes nothing: a used step does not cost the sign-in', async () => {
    const tries = await parked();
    await durable.commit('ada', { writes: [{ do: 'raise', kind: 'enrolment', id: 'totp', to: 57_000_000 }] });
    expect(await store.commit('ada', acceptance(tries))).toMatchObject({ ok: false, reason: 'condition', index: 4 });
    expect(await state()).toEqual({ ...UNTOUCHED, step: 57_000_000 });
  });

  it('that the fast store refuses keeps nothing', async () => {
    const tries = await parked();
    await fast.commit('ada', { writes: [{ do: 'delete', kind: 'challenge', id: 'c' }] });
    expect(await store.commit('ada', acceptance(tries))).toMatchObject({ ok: false, reason: 'condition', index: 3 });
    expect(await state()).toEqual({ ...UNTOUCHED, challenge: 0 });
  });

  it('names the first write that does not hold, whichever tier it is in', async () => {
    const check = (kind: string): Write => ({ do: 'check', kind, id: 'x', if: 'present' });
    const change = put('enrolment', 'new');
    const orders: readonly (readonly [index: number, writes: readonly Write[]])[] = [
      [1, [change, check('pending'), check('epoch')]],
      [1, [change, check('epoch'), check('pending')]],
      [0, [check('pending'), check('epoch')]],
      [0, [check('epoch'), check('pending')]],
      [2, [put('draft', 'd'), change, check('pending'), check('epoch'), check('challenge')]],
    ];
    for (const [index, writes] of orders) {
      expect(await store.commit('ada', { writes })).toMatchObject({ ok: false, reason: 'condition', index });
    }
    expect(await store.read('ada', [{ kind: 'enrolment' }, { kind: 'draft' }])).toEqual([[], []]);
  });

  it('refused between rehearsal and keeping gives the hits back, not what was spent', async () => {
    await parked();
    const other = () => durable.commit('ada', { writes: [{ do: 'bump', ...EPOCH }] });
    faults = [{ tier: 'fast', commit: 1, when: 'after', act: other }];
    const refused = await store.commit('ada', {
      writes: [
        { do: 'delete', kind: 'challenge', id: 'c', if: 'present' },
        { do: 'check', ...EPOCH, if: { mark: 1 } },
        put('enrolment', 'new'),
      ],
      hits: [{ key: 'tries:c', limit: 100 }],
    });
    expect(refused).toMatchObject({ ok: false, reason: 'condition', index: 1 });
    expect(await state()).toEqual({ ...UNTOUCHED, challenge: 0 });
    expect(await durable.read('ada', [{ kind: 'enrolment', id: 'new' }])).toEqual([[]]);
  });

  it('forgives no tries for an answer that lost the race for the durable store', async () => {
    const tries = await parked();
    const other = () => durable.commit('ada', { writes: [{ do: 'bump', ...EPOCH }] });
    faults = [{ tier: 'fast', commit: 1, when: 'after', act: other }];
    expect(await store.commit('ada', acceptance(tries))).toMatchObject({ ok: false, index: 0 });
    expect(await state()).toEqual(SPENT);
  });

  it('keeps hits counted when nobody knows whether the durable store did its part', async () => {
    faults = [{ tier: 'durable', commit: 1, when: 'after', act: crash }];
    const log = [{ id: 'row', at: 1, type: 't', data: null }];
    await expect(store.commit('ada', { hits: [{ key: 'k', limit: 1 }], log })).rejects.toThrow('died');
    expect(await store.commit('ada', { hits: [{ key: 'k', limit: 1 }] })).toMatchObject({ ok: false, reason: 'limit' });
  });

  it('hands nothing out that the durable store has not agreed to', async () => {
    await parked();
    const make = (mark: number): Commit => ({
      writes: [
        { do: 'check', ...EPOCH, if: { mark } },
        { do: 'delete', kind: 'fresh-codes' },
        put('backup', 'set'),
        put('fresh-codes', 'session'),
        { do: 'delete', kind: 'pending', id: 'p' },
      ],
    });
    faults = [{ tier: 'durable', commit: 2, when: 'before', act: crash }];
    await expect(store.commit('ada', make(1))).rejects.toThrow('died');
    expect(await store.read('ada', [{ kind: 'fresh-codes' }])).toEqual([[]]);
    expect(await store.commit('ada', make(1))).toMatchObject({ ok: true });
    expect((await store.read('ada', [{ kind: 'fresh-codes' }]))[0]).toHaveLength(1);
  });

  it('answers `condition` before `limit`, and takes nothing for either', async () => {
    await parked();
    const full = { key: 'full', limit: 0 };
    const spend: Write = { do: 'delete', kind: 'challenge', id: 'c', if: 'present' };
    const change = put('enrolment', 'new', { if: 'absent' });
    expect(await store.commit('ada', { writes: [spend, change], hits: [full] })).toMatchObject({
      reason: 'limit',
      index: 0,
    });
    const stale: Write = { do: 'check', ...EPOCH, if: { mark: 9 } };
    expect(await store.commit('ada', { writes: [spend, change, stale], hits: [full] })).toMatchObject({
      reason: 'condition',
      index: 2,
    });
    expect(await state()).toEqual(UNTOUCHED);
    expect(await durable.read('ada', [{ kind: 'enrolment', id: 'new' }])).toEqual([[]]);
  });

  it('that is no JSON anywhere touches neither tier', async () => {
    const circle: Json[] = [];
    circle.push(circle);
    const hits = [{ key: 'k', limit: 1 }];
    await expect(store.commit('ada', { hits, writes: [put('enrolment', 'a', { data: circle })] })).rejects.toThrow();
    const log = [{ id: 'row', at: 1, type: 't', data: circle }];
    await expect(store.commit('ada', { hits, log })).rejects.toThrow();
    expect(calls).toEqual([]);
  });
});

/** What the library commits before it compares an answer. */
const reserve: Commit = {
  writes: [
    { do: 'check', ...EPOCH, if: { mark: 1 } },
    { do: 'check', kind: 'pending', id: 'p', if: 'present' },
  ],
  hits: [
    { key: 'wrong:totp', limit: 10 },
    { key: 'tries:c', limit: 5 },
  ],
  reads: [{ kind: 'enrolment', id: 'totp' }, { kind: 'challenge' }],
};

/** The same from a caller who has just looked, for a sign-in whose tries nobody needs any more: what the library commits. */
function looked(tries: readonly number[], id?: string): Commit {
  const [wrong] = acceptance(tries).counters ?? [];
  const counters = [...(wrong ? [wrong] : []), { do: 'clear', prefix: 'tries:c', unneeded: true } as const];
  return { ...acceptance(tries, id), counters, seenToHold: true };
}

describe('a commit over both tiers that was just seen to hold', () => {
  const USED_UP = { ...SPENT, tries: 0 };
  const other = (write: Write) => async () => void (await durable.commit('ada', { writes: [write] }));
  const usedStep = other({ do: 'raise', kind: 'enrolment', id: 'totp', to: 57_000_000 });

  it('takes and keeps, and asks neither store twice', async () => {
    const tries = await parked();
    expect(await store.commit('ada', looked(tries))).toMatchObject({ ok: true });
    expect(calls).toEqual(['fast commit', 'durable commit']);
    expect(await state()).toEqual(ACCEPTED);
  });

  const points = [
    ['before taking', 'fast', 'before', UNTOUCHED],
    ['after taking', 'fast', 'after', USED_UP],
    ['before keeping', 'durable', 'before', USED_UP],
    ['after keeping', 'durable', 'after', ACCEPTED],
  ] as const;

  it.each(points)('X03 that dies %s leaves what it should, and the answer is not accepted again', async (...point) => {
    const [, tier, when, left] = point;
    const tries = await parked();
    faults = [{ tier, commit: 1, when, act: crash }];
    await expect(store.commit('ada', looked(tries))).rejects.toThrow('died');
    expect(await state()).toEqual(left);

    faults = [];
    const again = await store.commit('ada', looked(tries, 'second row'));
    expect(again.ok).toBe(left === UNTOUCHED);
    expect((await state()).rows).toBe(left === USED_UP ? 0 : 1);
  });

  it('G06 accepts one of fifty, over two handles', async () => {
    const tries = await parked();
    const second = tiered({ durable, fast });
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, caller) =>
        (caller % 2 ? store : second).commit('ada', looked(tries, `row ${caller}`)),
      ),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await state()).toEqual(ACCEPTED);
  });

  it('G06 accepts one of two sign-ins that give the same step at once', async () => {
    const tries = await parked();
    await fast.commit('ada', { writes: [put('pending', 'q'), put('challenge', 'd')] });
    const inOther = (write: Write): Write =>
      'id' in write && (write.id === 'p' || write.id === 'c')
        ? ({ ...write, id: write.id === 'p' ? 'q' : 'd' } as Write)
        : write;
    const second = looked(tries, 'second row');
    const answers = await Promise.all([
      store.commit('ada', looked(tries)),
      store.commit('ada', { ...second, writes: (second.writes ?? []).map(inOther) }),
    ]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect((await state()).rows).toBe(1);
  });

  it.each([
    ['a used step', usedStep, 4],
    ['another epoch', other({ do: 'bump', ...EPOCH }), 0],
  ] as const)('and was wrong about it (%s) is refused all the same, and costs the sign-in', async (_, come, index) => {
    const tries = await parked();
    await come();
    expect(await store.commit('ada', looked(tries))).toMatchObject({ ok: false, reason: 'condition', index });
    expect(await state()).toMatchObject({ pending: 0, challenge: 0, wrong: 3, rows: 0 });
  });

  it('names the first write that does not hold, whichever tier it is in', async () => {
    const tries = await parked();
    await fast.commit('ada', { writes: [{ do: 'delete', kind: 'challenge', id: 'c' }] });
    expect(await store.commit('ada', looked(tries))).toMatchObject({ ok: false, reason: 'condition', index: 3 });
    await durable.commit('ada', { writes: [{ do: 'bump', ...EPOCH }] });
    expect(await store.commit('ada', looked(tries))).toMatchObject({ ok: false, reason: 'condition', index: 0 });
    expect(await state()).toEqual({ ...UNTOUCHED, challenge: 0 });
  });
});

describe('X04 a try, which both tiers count', () => {
  it('brings the counts and records of both, in the order they were asked for', async () => {
    await parked();
    const done = await store.commit('ada', reserve);
    expect(done).toMatchObject({
      ok: true,
      counts: [
        { key: 'wrong:totp', count: 4 },
        { key: 'tries:c', count: 4 },
      ],
      records: [[{ id: 'totp' }], [{ id: 'c' }]],
    });
    expect(await state()).toMatchObject({ wrong: 4, tries: 4 });
  });

  it('G02 is admitted as often as the tighter of the two allows, of fifty at once, and the refused move nothing', async () => {
    const limits = [
      [3, 99],
      [99, 3],
      [3, 4],
      [4, 3],
    ] as const;
    for (const [index, [byUser, byChallenge]] of limits.entries()) {
      const hits = [
        { key: 'wrong:totp', limit: byUser },
        { key: 'tries:c', limit: byChallenge },
      ];
      const answers = await Promise.all(Array.from({ length: 50 }, () => store.commit(`user ${index}`, { hits })));
      expect(answers.filter(({ ok }) => ok)).toHaveLength(3);
      const peeks = hits.map((hit) => ({ ...hit, limit: 99, peek: true as const }));
      expect(await store.commit(`user ${index}`, { hits: peeks })).toMatchObject({
        counts: [{ count: 3 }, { count: 3 }],
      });
    }
  });

  it('outlives the fast store: who was locked before it was emptied is locked after, and by another process too', async () => {
    const wrong = { key: 'wrong:sms', limit: 100, waits: { 3: HOUR } };
    for (let tries = 0; tries < 3; tries++) await store.commit('ada', { hits: [wrong, { key: 'tries:c', limit: 5 }] });
    const second = tiered({ durable, fast: memoryStore() });
    expect(await second.commit('ada', { hits: [wrong, { key: 'tries:c', limit: 5 }] })).toMatchObject({
      ok: false,
      reason: 'limit',
      index: 0,
    });
    expect(await second.commit('ada', { hits: [{ ...wrong, peek: true }] })).toMatchObject({ ok: false, index: 0 });
  });

  it('leaves the day’s budget of sends spent when the fast store is emptied', async () => {
    const hits = [
      { key: 'number-10m:n', limit: 3, windowMs: HOUR },
      { key: 'all-1d', limit: 2, windowMs: 24 * HOUR },
    ];
    for (let send = 0; send < 2; send++) await store.commit('sends', { hits });
    const second = tiered({ durable, fast: memoryStore() });
    expect(await second.commit('sends', { hits })).toMatchObject({ ok: false, reason: 'limit', index: 1 });
  });

  const refusals = [
    ['a lock', { 'wrong:totp': 3 }, { reason: 'limit', index: 0 }],
    ['a used-up challenge', { 'tries:c': 3 }, { reason: 'limit', index: 1 }],
    ['both: the first of them is named', { 'wrong:totp': 3, 'tries:c': 3 }, { reason: 'limit', index: 0 }],
    ['a new epoch', { epoch: 2 }, { reason: 'condition', index: 0 }],
    ['a new epoch and a used-up challenge', { epoch: 2, 'tries:c': 3 }, { reason: 'condition', index: 0 }],
    ['a sign-in that is over, and a lock', { pending: 0, 'wrong:totp': 3 }, { reason: 'condition', index: 1 }],
  ] as const;

  it.each(refusals)('refused by %s moves nothing', async (_, now, refused) => {
    await parked();
    const is = now as Readonly<Record<string, number>>;
    if (is.epoch) await durable.commit('ada', { writes: [{ do: 'bump', ...EPOCH }] });
    if (is.pending === 0) await fast.commit('ada', { writes: [{ do: 'delete', kind: 'pending', id: 'p' }] });
    const before = await state();
    const hits = (reserve.hits ?? []).map((hit) => ({ ...hit, limit: is[hit.key] ?? hit.limit }));
    expect(await store.commit('ada', { ...reserve, hits })).toMatchObject({ ok: false, ...refused });
    expect(await state()).toEqual(before);
  });

  const points = [
    ['before the fast store counts', 'fast', 1, 'before', { wrong: 3, tries: 3 }],
    ['after the fast store counted', 'fast', 1, 'after', { wrong: 3, tries: 4 }],
    [
      'with the durable store before that counts: the fast one is refunded',
      'durable',
      1,
      'before',
      { wrong: 3, tries: 3 },
    ],
    [
      'with the durable store after that counted: it was compared by nobody',
      'durable',
      1,
      'after',
      { wrong: 4, tries: 3 },
    ],
  ] as const;

  it.each(points)('X03 that dies %s was not admitted, and never counts less than what was', async (...point) => {
    const [, tier, commit, when, left] = point;
    await parked();
    faults = [{ tier, commit, when, act: crash }];
    await expect(store.commit('ada', reserve)).rejects.toThrow('died');
    expect(await state()).toEqual({ ...UNTOUCHED, ...left });
  });

  it('X03 that dies between the durable no and the refund stays counted for its challenge, not for the lock', async () => {
    await parked();
    faults = [{ tier: 'fast', commit: 2, when: 'before', act: crash }];
    const hits = [
      { key: 'wrong:totp', limit: 3 },
      { key: 'tries:c', limit: 5 },
    ];
    expect(await store.commit('ada', { ...reserve, hits })).toMatchObject({ ok: false, reason: 'limit', index: 0 });
    expect(await state()).toEqual({ ...UNTOUCHED, tries: 4 });
  });

  it('is taken back in both; where the fast store fails in between, it stays counted there', async () => {
    await parked();
    const done = await store.commit('ada', reserve);
    const [wrong, tries] = done.ok ? done.counts.map(({ total }) => total) : [];
    faults = [{ tier: 'fast', commit: 2, when: 'before', act: crash }];
    const counters = [
      { do: 'refund', key: 'tries:c', hit: tries ?? 0 },
      { do: 'refund', key: 'wrong:totp', hit: wrong ?? 0 },
    ] as const;
    await expect(store.commit('ada', { counters })).rejects.toThrow('died');
    expect(await state()).toEqual({ ...UNTOUCHED, tries: 4 });
    faults = [];
    await store.commit('ada', { counters });
    expect(await state()).toEqual(UNTOUCHED);
  });

  it('is forgiven in both by a clear that both are named by, and in one by one that is its own', async () => {
    await parked();
    await store.commit('ada', { counters: [{ do: 'clear', prefix: 'wrong:t' }] });
    expect(await state()).toMatchObject({ wrong: 0, tries: 3 });
    await store.commit('ada', { hits: [{ key: 'wrong:totp', limit: 9 }] });
    await store.commit('ada', { counters: [{ do: 'clear', prefix: 't' }] });
    expect(await state()).toMatchObject({ wrong: 1, tries: 0 });
    await store.commit('ada', { hits: [{ key: 'tries:c', limit: 9 }] });
    await store.commit('ada', { counters: [{ do: 'clear', prefix: '' }] });
    expect(await state()).toMatchObject({ wrong: 0, tries: 0 });
  });
});

describe('a commit asks no store more often than it must', () => {
  const hits = [{ key: 'k', limit: 9 }];
  const wrong = { key: 'wrong:totp', limit: 9 };
  const refundOf = (key: string) => ({ do: 'refund', key, hit: 1 }) as const;
  const epoch: Write = { do: 'check', ...EPOCH, if: { mark: 0 } };
  const log = [{ id: 'row', at: 1, type: 't', data: null }];
  const shapes: readonly (readonly [name: string, step: Commit, asked: readonly string[]])[] = [
    ['counters alone', { hits }, ['fast commit']],
    ['a durable change alone', { writes: [epoch, put('enrolment', 'a')], log }, ['durable commit']],
    ['a send: looks at the durable, counts in the fast', { writes: [epoch], hits }, ['durable commit', 'fast commit']],
    [
      'a try: counts in the fast, then in the durable',
      { writes: [epoch], hits: [wrong, ...hits] },
      ['fast commit', 'durable commit'],
    ],
    ['a lock alone', { hits: [wrong] }, ['durable commit']],
    ['tries taken back', { counters: [refundOf('wrong:totp'), refundOf('k')] }, ['durable commit', 'fast commit']],
    ['an unlock', { counters: [{ do: 'clear', prefix: 'wrong:' }], log }, ['durable commit']],
    ['a logged put', { writes: [put('pending', 'p', { if: 'absent' })], log }, ['fast commit', 'durable commit']],
    ['a logged clear', { counters: [{ do: 'clear', prefix: '' }], log }, ['durable commit', 'fast commit']],
    [
      'a step-up',
      { writes: [epoch, put('last-used', 'a')], counters: [{ do: 'clear', prefix: '' }] },
      ['durable commit', 'fast commit'],
    ],
  ];

  it.each(shapes)('%s', async (_, step, asked) => {
    expect(await store.commit('ada', step)).toMatchObject({ ok: true });
    expect(calls).toEqual(asked);
  });
});

describe('reads', () => {
  it('come from the tier of each kind, in the order they were asked for, alone and in commits', async () => {
    await parked();
    const reads = [
      { kind: 'challenge' },
      EPOCH,
      { kind: 'pending', id: 'p' },
      { kind: 'enrolment' },
      { kind: 'draft' },
    ];
    const ids = [['c'], ['epoch'], ['p'], ['totp', 'sms'], []].map((list) => list.toSorted());
    const idsOf = (lists: readonly (readonly { id: string }[])[]) =>
      lists.map((list) => list.map(({ id }) => id).sort());
    expect(idsOf(await store.read('ada', reads))).toEqual(ids);
    const log = [{ id: 'row', at: 1, type: 't', data: null }];
    const hits = [{ key: 'k', limit: 9 }];
    const counters = [{ do: 'clear', prefix: 'k' } as const];
    for (const step of [{}, { hits }, { log }, { hits, log }, { counters, log }, { writes: [put('last-used', 'a')] }]) {
      const done = await store.commit('ada', { ...step, reads });
      expect(done.ok && idsOf(done.records)).toEqual(ids);
    }
  });

  it('that fail in the durable store cost nobody a try', async () => {
    const broken = { ...durable, read: () => Promise.reject(new Error('down')) };
    const half = tiered({ durable: broken, fast });
    await expect(half.commit('ada', { hits: [{ key: 'k', limit: 1 }], reads: [EPOCH] })).rejects.toThrow('down');
    expect(await store.commit('ada', { hits: [{ key: 'k', limit: 1 }] })).toMatchObject({ ok: true });
  });
});

describe('two stores as one', () => {
  it('are volatile when either is', () => {
    const lasting = { ...memoryStore(), volatile: false };
    expect(tiered({ durable: lasting, fast: lasting }).volatile).toBe(false);
    expect(tiered({ durable: lasting, fast }).volatile).toBe(true);
    expect(tiered({ durable, fast: lasting }).volatile).toBe(true);
  });

  it('answer a ping only when both do, and are closed together', async () => {
    await store.ping();
    await store.close();
    await expect(durable.ping()).rejects.toThrow();
    await expect(fast.ping()).rejects.toThrow();
    const half = tiered({ durable: memoryStore(), fast });
    await expect(half.ping()).rejects.toThrow();
  });

  it('forget the durable part first: locks go only after what they guard', async () => {
    await parked();
    await store.forget('ada');
    expect(calls).toEqual(['durable forget', 'fast forget']);
    calls.length = 0;
    await store.forget('ada', { rowsBut: [] });
    expect(calls).toEqual(['durable forget']);
    expect(await state()).toEqual({ pending: 0, challenge: 0, step: undefined, wrong: 0, tries: 0, rows: 0 });

    await parked();
    const broken = tiered({ durable: { ...durable, forget: () => Promise.reject(new Error('down')) }, fast });
    await expect(broken.forget('ada')).rejects.toThrow('down');
    expect((await state()).tries).toBe(3);
  });

  it('take no row of the log from the fast store, and sweep both', async () => {
    await store.append([{ id: 'row', at: 1, type: 't', data: null }]);
    expect((await durable.scan({})).rows).toHaveLength(1);
    expect((await fast.scan({})).rows).toHaveLength(0);
    expect(await store.sweep({ logBefore: 2 })).toEqual({ removed: 1 });
  });
});
