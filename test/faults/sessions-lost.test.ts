/** X01 (d): the host's session store fails at every call of every flow, goes away for a while, or forgets everything. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'redis';
import type { Response, Test } from 'supertest';
import { totp } from '../../src/index.js';
import { createHost, type TestHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { hasRedis, type RedisServer, startRedis, stopRedis, until } from '../support/redis-server.js';
import { FaultySessions, SESSION_FAULTS, type SessionFault } from './support/faulty-sessions.js';
import { RedisSessions } from './support/redis-sessions.js';

afterAll(stopRedis);

interface Scene {
  readonly host: TestHost;
  readonly sessions: FaultySessions;
  readonly ada: Person;
}

function scene(): Scene {
  const sessions = new FaultySessions();
  const host = createHost({ sessionStore: sessions, mfa: { factors: [totp()] } }, testClock(Date.now()));
  return { host, sessions, ada: new Person(host, 'ada') };
}

interface Flow {
  readonly flow: string;
  prepare(ada: Person): Promise<unknown>;
  request(ada: Person): Test;
  /** Is she signed in before? */
  readonly signedIn: boolean;
  readonly answers: number;
}

async function waiting(ada: Person): Promise<void> {
  await ada.enrolsTotp();
  await ada.signsOut();
  await ada.password().expect(200);
}

async function begins(ada: Person): Promise<void> {
  await ada.password().expect(302);
  const begun = await ada.post('/mfa/factors/totp').expect(201);
  ada.secret = begun.body.secret;
  ada.factorId = begun.body.id;
}

const FLOWS: readonly Flow[] = [
  {
    flow: 'the password, without a factor',
    prepare: async (ada) => await ada.get('/app').expect(401),
    request: (ada) => ada.password(),
    signedIn: false,
    answers: 302,
  },
  {
    flow: 'the password, with a factor',
    async prepare(ada) {
      await ada.enrolsTotp();
      await ada.signsOut();
    },
    request: (ada) => ada.password(),
    signedIn: false,
    answers: 200,
  },
  {
    flow: 'a right code',
    prepare: waiting,
    request: (ada) => ada.verify({ code: ada.nextCode() }),
    signedIn: false,
    answers: 200,
  },
  {
    flow: 'a wrong code',
    prepare: waiting,
    request: (ada) => ada.verify({ code: ada.code(400) }),
    signedIn: false,
    answers: 422,
  },
  {
    flow: 'cancelling a sign-in',
    prepare: waiting,
    request: (ada) => ada.post('/mfa/challenge/cancel'),
    signedIn: false,
    answers: 200,
  },
  {
    flow: 'a step-up',
    prepare: (ada) => ada.enrolsTotp(),
    request: (ada) => ada.verify({ code: ada.nextCode() }),
    signedIn: true,
    answers: 200,
  },
  {
    flow: 'setting the first factor up',
    prepare: begins,
    request: (ada) => ada.post(`/mfa/factors/${ada.factorId}/confirm`, { code: ada.code() }),
    signedIn: true,
    answers: 200,
  },
  {
    flow: 'removing a factor',
    prepare: (ada) => ada.enrolsTotp(),
    request: (ada) => ada.delete(`/mfa/factors/${ada.factorId}`),
    signedIn: true,
    answers: 200,
  },
  {
    flow: 'logging out',
    prepare: (ada) => ada.enrolsTotp(),
    request: (ada) => ada.post('/logout'),
    signedIn: true,
    answers: 302,
  },
];

async function completed({ store }: TestHost): Promise<number> {
  return (await store.scan({ owner: 'u:user-ada', types: ['sign_in.completed'] })).rows.length;
}

/** Who has a factor needs it; who has none does not. */
async function getsIn({ host, ada }: Scene): Promise<void> {
  const again = ada.elsewhere();
  const { factors } = await host.mfa.api.factorsOf(ada.user.id);
  if (factors.length === 0) await again.password().expect(302);
  else await again.signsIn();
  await again.get('/app').expect(200);
}

/** The usual answer, a fault of ours, a fault of the host's (it is the host who reads the session), or "sign in again". */
function expectHonest(answer: Response, fault: SessionFault, { answers }: Flow): void {
  if (answer.status === answers) return;
  if (fault === 'wiped') return void expect(answer.status).toBe(401);
  expect(answer.status).toBeGreaterThanOrEqual(500);
  const isOurs = answer.headers['content-type']?.includes('problem+json');
  if (isOurs) expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5']);
  if (isOurs) expect(answer.text).not.toContain('hunter2');
}

describe('X01 (d) the session store breaks at every call', () => {
  describe.each(FLOWS)('of $flow', (flow) => {
    it.each(SESSION_FAULTS)('%s', async (fault) => {
      const trial = scene();
      await flow.prepare(trial.ada);
      trial.sessions.heal();
      await flow.request(trial.ada).expect(flow.answers);
      const { calls } = trial.sessions;
      expect(calls).toBeGreaterThan(0);
      for (let at = 1; at <= calls; at += 1) {
        const stage = scene();
        await flow.prepare(stage.ada);
        const before = await completed(stage.host);
        stage.sessions.arm(fault, at);
        const answer = await flow.request(stage.ada);
        stage.sessions.heal();
        expectHonest(answer, fault, flow);
        const { status } = await stage.ada.get('/app');
        const isProved = flow.signedIn || (await completed(stage.host)) > before;
        expect(isProved ? [200, 401] : [401]).toContain(status);
        // Without an answer that says so nobody is in, unless it was only the saying that failed.
        if (!flow.signedIn && answer.status >= 500 && fault === 'error') expect(status).toBe(401);
        await getsIn(stage);
      }
    });
  });
});

describe('X01 (d) a step-up whose session cannot be saved', () => {
  it.each(['error', 'down'] as const)('has proved nothing (%s): 503, and the next code does', async (fault) => {
    const trial = scene();
    await trial.ada.enrolsTotp();
    trial.sessions.heal();
    await trial.ada.verify({ code: trial.ada.nextCode() }).expect(200);
    for (let at = 1; at <= trial.sessions.calls; at += 1) {
      const { host, sessions, ada } = scene();
      await ada.enrolsTotp();
      host.clock.advance(11 * 60_000);
      await ada.get('/payout').expect(403);
      sessions.arm(fault, at);
      const answer = await ada.verify({ code: ada.nextCode() });
      sessions.heal();
      const { status } = await ada.get('/payout');
      if (answer.status >= 500) expect([401, 403]).toContain(status);
      else expect(status).toBe(200);
      if (status === 401) await ada.elsewhere().signsIn();
      else await ada.verify({ code: ada.nextCode() }).expect(200);
    }
  });
});

(hasRedis ? describe : describe.skip)('X01 (d) sessions in a Redis', () => {
  async function sceneOn(server: RedisServer) {
    const client = createClient({ url: server.url, disableOfflineQueue: true, socket: { reconnectStrategy: 20 } });
    await client.on('error', () => undefined).connect();
    const sessions = new RedisSessions(client as never, 'sess:');
    const host = createHost({ sessionStore: sessions, mfa: { factors: [totp()] } }, testClock(Date.now()));
    return { host, client, ada: new Person(host, 'ada') };
  }

  it('that goes away: nobody is signed in meanwhile, and afterwards everybody goes on where they were', async () => {
    const server = await startRedis('--appendonly', 'yes', '--appendfsync', 'no');
    const { client, ada } = await sceneOn(server);
    await ada.enrolsTotp();
    const parked = ada.elsewhere();
    await parked.password().expect(200);
    await server.kill();
    await until(async () => !client.isReady);
    const code = ada.nextCode();
    const asked = [
      () => ada.elsewhere().password(),
      () => parked.get('/mfa/challenge'),
      () => parked.verify({ code }),
      () => parked.get('/app'),
      () => ada.get('/app'),
      () => ada.get('/payout'),
    ];
    for (const ask of asked) expect((await ask()).status).toBeGreaterThanOrEqual(500);
    await server.start();
    await until(async () => (await ada.get('/app')).status === 200);
    await parked.get('/app').expect(401);
    await parked.verify({ code }).expect(200);
    await parked.get('/app').expect(200);
    client.destroy();
  });

  it('that forgets everything: everybody signs in again, with their factor', async () => {
    const server = await startRedis();
    const { client, ada } = await sceneOn(server);
    await ada.enrolsTotp();
    const parked = ada.elsewhere();
    await parked.password().expect(200);
    await client.flushAll();
    await parked.verify({ code: ada.nextCode() }).expect(401);
    await ada.get('/app').expect(401);
    await ada.get('/mfa/factors').expect(401);
    const again = ada.elsewhere();
    await again.password().expect(200);
    await again.get('/app').expect(401);
    await again.verify({ code: ada.code() }).expect(200);
    client.destroy();
  });
});
