/** How long what is written down stays: the audit log, swept in the background. There is no outbox of notices or webhooks yet that could grow. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { LogRow, Store } from '../../src/index.js';
import { createHost, type TestHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { stores } from '../support/stores.js';

const DAY = 86_400_000;

beforeEach(() => {
  // Only the sweeper's timer is ours; the store's work goes on by itself.
  jest.useFakeTimers({
    doNotFake: [
      'Date',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setTimeout',
      'clearTimeout',
    ],
  });
});

afterEach(() => {
  jest.useRealTimers();
});

function row(id: string, at: number): LogRow {
  return { id, at, type: 'sign_in.cancelled', owner: 'u:user-ada', data: { userId: 'user-ada' } };
}

describe.each(stores)('the audit log on $name', ({ open }) => {
  /** The host, and a promise of its next sweep. */
  function hostWith(mfa: NonNullable<Parameters<typeof createHost>[0]>['mfa']): {
    host: TestHost;
    swept(): Promise<void>;
  } {
    const clock = testClock();
    const inner = open(clock);
    let tell = () => {};
    const store: Store = {
      ...inner,
      async sweep(options) {
        const done = await inner.sweep(options);
        tell();
        return done;
      },
    };
    const host = createHost({ store, mfa: { sweepEvery: '1m', ...mfa } }, clock);
    return {
      host,
      async swept() {
        const done = new Promise<void>((resolve) => {
          tell = resolve;
        });
        jest.advanceTimersByTime(60_000);
        await done;
      },
    };
  }

  const idsOf = async (host: TestHost) => (await host.mfa.api.audit.search({ limit: 500 })).events.map(({ id }) => id);

  it('keeps rows for 180 days by default, and takes older ones in the background, however many', async () => {
    const { host, swept } = hostWith({});
    const now = host.clock();
    const old = Array.from({ length: 2_500 }, (_, at) => row(`old-${at}`, now - 180 * DAY - 1 - at));
    await host.store.append([...old, row('just', now - 180 * DAY), row('new', now)]);
    await swept();
    expect(await idsOf(host)).toEqual(['new', 'just']);
    host.clock.advance(DAY);
    await swept();
    expect(await idsOf(host)).toEqual(['new']);
    await host.mfa.close();
  });

  it('keeps them for as long as it is told to, and at least for the 31 days in which other processes read what has ended', async () => {
    const { host, swept } = hostWith({ auditFor: '31d' });
    const ada = await new Person(host, 'ada').enrolsTotp();
    const bump = (await host.mfa.api.audit.search({ types: ['factor.added'] })).events[0]?.id;
    host.clock.advance(31 * DAY - 1);
    await swept();
    expect(await idsOf(host)).toContain(bump);
    await host.mfa.api.sweep({ auditBefore: new Date(host.clock() + DAY) });
    expect(await idsOf(host)).toContain(bump);
    host.clock.advance(2);
    await swept();
    expect(await idsOf(host)).toEqual([]);
    expect((await host.mfa.api.factorsOf(ada.user.id)).factors).toHaveLength(1);
    await host.mfa.close();
  });

  it('is swept by nobody where the app does that itself, nor after it was closed', async () => {
    for (const sweepEvery of [false, '1m'] as const) {
      const { host } = hostWith({ sweepEvery });
      const sweep = jest.spyOn(host.store, 'sweep');
      if (sweepEvery !== false) await host.mfa.close();
      jest.advanceTimersByTime(DAY);
      expect(sweep).not.toHaveBeenCalled();
    }
  });
});

it('is swept in small steps: who signs in meanwhile does not wait for the end', async () => {
  const clock = testClock();
  const store = stores.find(({ name }) => name === 'sqlite')?.open(clock) as Store;
  await store.append(Array.from({ length: 5_000 }, (_, at) => row(`old-${at}`, at)));
  const order: string[] = [];
  const sweeping = store.sweep({ logBefore: clock() }).then(({ removed }) => order.push(`swept ${removed}`));
  const commit = store.commit('u:user-ada', {}).then(() => order.push('committed'));
  await Promise.all([sweeping, commit]);
  expect(order).toEqual(['committed', 'swept 5000']);
});
