import { describe, expect, it } from '@jest/globals';
import { createCarrierBreakers } from '../../src/flows/carrier-breakers.js';
import { memoryStore } from '../../src/index.js';
import { testClock } from '../support/host.js';
import { together } from '../support/listen.js';

const LANE = { channel: 'sms', country: 'US' } as const;
const BOTH = ['one', 'two'];
const NOBODY: readonly string[] = [];

function processes(count = 2) {
  const clock = testClock();
  const store = memoryStore({ clock });
  const each = Array.from({ length: count }, () => createCarrierBreakers({ store, clock, random: () => 0 }));
  return { clock, store, each, first: each[0] as (typeof each)[number], second: each[1] as (typeof each)[number] };
}

/** As a send does that has its place in every budget. */
async function claims(breakers: ReturnType<typeof createCarrierBreakers>) {
  return await breakers.claim(LANE, await breakers.usable(LANE, BOTH, NOBODY), NOBODY);
}

describe('carriers that fail', () => {
  it('are not called, until they may be tried again', async () => {
    const { clock, first } = processes();
    expect(await first.usable(LANE, BOTH, NOBODY)).toEqual(BOTH);
    await first.note(LANE, 'one', 'fatal', NOBODY);
    expect(await first.usable(LANE, BOTH, NOBODY)).toEqual(['two']);
    expect(first.retryAt(LANE, ['one'])).toBe(clock() + 30_000);
    clock.advance(30_000);
    expect(await first.usable(LANE, BOTH, NOBODY)).toEqual(BOTH);
  });

  it('are known to other processes within a second', async () => {
    const { clock, first, second } = processes();
    await second.usable(LANE, BOTH, NOBODY);
    await first.note(LANE, 'one', 'fatal', NOBODY);
    clock.advance(1_000);
    expect(await second.usable(LANE, BOTH, NOBODY)).toEqual(['two']);
  });

  it('are judged by the failures of all processes together', async () => {
    const { clock, first, second } = processes();
    for (const who of [first, second, first, second, first]) await who.note(LANE, 'one', 'fault', NOBODY);
    clock.advance(1_000);
    expect(await second.usable(LANE, BOTH, NOBODY)).toEqual(['two']);
  });

  it('fail for one country and channel only', async () => {
    const { first } = processes();
    await first.note(LANE, 'one', 'fatal', NOBODY);
    expect(await first.usable({ channel: 'sms', country: 'DE' }, BOTH, NOBODY)).toEqual(BOTH);
    expect(await first.usable({ channel: 'voice', country: 'US' }, BOTH, NOBODY)).toEqual(BOTH);
  });

  it('are tried out by one send of many at once, in all processes', async () => {
    const { clock, each, first } = processes(4);
    await first.note(LANE, 'one', 'fatal', NOBODY);
    clock.advance(30_000);
    const routes = await together(40, (index) => claims(each[index % 4] ?? first));
    expect(routes.filter((route) => route?.[0] === 'one')).toHaveLength(1);
    expect(routes.filter((route) => route?.length === 1)).toHaveLength(39);
  });

  it('are tried out by another where nothing came of the send that was to', async () => {
    const { clock, first, second } = processes();
    await first.note(LANE, 'one', 'fatal', NOBODY);
    clock.advance(30_000);
    const mine = await claims(first);
    expect(mine).toEqual(BOTH);
    await first.release(LANE, mine);
    expect(await claims(second)).toEqual(BOTH);
    expect(await claims(first)).toEqual(['two']);
  });

  it('are not claimed by looking', async () => {
    const { clock, first, second } = processes();
    await first.note(LANE, 'one', 'fatal', NOBODY);
    clock.advance(30_000);
    for (let looks = 0; looks < 5; looks += 1) expect(await first.usable(LANE, BOTH, NOBODY)).toEqual(BOTH);
    expect(await claims(second)).toEqual(BOTH);
  });

  it('are forgotten when they are well again, everywhere', async () => {
    const { clock, first, second } = processes();
    await first.note(LANE, 'one', 'fatal', NOBODY);
    clock.advance(30_000);
    await claims(first);
    await first.note(LANE, 'one', 'ok', NOBODY);
    clock.advance(1_000);
    expect(await second.usable(LANE, BOTH, NOBODY)).toEqual(BOTH);
  });
});

describe('a carrier that is well', () => {
  it('costs no write', async () => {
    const { first, store } = processes();
    let writes = 0;
    const counting = createCarrierBreakers({
      store: {
        read: store.read,
        async commit(owner, step) {
          writes += 1;
          return await store.commit(owner, step);
        },
      },
      clock: testClock(),
    });
    for (let sends = 0; sends < 20; sends += 1) await counting.note(LANE, 'one', 'ok', NOBODY);
    expect(writes).toBe(0);
    expect(await first.usable(LANE, BOTH, NOBODY)).toEqual(BOTH);
  });
});

describe('a store that does not answer', () => {
  it('is no reason to call anybody: nothing could be counted', async () => {
    const down = () => Promise.reject(new Error('down'));
    const alone = createCarrierBreakers({ store: { read: down, commit: down }, clock: testClock() });
    await expect(alone.usable(LANE, BOTH, NOBODY)).rejects.toThrow('down');
  });

  it('does not undo a send that has happened: this process keeps what it saw', async () => {
    const { clock, store } = processes();
    let down = false;
    const commit: typeof store.commit = (owner, step) =>
      down ? Promise.reject(new Error('down')) : store.commit(owner, step);
    const alone = createCarrierBreakers({ store: { read: store.read, commit }, clock, random: () => 0 });
    down = true;
    for (let times = 0; times < 5; times += 1) await alone.note(LANE, 'one', 'fault', NOBODY);
    expect(await alone.usable(LANE, BOTH, NOBODY)).toEqual(['two']);
  });
});
