import { describe, expect, it } from '@jest/globals';
import type { Store } from '../../src/core/store.js';
import { BUMPS_KEPT_MS, createEpochWatch } from '../../src/flows/epoch-watch.js';
import { memoryStore } from '../../src/index.js';
import { testClock } from '../support/host.js';
import { stores } from '../support/stores.js';

const DAY = 24 * 3_600_000;
let rows = 0;

/** Writes down that an owner's epoch has grown, as another process would. */
async function bumpElsewhere(store: Store, owner: string, epoch: number, at: number): Promise<void> {
  rows += 1;
  await store.commit(owner, {
    writes: [{ do: 'bump', kind: 'epoch', id: 'epoch' }],
    log: [{ id: `row-${rows}`, at, type: 'credentials.changed', owner, epoch, data: null }],
  });
}

function watchOn(store: Store, clock = testClock()) {
  let ticks = 0;
  const scans: number[] = [];
  const counted: Store = {
    ...store,
    scan(query) {
      scans.push(ticks);
      return store.scan(query);
    },
  };
  const watch = createEpochWatch({ store: counted, clock, monotonic: () => ticks });
  const later = (ms: number) => {
    ticks += ms;
  };
  return { watch, clock, scans, later };
}

describe.each(stores)('the list of ended proofs, on $name', ({ open }) => {
  it('decides nothing before it was read', () => {
    const clock = testClock();
    const { watch } = watchOn(open(clock), clock);
    expect(() => watch.isCurrent('ada', 0, clock())).toThrow(expect.objectContaining({ code: 'unavailable' }));
  });

  it('knows what ended before the process started, for as long as proofs are looked up in it', async () => {
    const clock = testClock();
    const store = open(clock);
    await bumpElsewhere(store, 'ada', 1, clock() - 29 * DAY);
    const { watch } = watchOn(store, clock);
    await watch.ready();
    expect(watch.isCurrent('ada', 0, clock() - DAY)).toBe(false);
    expect(watch.isCurrent('ada', 1, clock() - DAY)).toBe(true);
    expect(watch.isCurrent('bob', 0, clock() - DAY)).toBe(true);
    expect(watch.isCurrent('bob', 0, clock() - 31 * DAY)).toBe('ask-the-store');
    watch.close();
  });

  it('X06 is not blinded by one writer whose clock is ahead', async () => {
    const clock = testClock();
    const store = open(clock);
    const { watch, later } = watchOn(store, clock);
    await watch.ready();
    await bumpElsewhere(store, 'eve', 1, clock() + 60 * 60_000);
    later(10_000);
    await watch.ready();
    await bumpElsewhere(store, 'ada', 1, clock() - 90_000);
    later(10_000);
    await watch.ready();
    expect(watch.isCurrent('ada', 0, clock())).toBe(false);
    watch.close();
  });

  it('learns what ended elsewhere at the next read, five seconds late at most', async () => {
    const clock = testClock();
    const store = open(clock);
    const { watch, later, scans } = watchOn(store, clock);
    await watch.ready();
    await bumpElsewhere(store, 'ada', 1, clock());
    later(5_000);
    await watch.ready();
    expect([scans.length, watch.isCurrent('ada', 0, clock())]).toEqual([1, true]);
    later(1);
    expect(() => watch.isCurrent('ada', 0, clock())).toThrow(expect.objectContaining({ code: 'unavailable' }));
    await watch.ready();
    expect([scans.length, watch.isCurrent('ada', 0, clock())]).toEqual([2, false]);
    watch.close();
  });

  it('finds a row whose time lies a little behind what was read already', async () => {
    const clock = testClock();
    const store = open(clock);
    const { watch, later } = watchOn(store, clock);
    await bumpElsewhere(store, 'bob', 1, clock());
    await watch.ready();
    await bumpElsewhere(store, 'ada', 1, clock() - 30_000);
    later(5_001);
    await watch.ready();
    expect(watch.isCurrent('ada', 0, clock())).toBe(false);
    watch.close();
  });

  it('reads on past the first page', async () => {
    const clock = testClock();
    const store = open(clock);
    const names = Array.from({ length: 1201 }, (_, index) => `user-${index}`);
    await store.append(
      names.map((owner, index) => ({
        id: `many-${index}`,
        at: clock(),
        type: 'mfa.reset',
        owner,
        epoch: 1,
        data: null,
      })),
    );
    const { watch } = watchOn(store, clock);
    await watch.ready();
    expect(names.filter((owner) => watch.isCurrent(owner, 0, clock()) !== false)).toEqual([]);
    watch.close();
  });

  it('knows the present epoch where the store itself is asked', async () => {
    const clock = testClock();
    const store = open(clock);
    const { watch } = watchOn(store, clock);
    await watch.ready();
    expect(await watch.isCurrentInStore('ada', 0)).toBe(true);
    await bumpElsewhere(store, 'ada', 1, clock());
    expect([await watch.isCurrentInStore('ada', 0), await watch.isCurrentInStore('ada', 1)]).toEqual([false, true]);
    expect(watch.isCurrent('ada', 0, clock())).toBe(false);
    watch.close();
  });
});

describe('the list of ended proofs', () => {
  it('reads once for many who ask at the same moment', async () => {
    const { watch, scans } = watchOn(memoryStore());
    await Promise.all(Array.from({ length: 50 }, () => watch.ready()));
    expect(scans).toHaveLength(1);
    watch.close();
  });

  it('never goes back to an older epoch', async () => {
    const { watch, clock } = watchOn(memoryStore());
    await watch.ready();
    watch.note('ada', 7);
    watch.note('ada', 3);
    expect([watch.isCurrent('ada', 6, clock()), watch.isCurrent('ada', 7, clock())]).toEqual([false, true]);
    watch.close();
  });

  it('forgets news that is older than any proof it is asked about', async () => {
    const clock = testClock();
    const { watch, later } = watchOn(memoryStore({ clock }), clock);
    await watch.ready();
    watch.note('old', 1);
    clock.advance(BUMPS_KEPT_MS);
    watch.note('new', 1);
    clock.advance(1);
    later(5_001);
    await watch.ready();
    // A proof that claims to be younger than the news that was forgotten cannot carry an older epoch; one that is older is looked up.
    expect(watch.isCurrent('old', 0, clock())).toBe(true);
    expect(watch.isCurrent('old', 0, clock() - BUMPS_KEPT_MS)).toBe('ask-the-store');
    expect(watch.isCurrent('new', 0, clock())).toBe(false);
    watch.close();
  });

  it('is shut while the store cannot be read, and opens again', async () => {
    let isDown = true;
    const store = memoryStore();
    const { watch, clock } = watchOn({
      ...store,
      scan: (query) => (isDown ? Promise.reject(new Error('gone')) : store.scan(query)),
    });
    await expect(watch.ready()).rejects.toThrow('gone');
    expect(() => watch.isCurrent('ada', 0, clock())).toThrow();
    isDown = false;
    await watch.ready();
    expect(watch.isCurrent('ada', 0, clock())).toBe(true);
    watch.close();
  });
});
