import { describe, expect, it } from '@jest/globals';
import { memoryStore, type Store, tiered } from '../../src/index.js';
import { addsPhone, guesses, lockedFor, standing, waits } from '../support/guess.js';
import { createHost, type TestHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { stores } from '../support/stores.js';

/** The library on two tiers, whose fast one can be emptied. */
function twoTiers(open: (clock: () => number) => Store, mfa: Parameters<typeof createHost>[0] = {}) {
  const clock = testClock();
  const calls: string[] = [];
  const told = (name: string, store: () => Store): Store => ({
    ...store(),
    read(...asked) {
      calls.push(`${name} read`);
      return store().read(...asked);
    },
    commit(...asked) {
      calls.push(`${name} commit`);
      return store().commit(...asked);
    },
    append(...asked) {
      calls.push(`${name} append`);
      return store().append(...asked);
    },
  });
  const durable = open(clock);
  let fast = memoryStore({ clock });
  const store = tiered({ durable: told('durable', () => durable), fast: told('fast', () => fast) });
  const host = createHost({ ...mfa, store }, clock);
  return {
    host,
    calls,
    losesFast() {
      fast = memoryStore({ clock });
    },
  };
}

/** A little later, or the code that confirmed the app would still be the one it shows. */
async function enrolled(host: TestHost): Promise<Person> {
  const ada = await new Person(host, 'ada').enrolsTotp();
  host.clock.advance(60_000);
  return ada;
}

describe.each(stores)('X04 when the fast of two stores loses everything, durable on $name', ({ open }) => {
  it('the lock of a kind stays, and so does what counts towards the next', async () => {
    const { host, losesFast } = twoTiers(open);
    const ada = await enrolled(host);
    await guesses(await waits(ada.elsewhere()), 9);
    losesFast();
    expect(await standing(host, 'user-ada', 'totp')).toBe(9);
    await guesses(await waits(ada.elsewhere()), 1);
    losesFast();
    const honest = await waits(ada.elsewhere());
    expect(await lockedFor(honest.verify({ factorId: 'totp', code: honest.code() }))).toBe(900);
    host.clock.advance(900_000);
    await honest.password().expect(200);
    await honest.verify({ factorId: 'totp', code: honest.code() }).expect(200);
    expect(await standing(host, 'user-ada', 'totp')).toBe(0);
  });

  it('used steps and backup codes stay used, and sign-ins that waited end', async () => {
    const { host, losesFast } = twoTiers(open);
    const ada = await enrolled(host);
    const waiting = await waits(ada.elsewhere());
    const first = await waits(ada.elsewhere());
    await first.verify({ code: ada.code() }).expect(200);
    losesFast();
    expect((await waiting.verify({ code: ada.code() })).status).toBe(401);
    const again = await waits(ada.elsewhere());
    await again.verify({ code: ada.code() }).expect(422);
    await again.verify({ code: ada.backupCodes[0] }).expect(200);
    losesFast();
    const third = await waits(ada.elsewhere());
    await third.verify({ code: ada.backupCodes[0] }).expect(422);
    await first.get('/app').expect(200);
  });

  it('the day’s budget of sends is as spent as before', async () => {
    const { host, losesFast } = twoTiers(open, { mfa: { limits: { sendsPerDay: 3 } } });
    const ada = await enrolled(host);
    const phone = await addsPhone(ada, '+1 212 555 0100');
    for (let send = 0; send < 2; send++) {
      host.clock.advance(700_000);
      await (await waits(ada.elsewhere())).post('/mfa/challenge', { factorId: phone }).expect(202);
      losesFast();
    }
    const refused = await (await waits(ada.elsewhere())).post('/mfa/challenge', { factorId: phone }).expect(429);
    expect(refused.body.code).toBe('send_limited');
    expect(host.inbox.messages()).toHaveLength(3);
  });
});

describe('an answer asks two tiers', () => {
  it('four times when it is right, three times when it is wrong', async () => {
    const { host, calls } = twoTiers((clock) => memoryStore({ clock }));
    const ada = await waits((await enrolled(host)).elsewhere());
    const asked = async (code: string) => {
      calls.length = 0;
      await ada.verify({ factorId: 'totp', code });
      return [...calls];
    };
    const reserve = ['fast commit', 'durable commit'];
    expect(await asked('000000')).toEqual([...reserve, 'durable append']);
    expect(await asked(ada.code())).toEqual([...reserve, 'fast commit', 'durable commit']);
  });
});
