import { describe, expect, it } from '@jest/globals';
import { refuse } from '../../src/core/errors.js';
import { allOrNothing } from '../../src/flows/take-backs.js';
import { faultyStore } from '../support/faulty-store.js';
import { waits } from '../support/guess.js';
import { createHost, testClock } from '../support/host.js';
import { stores } from '../support/stores.js';
import { adaWithPhone, PHONE, sendsCounted, sendsOf } from '../support/texting.js';

describe('steps of which all come to something, or none', () => {
  const steps = (end: () => { ok: boolean }) => {
    const undone: string[] = [];
    const reported: unknown[] = [];
    const report = (error: unknown) => void reported.push(error);
    const done = allOrNothing({ report }, async (takeBack) => {
      takeBack(() => undone.push('first'));
      takeBack(() => Promise.reject(new Error('cannot be undone')));
      takeBack(() => undone.push('third'));
      return end();
    });
    return { done, undone, reported };
  };

  it('stand where they end well', async () => {
    const { done, undone } = steps(() => ({ ok: true }));
    expect(await done).toEqual({ ok: true });
    expect(undone).toEqual([]);
  });

  it('are all taken back after a refusal, which stands; what cannot be is reported', async () => {
    const { done, undone, reported } = steps(() => refuse('send_limited'));
    expect(await done).toEqual({ ok: false, code: 'send_limited' });
    expect(undone).toEqual(['first', 'third']);
    expect(reported).toEqual([new Error('cannot be undone')]);
  });

  it('and after a fault, which is thrown on', async () => {
    const { done, undone } = steps(() => {
      throw new Error('a fault');
    });
    await expect(done).rejects.toThrow('a fault');
    expect(undone).toEqual(['first', 'third']);
  });
});

describe.each(stores)('a code that a fault keeps from being sent, on $name', ({ open }) => {
  const aHost = () => {
    const clock = testClock();
    const store = faultyStore(open(clock));
    return { store, host: createHost({ store }, clock) };
  };

  it.each(['commit', 'read', 'append'] as const)('has no place in any budget, whichever %s it was', async (verb) => {
    const { store, host } = aHost();
    const { ada, phone } = await adaWithPhone(host);
    const browser = await waits(ada.elsewhere());
    for (let at = 1; at < 20 && host.inbox.messages().length === 0; at += 1) {
      store.arm('error', at, [verb]);
      const { status } = await browser.post('/mfa/challenge', { factorId: phone });
      const struck = store.struck;
      await store.heal();
      const sent = host.inbox.messages().length;
      expect([at, status, await sendsOf(host, 'user-ada'), await sendsCounted(host)]).toEqual([
        at,
        struck ? 503 : 202,
        sent,
        sent,
      ]);
    }
    expect(host.inbox.messages()).toHaveLength(1);
  });

  it('neither while a factor is being set up', async () => {
    const { store, host } = aHost();
    const { ada } = await adaWithPhone(host);
    await ada.verify({ factorId: 'totp', code: ada.nextCode() }).expect(200);
    for (let at = 1; at < 20 && host.inbox.messages().length === 0; at += 1) {
      store.arm('error', at, ['commit']);
      await ada.post('/mfa/factors/sms', { phone: PHONE.replace('0100', '0101') });
      await store.heal();
      // A second click waits for what the first began.
      host.clock.advance(5_000);
      const sent = host.inbox.messages().length;
      expect([at, await sendsOf(host, 'user-ada'), await sendsCounted(host)]).toEqual([at, sent, sent]);
    }
    expect(host.inbox.messages()).toHaveLength(1);
  });
});
