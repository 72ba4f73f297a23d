/** A memory store that is full refuses what is new. What is alive stays: locks, used steps, everybody's sign-in. */
import { describe, expect, it } from '@jest/globals';
import { memoryStore, totp } from '../../src/index.js';
import { guesses, lockedFor, waits } from '../support/guess.js';
import { createHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { expectUnavailable } from './support/crowd.js';

const MAX_ENTRIES = 120;

/** Ada with an authenticator, signed in, and a store into which nothing more fits after `fills`. */
async function nearlyFull() {
  const [clock, storeClock] = [testClock(), testClock()];
  const store = memoryStore({ clock: storeClock, maxEntries: MAX_ENTRIES });
  const host = createHost({ store, mfa: { factors: [totp()] } }, clock);
  const ada = await new Person(host, 'ada').enrolsTotp();
  clock.advance(60_000);
  const mallory = await new Person(host, 'mallory').enrolsTotp();

  /** Somebody who knows one password begins so many sign-ins that there is no room left. */
  async function fills(): Promise<void> {
    for (let begun = 0; begun <= MAX_ENTRIES; begun += 1) {
      const answer = await mallory.elsewhere().password();
      if (answer.status !== 200) return expectUnavailable(answer);
    }
    throw new Error('it is not full');
  }

  return { clock, storeClock, ada, fills };
}

describe('a memory store that is full, over HTTP', () => {
  it('answers 503 to what is new, lets nobody in without the second factor, and opens when something has expired', async () => {
    const { storeClock, ada, fills } = await nearlyFull();
    await fills();
    const there = ada.elsewhere();
    expectUnavailable(await there.password());
    await there.get('/app').expect(401);
    expectUnavailable(await ada.post('/mfa/factors/totp'));
    await ada.get('/payout').expect(200);
    await ada.get('/mfa/factors').expect(200);
    storeClock.advance(10 * 60_000);
    await there.signsIn();
  });

  it('keeps who waits waiting: their codes are neither taken nor spent while no try can be counted', async () => {
    const { clock, storeClock, ada, fills } = await nearlyFull();
    const waiting = await waits(ada.elsewhere());
    clock.advance(30_000);
    const code = ada.code();
    await fills();
    expectUnavailable(await waiting.verify({ code }));
    await waiting.get('/app').expect(401);
    storeClock.advance(10 * 60_000);
    await (await waits(ada.elsewhere())).verify({ code }).expect(200);
  });

  it('drops no lock and no used step for anybody', async () => {
    const { storeClock, ada, fills } = await nearlyFull();
    const used = ada.code();
    await (await waits(ada.elsewhere())).verify({ code: used }).expect(200);
    await fills();
    storeClock.advance(10 * 60_000);
    await (await waits(ada.elsewhere())).verify({ code: used }).expect(422);

    await guesses(await waits(ada.elsewhere()), 9);
    await fills();
    storeClock.advance(10 * 60_000);
    expect(await lockedFor((await waits(ada.elsewhere())).verify({ code: ada.code(1) }))).toBe(300);
    storeClock.advance(5 * 60_000);
    await (await waits(ada.elsewhere())).verify({ code: ada.code(1) }).expect(200);
  });
});
