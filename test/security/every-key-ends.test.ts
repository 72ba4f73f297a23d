import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { redisStore } from '../../src/stores/redis.js';
import { addsPhone, guesses, waits, wrongCode } from '../support/guess.js';
import { createHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { type ConnectedRedis, redisClient } from '../support/redis-client.js';
import { hasRedis, startRedis, stopRedis } from '../support/redis-server.js';

let client: ConnectedRedis;

beforeAll(async () => {
  if (hasRedis) client = await redisClient((await startRedis()).url);
});
afterAll(async () => {
  client?.destroy();
  await stopRedis();
});

/** Why each of these stays: it is the user's until the user removes it, or is forgotten. */
const OF_A_USER = ['r:enrolment', 'r:backup', 'r:part', 'r:epoch', 'r:last-used', 'k'];
/** Wrong answers that count until a right one, an admin, or `forget`. */
const COUNTING = 'n';
/** Until `auditFor` is over: `sweep` takes its rows. */
const LOG = '{log}';

(hasRedis ? describe : describe.skip)('D02 every key expires or has an owner', () => {
  it('through set-up, guesses, sends, locks, sign-ins, step-up, removal and reset', async () => {
    const prefix = `${randomUUID()}:`;
    const store = redisStore({ client, prefix });
    const clock = testClock(Date.now());
    const host = createHost({ store, mfa: { rateLimit: { window: '1m', limit: 1000 } } }, clock);
    const lasting = async () => {
      const all = await client.keys(`${prefix}*`);
      const ends = await Promise.all(all.map((key) => client.pTTL(key)));
      const stay = all.filter((_, index) => (ends[index] ?? 0) < 0).map((key) => key.slice(prefix.length));
      return { all: all.length, stay: stay.filter((key) => !key.startsWith(LOG)).sort() };
    };

    const ada = await new Person(host, 'ada').enrolsTotp();
    const phone = await addsPhone(ada, '+1 212 555 0100');
    const thief = await waits(ada.elsewhere());
    await guesses(thief, 2);
    const second = await waits(ada.elsewhere());
    await second.post('/mfa/challenge', { factorId: phone });
    await second.verify({ factorId: phone, code: wrongCode(ada) });
    clock.advance(60_000);
    const honest = await waits(ada.elsewhere());
    await honest.verify({ factorId: 'totp', code: ada.code() }).expect(200);
    await honest.delete(`/mfa/factors/${phone}`).expect(200);
    const { all, stay } = await lasting();
    expect(all).toBeGreaterThan(12);
    const owner = '{o:u%3Auser-ada}:';
    const reasons = [...OF_A_USER, COUNTING].map((name) => owner + name);
    expect(stay.filter((key) => !reasons.includes(key))).toEqual([]);
    expect(stay).toEqual(expect.arrayContaining([`${owner}r:enrolment`, `${owner}n`]));

    await host.mfa.api.resetUser('user-ada', { reason: 'test' });
    expect((await lasting()).stay).toEqual([`${owner}k`, `${owner}r:epoch`]);
    await store.forget('u:user-ada');
    expect((await lasting()).stay).toEqual([]);
  });
});
