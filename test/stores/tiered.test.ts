import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Commit, Json, Store, Write } from '../../src/core/store.js';
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
    async forget(owner) {
      calls.push(`${tier} forget`);
      await inner.forget(owner);
    },
  };
}

/** A pending sign-in with a sent code and three tries; the user has two factors. */
async function parked(): Promise<readonly number[]> {
  await durable.commit('ada', {
    writes: [{ do: 'bump', ...EPOCH }, put('enrolment', 'totp'), put('enrolment', 'sms')],
  });
  const hit = { key: 'wrong:totp', limit: 100 };
  const done = await fast.commit('ada', {
    writes: [put('pending', 'p', { ttlMs: HOUR }), put('challenge', 'c', { ttlMs: HOUR })],
    hits: [hit, hit, hit],
  });
  return done.ok ? done.counts.map(({ total }) => total) : [];
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
    counters: [{ do: 'settle', key: 'wrong:totp', upTo: tries.at(-1) ?? 0 }],
    log: [{ id, at: 1, type: 'sign_in.completed', owner: 'ada', data: null }],
  };
}

async function state() {
  const [pending, challenge] = await fast.read('ada', [{ kind: 'pending' }, { kind: 'challenge' }]);
  const [totp] = await durable.read('ada', [{ kind: 'enrolment', id: 'totp' }]);
  const peeked = await fast.commit('ada', { hits: [{ key: 'wrong:totp', limit: 100, peek: true }] });
  return {
    pending: pending?.length,
    challenge: challenge?.length,
    step: totp?.[0]?.mark,
    tries: peeked.ok ? peeked.counts[0]?.count : undefined,
    rows: (await durable.scan({})).rows.length,
  };
}

const UNTOUCHED = { pending: 1, challenge: 1, step: 0, tries: 3, rows: 0 };
const SPENT = { pending: 0, challenge: 0, step: 0, tries: 3, rows: 0 };
const ACCEPTED_BUT_UNTOLD = { pending: 0, challenge: 0, step: 57_000_000, tries: 3, rows: 1 };
const ACCEPTED = { pending: 0, challenge: 0, step: 57_000_000, tries: 0, rows: 1 };

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
      hits: [{ key: 'wrong:totp', limit: 100 }],
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

describe('a commit asks no store more often than it must', () => {
  const hits = [{ key: 'k', limit: 9 }];
  const epoch: Write = { do: 'check', ...EPOCH, if: { mark: 0 } };
  const log = [{ id: 'row', at: 1, type: 't', data: null }];
  const shapes: readonly (readonly [name: string, step: Commit, asked: readonly string[]])[] = [
    ['counters alone', { hits }, ['fast commit']],
    ['a durable change alone', { writes: [epoch, put('enrolment', 'a')], log }, ['durable commit']],
    ['a try: looks at the durable, counts in the fast', { writes: [epoch], hits }, ['durable commit', 'fast commit']],
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
    expect(await state()).toEqual({ pending: 0, challenge: 0, step: undefined, tries: 0, rows: 0 });

    const tries = await parked();
    const broken = tiered({ durable: { ...durable, forget: () => Promise.reject(new Error('down')) }, fast });
    await expect(broken.forget('ada')).rejects.toThrow('down');
    expect((await state()).tries).toBe(tries.length);
  });

  it('take no row of the log from the fast store, and sweep both', async () => {
    await store.append([{ id: 'row', at: 1, type: 't', data: null }]);
    expect((await durable.scan({})).rows).toHaveLength(1);
    expect((await fast.scan({})).rows).toHaveLength(0);
    expect(await store.sweep({ logBefore: 2 })).toEqual({ removed: 1 });
  });
});
