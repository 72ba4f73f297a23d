/**
 * X04: a Redis that loses what it had: all of it, or its latest writes, as a fail-over to a replica that was behind does. Here it is
 * restarted from an older snapshot of itself. What is lost is what the stores' documentation says, and no more.
 */
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { createClient } from 'redis';
import { backupCodes, totp } from '../../src/index.js';
import { redisStore } from '../../src/stores/redis.js';
import { guesses, lockedFor, standing, waits } from '../support/guess.js';
import { createHost, type TestHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { hasRedis, startRedis, until } from '../support/redis-server.js';
import { expectUnavailable } from './support/crowd.js';
import { type Opened, open, type Shared } from './support/places.js';
import { type Servers, startServers } from './support/servers.js';

const servers: Servers | undefined = await startServers();
const opened: Opened[] = [];
afterEach(async () => {
  for (const { end } of opened.splice(0)) await end();
});
afterAll(() => servers?.stop());

async function command(...words: string[]): Promise<void> {
  const client = createClient({ url: servers?.redis.url ?? '' });
  await client.on('error', () => undefined).connect();
  await client.sendCommand(words);
  client.destroy();
}

/** Back to where it was at the last `SAVE`. */
async function fallBack(host: TestHost): Promise<void> {
  await servers?.redis.kill();
  await servers?.redis.start();
  await until(() =>
    host.store.ping().then(
      () => true,
      () => false,
    ),
  );
}

/** Ada with an authenticator and backup codes, signed in; the present code of the app is unused. */
async function adaOn(store: Shared): Promise<{ host: TestHost; ada: Person }> {
  if (!servers) throw new Error('there are no servers');
  const there = await open(servers.place(store));
  opened.push(there);
  const host = createHost(
    { store: there.store, mfa: { factors: [totp(), backupCodes({ count: 5 })] } },
    testClock(Date.now()),
  );
  const ada = await new Person(host, 'ada').enrolsTotp();
  host.clock.advance(60_000);
  return { host, ada };
}

(servers ? describe : describe.skip)('X04 tiered, when Redis has lost everything', () => {
  it('takes no step and no backup code again, and lets in by new ones', async () => {
    const { ada } = await adaOn('tiered');
    const code = ada.code();
    await (await waits(ada.elsewhere())).verify({ code }).expect(200);
    const [first, second] = ada.backupCodes;
    await (await waits(ada.elsewhere())).verify({ factorId: 'backup-codes', code: first }).expect(200);
    await command('FLUSHALL');
    await (await waits(ada.elsewhere())).verify({ code }).expect(422);
    await (await waits(ada.elsewhere())).verify({ factorId: 'backup-codes', code: first }).expect(422);
    await (await waits(ada.elsewhere())).verify({ factorId: 'backup-codes', code: second }).expect(200);
    await (await waits(ada.elsewhere())).verify({ code: ada.nextCode() }).expect(200);
  });

  it('remembers nine wrong answers, locks at the tenth, and a lock stays locked', async () => {
    const { host, ada } = await adaOn('tiered');
    await guesses(await waits(ada.elsewhere()), 9);
    await command('FLUSHALL');
    expect(await standing(host, ada.user.id, 'totp')).toBe(9);
    await guesses(await waits(ada.elsewhere()), 1);
    expect(await lockedFor((await waits(ada.elsewhere())).verify({ code: ada.code() }))).toBeGreaterThan(800);
    await command('FLUSHALL');
    await lockedFor((await waits(ada.elsewhere())).verify({ code: ada.code() }));
    // And no other kind of factor with it.
    await (await waits(ada.elsewhere())).verify({ factorId: 'backup-codes', code: ada.backupCodes[0] }).expect(200);
  });

  it('ends sign-ins that wait, not those that are done, and asks everybody with a factor for it', async () => {
    const { host, ada } = await adaOn('tiered');
    const waiting = await waits(ada.elsewhere());
    await command('FLUSHALL');
    const { body } = await waiting.verify({ code: ada.code() }).expect(401);
    expect(body.code).toBe('sign_in_again');
    await waiting.get('/app').expect(401);
    await ada.get('/payout').expect(200);
    expect((await host.mfa.api.factorsOf(ada.user.id)).factors).toHaveLength(1);
    const again = await waits(ada.elsewhere());
    await again.get('/app').expect(401);
    await again.verify({ code: ada.code() }).expect(200);
  });
});

(servers ? describe : describe.skip)('X04 a fail-over that forgot the latest writes', () => {
  it('of tiered forgets no step, no backup code and no wrong answer', async () => {
    const { host, ada } = await adaOn('tiered');
    const [at, other, guessing] = await Promise.all([1, 2, 3].map(() => waits(ada.elsewhere())));
    await command('SAVE');
    const code = ada.code();
    await at?.verify({ code }).expect(200);
    await other?.verify({ factorId: 'backup-codes', code: ada.backupCodes[0] }).expect(200);
    await guesses(guessing as Person, 3);
    await fallBack(host);
    expect(await standing(host, ada.user.id, 'totp')).toBe(3);
    // The sign-ins that were used up wait again, and their codes do not work.
    await (await waits(ada.elsewhere())).verify({ code }).expect(422);
    await (await waits(ada.elsewhere())).verify({ factorId: 'backup-codes', code: ada.backupCodes[0] }).expect(422);
    await (await waits(ada.elsewhere())).verify({ code: ada.nextCode() }).expect(200);
  });

  it('of Redis alone forgets what was written since, and nothing older: a used step works for the rest of its time', async () => {
    const { host, ada } = await adaOn('redis');
    const older = ada.code();
    await (await waits(ada.elsewhere())).verify({ code: older }).expect(200);
    await guesses(await waits(ada.elsewhere()), 2);
    await command('SAVE');
    host.clock.advance(30_000);
    const newer = ada.code();
    await (await waits(ada.elsewhere())).verify({ code: newer }).expect(200);
    await fallBack(host);
    // Settled by the answer that is forgotten, and so standing again.
    expect(await standing(host, ada.user.id, 'totp')).toBe(2);
    await (await waits(ada.elsewhere())).verify({ code: older }).expect(422);
    await (await waits(ada.elsewhere())).verify({ code: newer }).expect(200);
    await (await waits(ada.elsewhere())).verify({ code: newer }).expect(422);
  });

  it('of Redis alone: a step that is older than its ninety seconds works in no case', async () => {
    const { host, ada } = await adaOn('redis');
    const waiting = await waits(ada.elsewhere());
    await command('SAVE');
    const code = ada.code();
    await waiting.verify({ code }).expect(200);
    host.clock.advance(90_000);
    await fallBack(host);
    await (await waits(ada.elsewhere())).verify({ code }).expect(422);
    await (await waits(ada.elsewhere())).verify({ code: ada.code() }).expect(200);
  });
});

(hasRedis ? describe : describe.skip)('X04 a Redis that drops keys when it is full', () => {
  it('is noticed at the first request, nobody is let in, and the host is told what to set', async () => {
    const evicting = await startRedis('--maxmemory-policy', 'allkeys-lru');
    const client = createClient({ url: evicting.url });
    await client.on('error', () => undefined).connect();
    try {
      const host = createHost({ store: redisStore({ client }), mfa: { factors: [totp()] } });
      const ada = new Person(host, 'ada');
      expectUnavailable(await ada.password());
      await ada.get('/app').expect(401);
      expect(String(host.errors[0])).toMatch(/maxmemory-policy allkeys-lru.*noeviction/s);
      await client.configSet('maxmemory-policy', 'noeviction');
      await ada.password().expect(302);
    } finally {
      client.destroy();
    }
  });
});
