/** P06: the last place of a number, wanted by many at once. */
import { describe, expect, it } from '@jest/globals';
import { createSealer } from '../../src/core/sealing.js';
import type { FlowDeps } from '../../src/flows/deps.js';
import { claimNumber } from '../../src/flows/number-holders.js';
import type { Store } from '../../src/index.js';
import { testClock } from '../support/host.js';
import { together } from '../support/listen.js';
import { stores } from '../support/stores.js';

const PHONE = '+12125550100';

/** The first so many reads are answered when all of them have been asked: everybody sees a place free. */
function seenTogether(store: Store, readers: number): Store {
  let waiting: (() => void)[] = [];
  let left = readers;
  return {
    ...store,
    async read(owner, refs) {
      const found = await store.read(owner, refs);
      if (left <= 0) return found;
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        left -= 1;
        if (left > 0) return;
        for (const go of waiting) go();
        waiting = [];
      });
      return found;
    },
  };
}

describe.each(stores)('P06 the places of a number, on $name', ({ open }) => {
  it.each([1, 3])('%i of them, wanted by ten at once that all saw one free, are taken by as many', async (places) => {
    const clock = testClock();
    const store = seenTogether(open(clock), 10);
    const sealer = createSealer(['a test secret of thirty-two characters']);
    const deps = { store, sealer, clock, limits: { accountsPerNumber: places } } as unknown as FlowDeps;
    const claims = await together(10, (index) => claimNumber(deps, { owner: `u:n${index}` }, PHONE, `sms.${index}`));
    expect(claims.filter(Boolean)).toHaveLength(places);
  });
});
