/** The store, the sessions, the carrier and the host's own functions break, each at every point: closed, honest, and over when it is over. */
import { describe, expect, it } from '@jest/globals';
import session from 'express-session';
import type { Response, Test } from 'supertest';
import { backupCodes, inbox, memoryStore, sms, totp } from '../../src/index.js';
import {
  DRIVERS_WORDS,
  FAULTS,
  type Fault,
  type FaultyStore,
  faultyStore,
  STORE_TIMEOUT,
} from '../support/faulty-store.js';
import { createHost, type HostOptions, type TestHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';

interface Scene {
  readonly host: TestHost;
  readonly store: FaultyStore;
  readonly ada: Person;
}

function scene(options: HostOptions = {}, withBackupCodes = false): Scene {
  const clock = testClock();
  const store = faultyStore(memoryStore({ clock }));
  const texts = inbox({ now: clock });
  const factors = [
    totp(),
    sms({ via: texts, countries: ['US'] }),
    ...(withBackupCodes ? [backupCodes({ count: 5 })] : []),
  ];
  const host = createHost({ store, ...options, mfa: { storeTimeout: STORE_TIMEOUT, factors, ...options.mfa } }, clock);
  return { host: { ...host, inbox: texts }, store, ada: new Person({ ...host, inbox: texts }, 'ada') };
}

interface Flow {
  readonly flow: string;
  readonly withBackupCodes?: boolean;
  /** Everything before the request that is to suffer. */
  prepare(scene: Scene): Promise<unknown>;
  request(scene: Scene, prepared: unknown): Test;
  /** What the request answers when nothing breaks. */
  readonly answers: number;
  /** Is somebody signed in before it? */
  readonly signedIn: boolean;
  /** The last calls, as many as that, are for statistics: nobody waits for them. */
  readonly atLeisure?: number;
}

async function pending({ ada }: Scene): Promise<void> {
  await ada.enrolsTotp();
  await ada.signsOut();
  await ada.password().expect(200);
}

async function withPhone({ ada }: Scene): Promise<string> {
  await ada.enrolsTotp();
  const begun = await ada.post('/mfa/factors/sms', { phone: '+1 212 555 0100' }).expect(201);
  await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.texted() }).expect(200);
  await ada.signsOut();
  await ada.password().expect(200);
  return begun.body.id;
}

const FLOWS: readonly Flow[] = [
  {
    flow: 'the password, with a factor',
    async prepare({ ada }) {
      await ada.enrolsTotp();
      await ada.signsOut();
    },
    request: ({ ada }) => ada.password(),
    answers: 200,
    signedIn: false,
  },
  {
    flow: 'the challenge page',
    prepare: pending,
    request: ({ ada }) => ada.get('/mfa/challenge'),
    answers: 200,
    signedIn: false,
  },
  {
    flow: 'sending a code',
    prepare: withPhone,
    request: ({ ada }, factorId) => ada.post('/mfa/challenge', { factorId }),
    answers: 202,
    signedIn: false,
  },
  {
    flow: 'a right code of an app',
    prepare: pending,
    request: ({ ada }) => ada.verify({ code: ada.nextCode() }),
    answers: 200,
    signedIn: false,
  },
  {
    flow: 'a right code of an app, whose kind was named',
    prepare: pending,
    request: ({ ada }) => ada.verify({ code: ada.nextCode(), factorId: 'totp' }),
    answers: 200,
    signedIn: false,
  },
  {
    flow: 'a wrong code',
    prepare: pending,
    request: ({ ada }) => ada.verify({ code: ada.code(400), factorId: 'totp' }),
    answers: 422,
    signedIn: false,
  },
  {
    flow: 'a right code of a text',
    async prepare(scene) {
      const factorId = await withPhone(scene);
      await scene.ada.post('/mfa/challenge', { factorId }).expect(202);
      return factorId;
    },
    request: ({ ada }, factorId) => ada.verify({ code: ada.texted(), factorId }),
    answers: 200,
    atLeisure: 1,
    signedIn: false,
  },
  {
    flow: 'a backup code',
    withBackupCodes: true,
    prepare: pending,
    request: ({ ada }) => ada.verify({ code: ada.backupCodes[0] }),
    answers: 200,
    signedIn: false,
  },
  {
    flow: 'cancelling a sign-in',
    prepare: pending,
    request: ({ ada }) => ada.post('/mfa/challenge/cancel'),
    answers: 200,
    signedIn: false,
  },
  {
    flow: 'beginning a set-up',
    prepare: ({ ada }) => ada.password().expect(302),
    request: ({ ada }) => ada.post('/mfa/factors/totp'),
    answers: 201,
    signedIn: true,
  },
  {
    flow: 'beginning a set-up that sends',
    prepare: ({ ada }) => ada.enrolsTotp(),
    request: ({ ada }) => ada.post('/mfa/factors/sms', { phone: '+12125550100' }),
    answers: 201,
    signedIn: true,
  },
  {
    flow: 'confirming a set-up',
    async prepare({ ada }) {
      await ada.password().expect(302);
      const begun = await ada.post('/mfa/factors/totp').expect(201);
      ada.secret = begun.body.secret;
      return begun.body.id;
    },
    request: ({ ada }, id) => ada.post(`/mfa/factors/${id}/confirm`, { code: ada.code() }),
    answers: 200,
    signedIn: true,
  },
  {
    flow: 'the status',
    prepare: ({ ada }) => ada.enrolsTotp(),
    request: ({ ada }) => ada.get('/mfa/status'),
    answers: 200,
    signedIn: true,
  },
  {
    flow: 'renaming a factor',
    prepare: ({ ada }) => ada.enrolsTotp(),
    request: ({ ada }) => ada.post(`/mfa/factors/${ada.factorId}/rename`, { name: 'Other' }),
    answers: 200,
    signedIn: true,
  },
  {
    flow: 'removing a factor',
    prepare: ({ ada }) => ada.enrolsTotp(),
    request: ({ ada }) => ada.delete(`/mfa/factors/${ada.factorId}`),
    answers: 200,
    signedIn: true,
  },
  {
    flow: 'turning everything off',
    prepare: ({ ada }) => ada.enrolsTotp(),
    request: ({ ada }) => ada.post('/mfa/disable'),
    answers: 200,
    signedIn: true,
  },
  {
    flow: 'new backup codes',
    withBackupCodes: true,
    prepare: ({ ada }) => ada.enrolsTotp(),
    request: ({ ada }) => ada.post('/mfa/backup-codes'),
    answers: 201,
    signedIn: true,
  },
];

function expectClosed(answer: Response): void {
  expect(answer.body).toMatchObject({ code: 'unavailable', status: 503 });
  expect(answer.headers['retry-after']).toBe('5');
  expect(answer.text).not.toMatch(/mfa_records|hunter2|relation|\bat .*\.ts/);
}

/** On a busy machine the watch of epochs may read once more beside a slow flow: that one is not the flow's. */
async function callsOf(flow: Flow): Promise<number> {
  return Math.min(await callsOnce(flow), await callsOnce(flow));
}

async function callsOnce({ prepare, request, withBackupCodes, answers }: Flow): Promise<number> {
  const trial = scene({}, withBackupCodes);
  const prepared = await prepare(trial);
  trial.store.watch();
  await request(trial, prepared).expect(answers);
  return trial.store.calls.length;
}

/** What has to hold afterwards: whoever was not signed in is not, and an honest person gets in. */
async function goesOn({ host, ada }: Scene, flow: Flow): Promise<void> {
  if (!flow.signedIn) await ada.get('/app').expect(401);
  const factors = await host.mfa.api.factorsOf(ada.user.id);
  const again = ada.elsewhere();
  again.secret = ada.secret;
  if (factors.factors.length === 0) return void (await again.password().expect(302));
  await again.signsIn();
  await again.get('/app').expect(200);
}

describe('X01 the store breaks at every call', () => {
  describe.each(FLOWS)('of $flow', (flow) => {
    it.each(FAULTS)('%s', async (fault: Fault) => {
      const calls = await callsOf(flow);
      expect(calls).toBeGreaterThan(0);
      for (let at = 1; at <= calls; at += 1) {
        const stage = scene({}, flow.withBackupCodes);
        const prepared = await flow.prepare(stage);
        stage.store.arm(fault, at);
        const startedAt = Date.now();
        const answer = await flow.request(stage, prepared);
        expect(Date.now() - startedAt).toBeLessThan(2_000);
        expect(stage.store.struck).toBe(true);
        if (fault === 'slow' || at > calls - (flow.atLeisure ?? 0)) {
          expect(answer.status).toBe(flow.answers);
          continue;
        }
        expectClosed(answer);
        await stage.store.heal();
        await goesOn(stage, flow);
      }
    });
  });

  it('signs nobody in who has no factor either, while nobody can know that', async () => {
    for (const fault of ['error', 'hang'] as const) {
      const { ada, store } = scene();
      store.arm(fault, 'all');
      expectClosed(await ada.password());
      await store.heal();
      await ada.get('/app').expect(401);
      await ada.password().expect(302);
      await ada.get('/app').expect(200);
    }
  });

  it('never takes a code while its try cannot be counted, and gives none back', async () => {
    const { ada, store, host } = scene();
    await ada.enrolsTotp();
    await ada.signsOut();
    await ada.password().expect(200);
    store.arm('lost', 'all', ['commit']);
    for (let guess = 0; guess < 12; guess += 1)
      expectClosed(await ada.verify({ code: ada.code(300), factorId: 'totp' }));
    expectClosed(await ada.verify({ code: ada.nextCode(), factorId: 'totp' }));
    await store.heal();
    // Every guess whose answer was lost has counted: the challenge is out of tries.
    await ada.verify({ code: ada.nextCode(), factorId: 'totp' }).expect(410);
    await ada.get('/app').expect(401);
    host.clock.advance(16 * 60_000);
    await ada.elsewhere().signsIn();
  });

  it('a locked route is shut while proofs cannot be checked, and opens again', async () => {
    const { ada, store, host } = scene();
    await ada.enrolsTotp();
    await ada.get('/payout').expect(200);
    const restarted = createHost(
      { store, sessionStore: host.sessions, mfa: { storeTimeout: STORE_TIMEOUT, factors: [totp()] } },
      host.clock,
    );
    restarted.users.set(ada.user.id, ada.user);
    const sameBrowser = Object.assign(new Person(restarted, 'ada'), { secret: ada.secret });
    sameBrowser.agent.jar.setCookies(cookies(ada));
    store.arm('error', 'all');
    expectClosed(await sameBrowser.get('/payout'));
    expectClosed(await sameBrowser.get('/app'));
    await store.heal();
    await sameBrowser.get('/payout').expect(200);
  });

  it('is a page that says so, for a browser, with a reference for support', async () => {
    const { ada, store, host } = scene();
    await ada.enrolsTotp();
    store.arm('error', 'all');
    const page = await ada.agent.get('/mfa/factors').set('Accept', 'text/html').expect(503);
    expect(page.headers['retry-after']).toBe('5');
    expect(page.text).toMatch(/Something we need is not working just now/);
    expect(page.text).toMatch(/Reference: urn:uuid:[0-9a-f-]{36}/);
    expect(page.text).not.toContain('hunter2');
    expect(String((host.errors.at(-1) as Error).cause)).toContain(DRIVERS_WORDS);
  });
});

/** express-session's own store, failing at chosen calls. */
class FaultySessions extends session.MemoryStore {
  failing = new Set<'get' | 'set' | 'destroy'>();
  failAt = 0;
  private count = 0;

  private broken(verb: 'get' | 'set' | 'destroy'): Error | undefined {
    if (!this.failing.has(verb)) return undefined;
    this.count += 1;
    return this.failAt === 0 || this.count === this.failAt ? new Error(DRIVERS_WORDS) : undefined;
  }

  arm(verb: 'get' | 'set' | 'destroy', at = 0): void {
    this.failing = new Set([verb]);
    this.failAt = at;
    this.count = 0;
  }

  heal(): void {
    this.failing.clear();
  }

  override get(sid: string, done: (error: unknown, session?: session.SessionData | null) => void): void {
    const error = this.broken('get');
    if (error) return void done(error);
    super.get(sid, done);
  }

  override set(sid: string, data: session.SessionData, done?: (error?: unknown) => void): void {
    const error = this.broken('set');
    if (error) return void done?.(error);
    super.set(sid, data, done);
  }

  override destroy(sid: string, done?: (error?: unknown) => void): void {
    const error = this.broken('destroy');
    if (error) return void done?.(error);
    super.destroy(sid, done);
  }
}

describe('X01 (d) the session store breaks', () => {
  it.each(['set', 'destroy'] as const)('at parking, on %s: 503, and nobody is signed in', async (verb) => {
    const sessions = new FaultySessions();
    const { ada } = scene({ sessionStore: sessions });
    await ada.enrolsTotp();
    await ada.signsOut();
    sessions.arm(verb);
    expectClosed(await ada.password());
    sessions.heal();
    await ada.get('/app').expect(401);
    await ada.elsewhere().signsIn();
  });

  it.each([
    ['set', 1],
    ['destroy', 1],
  ] as const)(
    'at promotion, on %s number %d: 503, nobody is signed in, and the next code signs in',
    async (verb, at) => {
      const sessions = new FaultySessions();
      const { ada } = scene({ sessionStore: sessions });
      await pending({ ada } as Scene);
      sessions.arm(verb, at);
      expectClosed(await ada.verify({ code: ada.nextCode() }));
      sessions.heal();
      await ada.get('/app').expect(401);
      await ada.get('/payout').expect(401);
      const again = ada.elsewhere();
      await again.signsIn();
      await again.get('/app').expect(200);
    },
  );

  it.each([
    ['set', 1],
    ['destroy', 1],
  ] as const)('at a log-in that needs no second factor, on %s number %d: nobody is signed in', async (verb, at) => {
    const sessions = new FaultySessions();
    const { ada } = scene({ sessionStore: sessions });
    await ada.get('/app').expect(401);
    sessions.arm(verb, at);
    const answer = await ada.password();
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(answer.text).not.toContain('hunter2');
    sessions.heal();
    await ada.get('/app').expect(401);
    await ada.password().expect(302);
  });

  it('disconnected: express-session goes on without a session, we do not', async () => {
    const sessions = new FaultySessions();
    const { ada } = scene({ sessionStore: sessions });
    await pending({ ada } as Scene);
    sessions.emit('disconnect');
    // Passport's own session strategy stops most of these before they reach us.
    for (const call of [
      ada.password(),
      ada.verify({ code: ada.nextCode() }),
      ada.get('/mfa/challenge'),
      ada.get('/app'),
    ])
      expect((await call).status).toBeGreaterThanOrEqual(500);
    sessions.emit('connect');
    await ada.verify({ code: ada.nextCode() }).expect(200);
  });
});

describe('X01 the host’s own functions break', () => {
  const boom = () => {
    throw new Error(DRIVERS_WORDS);
  };

  it.each(['policy', 'findById', 'labelOf', 'tenantOf', 'idOf'] as const)(
    '%s throws: 503, never "no MFA needed"',
    async (name) => {
      let isBroken = false;
      const breaking = (otherwise: (given: never) => unknown) => (given: never) =>
        isBroken ? boom() : otherwise(given);
      const users = {
        findById: (id: unknown) => host.users.get(String(id)),
        idOf: (user: { id: string }) => user.id,
        labelOf: () => 'ada',
        tenantOf: () => undefined,
      };
      const { ada, host } = scene({
        mfa:
          name === 'policy'
            ? { policy: breaking(() => 'optional') as never }
            : { users: { ...users, [name]: breaking(users[name] as never) } as never },
      });
      await ada.enrolsTotp();
      await ada.signsOut();
      await ada.password().expect(200);
      isBroken = true;
      const verified = await ada.verify({ code: ada.nextCode() });
      expectClosed(verified);
      const elsewhere = ada.elsewhere();
      if (name !== 'findById') expectClosed(await elsewhere.password());
      isBroken = false;
      await ada.get('/app').expect(401);
      await elsewhere.get('/app').expect(401);
      await ada.verify({ code: ada.nextCode() }).expect(200);
    },
  );

  it.each([
    undefined,
    null,
    'require',
    'REQUIRED',
    true,
    {},
    { mfa: 'never' },
    { mfa: 'required', factors: 'totp' },
    [],
  ])('policy answers %p: that is no policy, so 503 and not "optional"', async (answer) => {
    const { ada } = scene({ mfa: { policy: (() => answer) as never } });
    expectClosed(await ada.password());
    await ada.get('/app').expect(401);
  });

  it('beforeSignIn throws: a refusal, and the code is not spent', async () => {
    let isBroken = true;
    const { ada, host } = scene({ mfa: { beforeSignIn: (_user, { factor }) => void (factor && isBroken && boom()) } });
    await pending({ ada } as Scene);
    const code = ada.nextCode();
    const refused = await ada.verify({ code }).expect(403);
    expect(refused.body.code).toBe('sign_in_refused');
    expect(refused.text).not.toContain('hunter2');
    expect(host.errors).toHaveLength(1);
    isBroken = false;
    await ada.verify({ code }).expect(200);
  });

  it('beforeChallenge throws: nothing is sent', async () => {
    const { ada, host } = scene({ mfa: { beforeChallenge: boom } });
    await ada.enrolsTotp();
    await ada.post('/mfa/factors/sms', { phone: '+12125550100' }).expect(422);
    expect(host.inbox.messages()).toEqual([]);
  });

  it.each(['layout', 'copy', 'csrfToken', 'onError'] as const)('%s throws: an answer all the same', async (name) => {
    const { ada, host } = scene({
      mfa: {
        ...(name === 'layout' ? { pages: { layout: boom } } : {}),
        ...(name === 'copy' ? { copy: boom } : {}),
        ...(name === 'onError' ? { onError: boom, pages: { layout: boom } } : {}),
      },
      ...(name === 'csrfToken'
        ? { before: (app) => void app.use((req, _res, next) => next(void Object.assign(req, { csrfToken: boom }))) }
        : {}),
    });
    await ada.enrolsTotp();
    for (const path of ['/mfa/factors', '/mfa/nowhere']) {
      const page = await ada.agent.get(path).set('Accept', 'text/html').expect(503);
      expect(page.body.code).toBe('unavailable');
      expect(page.text).not.toContain('hunter2');
    }
    if (name !== 'onError') expect(host.errors.length).toBeGreaterThan(0);
  });

  it('afterSignIn throws: every factor was right, so the sign-in stands, and the host hears of it', async () => {
    let isBroken = false;
    const { ada, host } = scene({ mfa: { afterSignIn: () => (isBroken ? boom() : undefined) } });
    await pending({ ada } as Scene);
    isBroken = true;
    const answer = await ada.verify({ code: ada.nextCode() }).expect(200);
    expect(answer.text).not.toContain('hunter2');
    expect(host.errors.map((error) => (error as Error).message)).toEqual([DRIVERS_WORDS]);
    await ada.get('/app').expect(200);
  });
});

function cookies(person: Person): string[] {
  const jar = person.agent.jar as unknown as { getCookies(about: object): { toString(): string }[] };
  return jar.getCookies({ domain: '127.0.0.1', path: '/', secure: false, script: false }).map(String);
}
