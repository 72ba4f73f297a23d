/** What the health routes say, of stores that are really there and really gone. */
import { afterAll, describe, expect, it } from '@jest/globals';
import express, { type Express } from 'express';
import pg from 'pg';
import { createClient } from 'redis';
import request from 'supertest';
import {
  createMfa,
  type Delivery,
  type HealthRouterOptions,
  type Mfa,
  MfaError,
  type MfaOptions,
  memoryStore,
  type Store,
  sms,
  tiered,
  totp,
} from '../../src/index.js';
import { migrate, postgresStore } from '../../src/stores/postgres.js';
import { redisStore } from '../../src/stores/redis.js';
import { faultyStore } from '../support/faulty-store.js';
import { createHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { ownPostgres } from '../support/postgres-server.js';
import { hasRedis, startRedis, stopRedis } from '../support/redis-server.js';
import { routesOf } from '../support/routes.js';

const postgres = await ownPostgres();
const open: Mfa[] = [];
afterAll(async () => {
  for (const mfa of open) await mfa.close().catch(() => undefined);
  await stopRedis();
  if (typeof postgres !== 'string') await postgres.close();
});

/** An app with nothing but the health routes: no session, no Passport, no gate. */
function bareApp(store: Store, options?: HealthRouterOptions, more: Partial<MfaOptions> = {}): Express {
  const mfa = createMfa({
    issuer: 'Acme',
    secrets: ['test secret of at least thirty-two characters'],
    users: { findById: () => undefined },
    factors: [totp()],
    store,
    storeTimeout: '1s',
    onError: () => undefined,
    ...more,
  });
  open.push(mfa);
  return express().use('/health', mfa.healthRouter(options));
}

const get = (app: Express, path = '') => request(app).get(`/health${path}`);

const FRESH_MEMORY = { name: 'memory', state: 'ok' };

describe('health', () => {
  it('is told without a session, to nobody’s cache, and by names and states alone', async () => {
    const app = bareApp(memoryStore());
    const live = await get(app, '/live').expect(200, { status: 'ok' });
    const ready = await get(app, '/ready').expect(200, { status: 'ok' });
    const all = await get(app).expect(200, {
      status: 'ok',
      stores: [FRESH_MEMORY],
      deliveries: [],
      epochs: { state: 'idle' },
    });
    for (const { headers } of [live, ready, all]) {
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['content-type']).toMatch(/^application\/json/);
      expect(headers['set-cookie']).toBeUndefined();
    }
    await request(app).head('/health/ready').expect(200);
    await request(app).post('/health/ready').expect(404);
  });

  it('says unavailable once the app has closed its store', async () => {
    const mfa = createHost().mfa;
    const app = express().use('/health', mfa.healthRouter());
    await mfa.close();
    await get(app, '/live').expect(200);
    await get(app, '/ready').expect(503, { status: 'unavailable' });
  });

  it('gives up on a store that hangs, asks it once for many probes, and is ready again with it', async () => {
    let pings = 0;
    let hangs = true;
    const inner = memoryStore();
    const store: Store = {
      ...inner,
      async ping() {
        pings += 1;
        if (hangs) await new Promise(() => undefined);
      },
    };
    const app = bareApp(store, { details: true }, { storeTimeout: '50ms' });
    const probes = await Promise.all(Array.from({ length: 20 }, () => get(app, '/ready')));
    expect(probes.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 503));
    expect(pings).toBeLessThan(20);
    hangs = false;
    await get(app, '/ready').expect(200);
  });

  it('does not stand among the routes that the gate has to close', () => {
    expect(routesOf(createHost().mfa).some(({ path }) => /live|ready|health/.test(path))).toBe(false);
  });

  it.each([{ detail: true }, { details: 'yes' }, true, null])('refuses options that are none: %j', (options) => {
    const { mfa } = createHost();
    expect(() => mfa.healthRouter(options as HealthRouterOptions)).toThrow(MfaError);
    if (options && typeof options === 'object' && 'detail' in options)
      expect(() => mfa.healthRouter(options as HealthRouterOptions)).toThrow(/Did you mean `details`/);
  });

  it.each<[string, HealthRouterOptions['details'], boolean]>([
    ['true', true, true],
    ['false', false, false],
    ['a function that says yes', (req) => req.get('x-ops') === 'yes', true],
    ['a function that says no', () => false, false],
    ['a function that says something else', (() => 'yes') as never, false],
    ['a function that answers later', (async () => true) as never, false],
    [
      'a function that throws',
      () => {
        throw new Error('no');
      },
      false,
    ],
  ])('tells times and numbers only by %s', async (_what, details, isTold) => {
    const app = bareApp(memoryStore(), { ...(details === undefined ? {} : { details }) });
    const { body } = await get(app).set('x-ops', 'yes').expect(200);
    expect('ms' in body.stores[0]).toBe(isTold);
  });
});

describe('the state of what carries codes', () => {
  it('is what the newest send found, with nothing sent to find it', async () => {
    const clock = testClock();
    let calls = 0;
    let answer: Awaited<ReturnType<Delivery['send']>> = { sent: 'yes', ref: '1', codeOwner: 'ours' };
    const via: Delivery = {
      name: 'acme-texts',
      offers: [{ channel: 'sms', code: 'ours' }],
      async send() {
        calls += 1;
        return answer;
      },
    };
    const host = createHost({ mfa: { factors: [totp(), sms({ via, countries: ['US'] })] } }, clock);
    const app = express().use('/health', host.mfa.healthRouter({ details: true }));
    const seen = async () => (await get(app).expect(200)).body;
    const unknown = { name: 'acme-texts', channel: 'sms', state: 'unknown', ok: 0, failed: 0 };
    expect(await seen()).toMatchObject({ status: 'ok', deliveries: [unknown] });
    expect(calls).toBe(0);

    let number = 0;
    async function sends(): Promise<number> {
      number += 1;
      const person = new Person(host, `p${number}`);
      await person.password().expect(302);
      return (await person.post('/mfa/factors/sms', { phone: `+1212555${1000 + number * 13}` })).status;
    }
    expect(await sends()).toBe(201);
    const lastAt = clock();
    expect((await seen()).deliveries).toEqual([{ ...unknown, state: 'ok', ok: 1, lastAt }]);

    answer = { sent: 'no', why: 'invalid_destination' };
    await sends();
    expect((await seen()).deliveries).toMatchObject([{ state: 'ok', failed: 0 }]);
    answer = { sent: 'no', why: 'auth', detail: { status: 401, code: 'of the vendor' } };
    await sends();
    const failing = await seen();
    expect(failing).toMatchObject({ status: 'degraded', deliveries: [{ state: 'failing', ok: 2, failed: 1 }] });
    expect(JSON.stringify(failing)).not.toMatch(/vendor|\+1212|401/);
    const before = calls;
    for (let time = 0; time < 5; time += 1) await seen();
    expect(calls).toBe(before);
    // The numbers are of the last quarter of an hour, the state is of the newest call.
    clock.advance(16 * 60_000);
    expect((await seen()).deliveries).toEqual([{ ...unknown, state: 'failing', lastAt }]);
  });
});

describe('what this process knows of proofs that ended', () => {
  it('is fresh while requests ask for it, failing while it cannot be read, and fresh again by the next probe', async () => {
    const clock = testClock();
    const store = faultyStore(memoryStore({ clock }));
    const host = createHost({ store }, clock);
    const app = express().use('/health', host.mfa.healthRouter({ details: true }));
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    store.arm('error', 'all', ['scan']);
    await ada.get('/payout').expect(503);
    const failing = await get(app).expect(200);
    expect(failing.body).toMatchObject({ status: 'degraded', epochs: { state: 'failing' } });
    await store.heal();
    const again = await get(app).expect(200);
    expect(again.body).toMatchObject({ status: 'ok', epochs: { state: 'fresh', ageMs: expect.any(Number) } });
  });
});

(hasRedis ? describe : describe.skip)('a Redis that is killed and started again', () => {
  it('is named as the tier that is gone; the process is live all the time', async () => {
    const server = await startRedis();
    const client = createClient({ url: server.url, disableOfflineQueue: true, socket: { reconnectStrategy: 20 } });
    await client.on('error', () => undefined).connect();
    const app = bareApp(tiered({ durable: memoryStore(), fast: redisStore({ client }) }));
    const all = (redis: string, status: string) => ({
      status,
      stores: [
        { name: 'memory', tier: 'durable', state: 'ok' },
        { name: 'redis', tier: 'fast', state: redis },
      ],
      deliveries: [],
      epochs: { state: 'idle' },
    });
    await get(app).expect(200, all('ok', 'ok'));
    await server.kill();
    await get(app, '/live').expect(200);
    await get(app, '/ready').expect(503, { status: 'unavailable' });
    const down = await get(app).expect(503, all('unavailable', 'unavailable'));
    expect(down.text).not.toMatch(/127\.0\.0\.1|localhost|ECONN|\d{4,}/);
    await server.start();
    const back = new Promise<void>((resolve) => void (client.isReady ? resolve() : client.once('ready', resolve)));
    await back;
    await get(app, '/ready').expect(200);
    await get(app).expect(200, all('ok', 'ok'));
    client.destroy();
  });
});

(typeof postgres === 'string' ? describe.skip : describe)('a PostgreSQL that is stopped and started again', () => {
  it('is not ready without its tables, ready with them, not while it is gone, and ready again', async () => {
    if (typeof postgres === 'string') return;
    const pool = new pg.Pool({ connectionString: postgres.url, connectionTimeoutMillis: 500, max: 2 });
    pool.on('error', () => undefined);
    const app = bareApp(tiered({ durable: postgresStore({ pool }), fast: memoryStore() }));
    await get(app, '/ready').expect(503);
    await migrate(pool);
    await get(app, '/ready').expect(200);
    await postgres.power.off();
    const down = await get(app).expect(503);
    expect(down.body.stores).toEqual([
      { name: 'postgres', tier: 'durable', state: 'unavailable' },
      { name: 'memory', tier: 'fast', state: 'ok' },
    ]);
    await get(app, '/live').expect(200);
    await postgres.power.on();
    await get(app, '/ready').expect(200);
    await pool.end();
  });
});
