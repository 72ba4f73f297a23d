/** X01: the servers are stopped, paused and restarted while many people sign in, through the whole app, over HTTP. */

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { totp } from '../../src/index.js';
import { createHost, type HostOptions, type TestHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { until } from '../support/redis-server.js';
import {
  type Crowd,
  crowd,
  expectNobodyElseSignedIn,
  expectUnavailable,
  expectUsualOrUnavailable,
  type SignIn,
} from './support/crowd.js';
import { type Opened, open, type Shared } from './support/places.js';
import { type Power, type Servers, startServers } from './support/servers.js';

const STORE_TIMEOUT_MS = 1000;
/** The library's own, for stores that have none. */
const DEADLINE_MS = 1500;
const PEOPLE = 10;
/** What cannot be said of a noisy machine more exactly. */
const AT_LAST_MS = 10_000;

const servers: Servers | undefined = await startServers({ keepsAll: true });
const opened: Opened[] = [];
const listeners: Server[] = [];

afterAll(async () => {
  for (const listener of listeners) {
    listener.closeAllConnections();
    listener.close();
  }
  await Promise.allSettled(opened.map(({ end }) => end()));
  await servers?.stop();
});

const WAYS: readonly (readonly [store: Shared, server: 'redis' | 'postgres'])[] = [
  ['redis', 'redis'],
  ['postgres', 'postgres'],
  ['tiered', 'redis'],
  ['tiered', 'postgres'],
];

async function hostOn(store: Shared, mfa: HostOptions['mfa'] = {}): Promise<TestHost> {
  if (!servers) throw new Error('there are no servers');
  const there = await open(servers.place(store), { timeoutMs: STORE_TIMEOUT_MS });
  opened.push(there);
  const clock = testClock(Date.now());
  return createHost({ store: there.store, mfa: { storeTimeout: DEADLINE_MS, factors: [totp()], ...mfa } }, clock);
}

/** On one port, so that what is asked at once arrives at once. */
async function listeningForAll(host: TestHost): Promise<TestHost> {
  const server = createServer(host.app).listen(0, '127.0.0.1');
  listeners.push(server);
  await once(server, 'listening');
  return { ...host, app: server as unknown as TestHost['app'] };
}

describe.each(servers ? WAYS : [])('X01 an app on %s, and %s', (store, which) => {
  let host: TestHost;
  let people: Crowd;
  let power: Power;

  beforeAll(async () => {
    if (!servers) return;
    power = servers.power[which];
    host = await listeningForAll(await hostOn(store));
    people = await crowd(host, PEOPLE);
  }, 60_000);

  beforeEach(() => void host.errors.splice(0));

  /** Without a restart of the app. */
  async function everybodyGetsIn(): Promise<void> {
    await until(async () => (await people.signIn()).every(({ verified }) => verified?.status === 200));
  }

  /** In one browser each the password was right, and the code is outstanding. */
  async function parked(): Promise<readonly Person[]> {
    const browsers = people.people.map((person) => person.elsewhere());
    await Promise.all(browsers.map((person) => person.password().expect(200)));
    return browsers;
  }

  /** Everything that they can ask for, at once. */
  async function askAll(browsers: readonly Person[]): Promise<readonly Response[]> {
    host.clock.advance(30_000);
    const asked = browsers.flatMap((person) => [
      person.elsewhere().password(),
      person.get('/mfa/challenge'),
      person.verify({ code: person.code(), factorId: 'totp' }),
      person.post('/mfa/challenge/cancel'),
    ]);
    return await Promise.all(asked);
  }

  /** Closed while it lasts, for a reason that is `why`; over when it is over. */
  async function holds(begin: () => unknown, end: () => unknown, why: RegExp): Promise<void> {
    const browsers = await parked();
    const startedAt = performance.now();
    await begin();
    const answers = await askAll(browsers).finally(end);
    expect(performance.now() - startedAt).toBeLessThan(AT_LAST_MS);
    for (const answer of answers) expectUnavailable(answer);
    expect(host.errors.length).toBeGreaterThanOrEqual(answers.length);
    expect(host.errors.map(inFull).filter((error) => !why.test(error))).toEqual([]);
    await everybodyGetsIn();
    await Promise.all(browsers.map((person) => person.get('/app').expect(401)));
  }

  it('stopped: everybody is told to come back later, and can', async () => {
    await holds(
      () => power.off(),
      () => power.on(),
      /redisStore: \w+\.|postgresStore: /,
    );
  });

  it('paused: nobody waits for it longer than the time limit, and everybody gets in afterwards', async () => {
    await holds(
      () => power.pause(),
      () => power.resume(),
      /no answer in 1000 ms|did not answer within|could not be reached in time|TimeoutError|POOL_EXHAUSTED/,
    );
  });

  it('restarted under load: each answer is the usual one or 503, and who was not told so is not signed in', async () => {
    const before = await completed(host);
    const all: SignIn[] = [];
    let isOver = false;
    const load = (async () => {
      while (!isOver) all.push(...(await people.signIn()));
    })();
    const passed = () => all.filter(({ verified }) => verified?.status === 200).length;
    const failed = () =>
      all.filter(({ password, verified }) => [password.status, verified?.status].includes(503)).length;
    try {
      await until(async () => passed() > 0);
      await power.off();
      await until(async () => failed() > 0);
      await power.on();
      const then = passed();
      await until(async () => passed() > then);
    } finally {
      isOver = true;
      await load;
    }
    for (const signIn of all) expectUsualOrUnavailable(signIn);
    const rows = (await completed(host)) - before;
    // More only where it happened and the answer was lost.
    expect(rows).toBeGreaterThanOrEqual(passed());
    expect(rows).toBeLessThanOrEqual(passed() + all.filter(({ verified }) => verified?.status === 503).length);
    await everybodyGetsIn();
    await expectNobodyElseSignedIn(all);
  }, 60_000);
});

describe.each(servers ? (['redis', 'postgres'] as const) : [])('X01 (f) the limit per address, on %s', (store) => {
  it('is never off: 503 while nothing can be counted, and afterwards it goes on from where it was', async () => {
    if (!servers) return;
    const host = await hostOn(store, { rateLimit: { window: '10m', limit: 4 } });
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    for (const _ of [1, 2, 3]) await ada.post('/mfa/backup-codes/saved').expect(422);
    await servers.power[store].off();
    const answers: Response[] = [];
    for (const _ of [1, 2, 3, 4, 5]) answers.push(await ada.post('/mfa/backup-codes/saved'));
    await servers.power[store].on();
    for (const answer of answers) expectUnavailable(answer);
    await until(async () => (await ada.get('/mfa/factors')).status === 200);
    await ada.post('/mfa/backup-codes/saved').expect(422);
    const over = await ada.post('/mfa/backup-codes/saved').expect(429);
    expect(over.body.code).toBe('rate_limited');
  });
});

/** With what the library’s own time limit was reached by. */
function inFull(error: unknown): string {
  return [error, (error as Error).cause ?? ''].map(String).join(' ');
}

async function completed({ store }: TestHost): Promise<number> {
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = await store.scan({ types: ['sign_in.completed'], limit: 500, ...(cursor ? { cursor } : {}) });
    count += page.rows.length;
    cursor = page.next;
  } while (cursor !== undefined);
  return count;
}
