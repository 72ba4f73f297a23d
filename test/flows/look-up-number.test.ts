import { describe, expect, it } from '@jest/globals';
import type { MfaEvent } from '../../src/core/events.js';
import type { LookupContext, NumberFact, NumberFacts } from '../../src/core/number-lookup.js';
import { createSealer } from '../../src/core/sealing.js';
import { type Lookups, lookUpNumber } from '../../src/flows/look-up-number.js';

import { memoryStore, type Store, type Write } from '../../src/index.js';
import { testClock } from '../support/host.js';
import { spyStore } from '../support/spy-store.js';
import { stores } from '../support/stores.js';

const NUMBER = '+12125550100';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const BOTH: readonly NumberFact[] = ['line', 'sim-swap'];

const LOOKUPS: Lookups = {
  keepMs: { line: 30 * DAY, 'sim-swap': HOUR },
  timeoutMs: 2_000,
  perUserDay: 10,
  perDay: 1_000,
};

interface Ask {
  readonly number?: string;
  readonly userId?: string;
  readonly settingUp?: boolean;
  readonly holds?: readonly Write[];
}

/** One process, with somebody who knows numbers and gives these answers, one after another. */
function desk(
  answers: ((about: LookupContext) => unknown)[],
  { lookups = {}, knows = BOTH, clock = testClock(), inner = memoryStore({ clock }) as Store } = {} as {
    lookups?: Partial<Lookups>;
    knows?: readonly NumberFact[];
    clock?: ReturnType<typeof testClock>;
    inner?: Store;
  },
) {
  const store = spyStore(inner);
  const errors: unknown[] = [];
  const events: MfaEvent[] = [];
  const asked: { number: string; wanted: readonly NumberFact[] }[] = [];
  const deps = {
    store,
    clock,
    sealer: createSealer(['test secret of at least thirty-two characters']),
    report: (error: unknown) => void errors.push(error),
    publish: (said: readonly MfaEvent[]) => void events.push(...said),
  };
  const lookup = {
    knows,
    look: async (number: string, about: LookupContext) => {
      asked.push({ number, wanted: about.wanted });
      return (await answers.shift()?.(about)) as NumberFacts;
    },
  };
  const check = { lookup, lookups: { ...LOOKUPS, ...lookups } };
  const look = ({ number = NUMBER, userId = 'ada', settingUp = false, holds = [] }: Ask = {}) => {
    const subject = { id: userId, owner: `u:${userId}`, label: userId, user: {} };
    return lookUpNumber(deps, check, { subject, facts: {}, number, settingUp, holds });
  };
  const told = () => events.map(({ id: _, at: __, userId: ___, ...fact }) => fact);
  return { clock, store, errors, asked, look, told };
}

const wantedOf = ({ asked }: ReturnType<typeof desk>) => asked.map(({ wanted }) => wanted);

describe('what is known of a number', () => {
  it('is asked again when it is old: the SIM after an hour, the line after a month', async () => {
    const one = desk([
      () => ({ simSwappedAt: 5, line: 'voip' }),
      () => ({ simSwappedAt: 6 }),
      () => ({ simSwappedAt: 7, line: 'mobile' }),
    ]);
    expect(await one.look()).toEqual({ simSwappedAt: 5, line: 'voip' });
    expect(await one.look()).toEqual({ simSwappedAt: 5, line: 'voip' });
    one.clock.advance(HOUR);
    expect(await one.look()).toEqual({ simSwappedAt: 6, line: 'voip' });
    one.clock.advance(30 * DAY);
    expect(await one.look()).toEqual({ simSwappedAt: 7, line: 'mobile' });
    expect(wantedOf(one)).toEqual([BOTH, ['sim-swap'], BOTH]);
  });

  it('is only the line while a number is being set up: no code of ours went to that SIM before', async () => {
    const one = desk([() => ({ line: 'mobile' }), () => ({ simSwappedAt: 5 })]);
    expect(await one.look({ settingUp: true })).toEqual({ line: 'mobile' });
    expect(await one.look()).toEqual({ line: 'mobile', simSwappedAt: 5 });
    expect(wantedOf(one)).toEqual([['line'], ['sim-swap']]);
  });

  it('is never asked of somebody who cannot know', async () => {
    const one = desk([() => ({ line: 'mobile' })], { knows: ['line'] });
    await one.look();
    one.clock.advance(2 * HOUR);
    expect(await one.look()).toEqual({ line: 'mobile' });
    expect(wantedOf(one)).toEqual([['line']]);
  });

  it('is kept for each user, so that nobody learns by the time it takes whether others have the number', async () => {
    const one = desk([() => ({ line: 'voip' }), () => ({ line: 'voip' })]);
    await one.look({ userId: 'ada' });
    await one.look({ userId: 'bob' });
    expect(one.asked).toHaveLength(2);
    const marks = new Set(one.store.dump().match(/(?<=line:)[\w-]{22}/g));
    expect(marks.size).toBe(2);
  });

  it.each<[string, unknown, object]>([
    ['a date', { simSwappedAt: new Date(7) }, { simSwappedAt: 7 }],
    ['null: never', { simSwappedAt: null }, { simSwappedAt: Number.NEGATIVE_INFINITY }],
    ['a date that is none', { simSwappedAt: new Date('soon') }, {}],
    ['words of its own', { simSwappedAt: 'yesterday', line: 'satellite' }, {}],
    ['no number', { simSwappedAt: Number.NaN, line: 7 }, {}],
    ['what was not even wanted', { line: 'mobile', more: 'x'.repeat(100_000) }, { line: 'mobile' }],
    ['a list', ['mobile'], {}],
  ])('reads %s', async (_, said, known) => {
    const { look, asked, store } = desk([() => said]);
    expect(await look()).toEqual(known);
    expect(await look()).toEqual(known);
    expect(asked).toHaveLength(1);
    expect(store.dump().length).toBeLessThan(4_000);
  });

  it.each<[string, () => unknown, string]>([
    [
      'throws',
      () => {
        throw new Error('down');
      },
      'unavailable',
    ],
    ['rejects', () => Promise.reject(new Error('down')), 'unavailable'],
    ['never answers', () => new Promise(() => {}), 'timeout'],
    ['says nothing', () => undefined, 'unavailable'],
    ['says a text', () => 'mobile', 'unavailable'],
    ['says why', () => ({ why: 'auth' }), 'auth'],
    ['breaks while it is read', () => Object.defineProperty({}, 'why', { get: () => Object.keys(null as never) }), ''],
  ])('is not known where the other side %s, and asked again after a minute', async (_, fails, why) => {
    const one = desk([fails, () => ({ line: 'mobile' })], { lookups: { timeoutMs: 20 } });
    expect(await one.look()).toEqual({});
    expect(await one.look()).toEqual({});
    expect(one.asked).toHaveLength(1);
    const failed = { type: 'lookup.failed', wanted: BOTH, why };
    expect(one.told()).toEqual([why === '' ? { type: 'lookup.made', wanted: BOTH } : failed]);
    one.clock.advance(why === '' ? DAY : 60_000);
    expect(await one.look()).toEqual({ line: 'mobile' });
  });

  it('ends the request that nobody waits for any more', async () => {
    let ended: AbortSignal | undefined;
    const one = desk(
      [
        ({ signal }) => {
          ended = signal;
          return new Promise(() => {});
        },
      ],
      { lookups: { timeoutMs: 20 } },
    );
    await one.look();
    expect(ended?.aborted).toBe(true);
  });

  it('leaves a row of what was asked and learnt, and one of what failed', async () => {
    const one = desk([
      () => ({ line: 'mobile', simSwappedAt: null }),
      () => ({ line: 'voip', why: 'config' }),
      () => ({}),
    ]);
    await one.look({ userId: 'ada' });
    await one.look({ userId: 'bob' });
    await one.look({ userId: 'eve' });
    expect(one.told()).toEqual([
      { type: 'lookup.made', wanted: BOTH, line: 'mobile', simSwappedAt: null },
      { type: 'lookup.made', wanted: BOTH, line: 'voip' },
      { type: 'lookup.failed', wanted: ['sim-swap'], why: 'config' },
      { type: 'lookup.made', wanted: BOTH },
    ]);
    const { rows } = await one.store.scan({ owner: 'u:ada' });
    expect(rows.map(({ type, data }) => [type, data])).toEqual([
      ['lookup.made', expect.objectContaining({ line: 'mobile', simSwappedAt: null })],
    ]);
  });

  it('is kept without the number', async () => {
    const { look, store } = desk([() => ({ line: 'voip' })]);
    await look();
    expect(store.dump()).toContain('voip');
    expect(store.dump()).not.toContain('2125550100');
  });
});

describe('budgets of lookups', () => {
  const numbers = Array.from({ length: 5 }, (_, index) => `+1212555010${index}`);
  const answers = () => Array.from({ length: 10 }, () => () => ({ line: 'mobile' }));

  it('a user who sets up number after number has a few looked up, and still their own when they sign in', async () => {
    const one = desk(answers(), { lookups: { perUserDay: 3 } });
    for (const number of numbers) await one.look({ number, settingUp: true });
    expect(one.asked).toHaveLength(3);
    expect(one.told().slice(3)).toEqual([
      { type: 'lookup.failed', wanted: ['line'], why: 'limited' },
      { type: 'lookup.failed', wanted: ['line'], why: 'limited' },
    ]);
    expect(await one.look({ number: '+12125550109' })).toEqual({ line: 'mobile' });
    one.clock.advance(DAY);
    expect(await one.look({ number: '+12125550104', settingUp: true })).toEqual({ line: 'mobile' });
  });

  it('the day is bounded, for set-ups and for sign-ins apart', async () => {
    const one = desk(answers(), { lookups: { perDay: 2 } });
    for (const [index, number] of numbers.entries())
      await one.look({ number, userId: `user-${index}`, settingUp: true });
    expect(one.asked).toHaveLength(2);
    for (const [index, number] of numbers.entries()) await one.look({ number, userId: `user-${index}` });
    expect(one.asked).toHaveLength(4);
  });

  it('what the day refuses is not counted against the user, and not kept as known', async () => {
    const one = desk(answers(), { lookups: { perUserDay: 1, perDay: 1 } });
    await one.look({ userId: 'bob', settingUp: true });
    expect(await one.look({ settingUp: true })).toEqual({});
    one.clock.advance(DAY - HOUR);
    expect(await one.look({ settingUp: true })).toEqual({});
    one.clock.advance(HOUR);
    expect(await one.look({ settingUp: true })).toEqual({ line: 'mobile' });
  });
});

describe.each(stores)('two sends at once on $name', ({ open }) => {
  it('pay for one lookup, and both know its answer', async () => {
    const clock = testClock();
    const inner = open(clock);
    let answer = (_facts: object) => {};
    const answered = new Promise((resolve) => {
      answer = resolve;
    });
    let begun = () => {};
    const hasBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const slow = () => {
      begun();
      return answered;
    };
    const first = desk([slow], { clock, inner });
    const second = desk([() => ({ line: 'voip' })], { clock, inner });
    const one = first.look();
    await hasBegun;
    const other = second.look();
    answer({ line: 'mobile', simSwappedAt: null });
    const known = { line: 'mobile', simSwappedAt: Number.NEGATIVE_INFINITY };
    expect(await Promise.all([one, other])).toEqual([known, known]);
    expect(second.asked).toEqual([]);
  });
});

/** A process asks, and is gone. */
async function abandoned(clock: ReturnType<typeof testClock>): Promise<Store> {
  const dead = desk([() => undefined], { clock });
  await dead.look();
  const [claim] = dead.store.changes.flatMap(({ step }) => ('writes' in step ? (step.writes ?? []) : []));
  if (claim?.do !== 'put') throw new Error('nothing was claimed');
  const inner = memoryStore({ clock });
  await inner.commit('u:ada', { writes: [{ ...claim }] });
  return inner;
}

it('whoever waits for a process that is gone asks themselves, once its claim is over', async () => {
  const clock = testClock();
  const inner = await abandoned(clock);
  const one = desk([() => ({ line: 'mobile' })], { clock, inner });
  const looking = one.look();
  clock.advance(4_000);
  expect(await looking).toEqual({ line: 'mobile' });
});

it('whoever waits for a process that never ends goes on without', async () => {
  const clock = testClock();
  const inner = await abandoned(clock);
  const one = desk([() => ({ line: 'mobile' })], { clock, inner, lookups: { timeoutMs: 1 } });
  expect(await one.look()).toEqual({});
  expect(one.asked).toEqual([]);
});

it('whoever waited for an answer to less asks for the rest', async () => {
  let answer = (_facts: object) => {};
  const slow = new Promise((resolve) => {
    answer = resolve;
  });
  const one = desk([() => slow, () => ({ simSwappedAt: 5 })]);
  const settingUp = one.look({ settingUp: true });
  const signingIn = one.look();
  answer({ line: 'mobile' });
  expect(await Promise.all([settingUp, signingIn])).toEqual([{ line: 'mobile' }, { line: 'mobile', simSwappedAt: 5 }]);
  expect(wantedOf(one)).toEqual([['line'], ['sim-swap']]);
});

describe('somebody who is gone', () => {
  const there: Write = { do: 'check', kind: 'epoch', id: 'epoch', if: { mark: 0 } };
  const goes = async ({ store }: ReturnType<typeof desk>) =>
    await store.commit('u:ada', { writes: [{ do: 'bump', kind: 'epoch', id: 'epoch' }] });
  const left = async ({ store }: ReturnType<typeof desk>) => (await store.read('u:ada', [{ kind: 'looked-up' }]))[0];

  it('before, has nothing looked up', async () => {
    const one = desk([() => ({ line: 'mobile' })]);
    await goes(one);
    expect(await one.look({ holds: [there] })).toEqual({});
    expect([one.asked, one.told(), await left(one)]).toEqual([[], [], []]);
  });

  it('meanwhile, leaves a row of what was paid for, and nothing of the number', async () => {
    const one: ReturnType<typeof desk> = desk([
      async () => {
        await goes(one);
        await one.store.commit('u:ada', { writes: [{ do: 'delete', kind: 'looked-up' }] });
        return { line: 'mobile' };
      },
    ]);
    await one.look({ holds: [there] });
    expect(await left(one)).toEqual([]);
    const { rows } = await one.store.scan({ owner: 'u:ada' });
    expect(rows.map(({ type }) => type)).toEqual(['lookup.made']);
  });
});
