import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { turnstile } from '../../src/captcha/captcha.js';
import { type Delivery, inbox, type NumberFacts, phone, type RiskOptions, totp } from '../../src/index.js';
import { redisStore } from '../../src/stores/redis.js';
import { captchaDouble } from '../doubles/captcha.js';
import { guesses, waits, wrongCode } from '../support/guess.js';
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
  it('through set-up, guesses, sends, captchas, scores and lookups, locks, sign-ins, step-up, removal and reset', async () => {
    const prefix = `${randomUUID()}:`;
    const store = redisStore({ client, prefix });
    const clock = testClock(Date.now());
    const double = await captchaDouble('turnstile');
    const { siteKey, secret, verifyUrl } = double;
    const captcha = turnstile({ siteKey, secret, verifyUrl, when: 'sends', afterFailures: 2, timeout: '10s' });
    const captchaToken = () => double.solve();
    const lookup = async (): Promise<NumberFacts> => ({ line: 'mobile', simSwappedAt: null });
    const risk: RiskOptions = { dryRun: true, lookup, countryOf: () => 'DE' };
    const host = createHost({ store, mfa: { rateLimit: { window: '1m', limit: 1000 }, captcha, risk } }, clock);
    const lasting = async () => {
      const all = await client.keys(`${prefix}*`);
      const ends = await Promise.all(all.map((key) => client.pTTL(key)));
      const stay = all.filter((_, index) => (ends[index] ?? 0) < 0).map((key) => key.slice(prefix.length));
      return {
        keys: all.map((key) => key.slice(prefix.length)),
        stay: stay.filter((key) => !key.startsWith(LOG)).sort(),
      };
    };

    const ada = await new Person(host, 'ada').enrolsTotp();
    const begun = await ada.post('/mfa/factors/sms', { phone: '+1 212 555 0100', captchaToken: captchaToken() });
    const phone = String(begun.body.id);
    await ada.post(`/mfa/factors/${phone}/confirm`, { code: ada.texted() }).expect(200);
    clock.advance(31_000);
    const thief = await waits(ada.elsewhere());
    await guesses(thief, 2);
    const second = await waits(ada.elsewhere());
    await second.post('/mfa/challenge', { factorId: phone, captchaToken: captchaToken() }).expect(202);
    for (let time = 0; time < 3; time += 1)
      await second.verify({ factorId: phone, code: wrongCode(ada), captchaToken: captchaToken() }).expect(422);
    await second.verify({ factorId: phone, code: wrongCode(ada) }).expect(403);
    clock.advance(60_000);
    const honest = await waits(ada.elsewhere());
    await honest.verify({ factorId: 'totp', code: ada.code() }).expect(200);
    await honest.delete(`/mfa/factors/${phone}`).expect(200);
    const { keys, stay } = await lasting();
    expect(keys.length).toBeGreaterThan(12);
    await double.close();
    const owner = '{o:u%3Auser-ada}:';
    for (const kind of ['network', 'looked-up']) expect(keys).toContain(`${owner}t:${kind}`);
    for (const other of ['{o:lookups}', '{o:captcha%3A', '{o:sign-ins%3A127.0.0.1}'])
      expect(keys.filter((key) => key.startsWith(other)).length).toBeGreaterThan(0);
    const reasons = [...OF_A_USER, COUNTING].map((name) => owner + name);
    expect(stay.filter((key) => !reasons.includes(key))).toEqual([]);
    expect(stay).toEqual(expect.arrayContaining([`${owner}r:enrolment`, `${owner}n`]));

    await host.mfa.api.resetUser('user-ada', { reason: 'test' });
    expect((await lasting()).stay).toEqual([`${owner}k`, `${owner}r:epoch`]);
    await store.forget('u:user-ada');
    expect((await lasting()).stay).toEqual([]);
  });

  it('and what is known of a channel that failed ends with the week', async () => {
    const prefix = `${randomUUID()}:`;
    const texts = inbox();
    const noTexts: Delivery = {
      name: 'no-texts',
      offers: [{ channel: 'sms', code: 'ours' }],
      send: async () => ({ sent: 'no', why: 'landline' }),
    };
    const channels = [
      { channel: 'sms', via: noTexts },
      { channel: 'voice', via: texts },
    ] as const;
    const mfa = { factors: [totp(), phone({ countries: ['US'], channels })] };
    const host = createHost({ store: redisStore({ client, prefix }), mfa }, testClock(Date.now()));
    const ada = await new Person(host, 'ada').enrolsTotp();
    const begun = await ada.post('/mfa/factors/phone', { phone: '+1 212 555 0100', channel: 'voice' }).expect(201);
    const code = texts.messages().at(-1)?.code;
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code }).expect(200);
    const later = await waits(ada.elsewhere());
    await later.post('/mfa/challenge', { factorId: begun.body.id, channel: 'sms' }).expect(422);
    const left = await client.pTTL(`${prefix}{o:u%3Auser-ada}:t:failed-channel`);
    expect(left).toBeGreaterThan(6 * 86_400_000);
    expect(left).toBeLessThan(9 * 86_400_000);
  });
});
