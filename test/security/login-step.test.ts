import { describe, expect, it } from '@jest/globals';
import request, { type Response } from 'supertest';
import type { Factor } from '../../src/core/factor.js';
import { backupCodes, totp } from '../../src/index.js';
import { Ad, doors, whoIsIt } from '../support/doors.js';
import { createHost, type HostOptions, type TestHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { embedded, stores } from '../support/stores.js';

type Open = (typeof stores)[number]['open'];

/** A host on one of the stores; both on the same clock. */
function hostOn(open: Open, options: HostOptions = {}): TestHost {
  const clock = testClock();
  return createHost({ ...options, store: open(clock) }, clock);
}

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'] as const;
type Method = (typeof METHODS)[number];
const TYPES = ['application/json', 'text/html'] as const;

/** Ada has an authenticator app; her password was right, and that is all so far. */
async function pendingAda(options: HostOptions = {}): Promise<Person> {
  const ada = await new Person(createHost(options), 'ada').enrolsTotp();
  await ada.signsOut();
  await ada.password().expect(200);
  return ada;
}

/** What the library's router answers to, read from the router itself. */
function routesOf(host: TestHost): { method: Method; path: string }[] {
  const { stack } = host.mfa.router() as unknown as {
    stack: { route?: { path: string; stack: { method: string }[] } }[];
  };
  return stack.flatMap(({ route }) =>
    (route?.stack ?? []).map(({ method }) => ({ method: method as Method, path: route?.path ?? '' })),
  );
}

const filledIn = (path: string, id: string) => `/mfa${path}`.replace(':kind', 'totp').replace(/:\w+/, id);

/** The session as anything that reads the session store itself would find it. */
async function storedSessions(host: TestHost): Promise<Record<string, unknown>[]> {
  return await new Promise((resolve, reject) => {
    host.sessions.all?.((error, all) =>
      error ? reject(error as Error) : resolve(Object.values(all ?? {}) as unknown as Record<string, unknown>[]),
    );
  });
}

describe('L01 a pending visitor', () => {
  const naive: HostOptions = {
    routes(app) {
      app.all('/naive', (req, res) => void res.status(req.user ? 200 : 401).json({ secret: req.user ? 'yes' : 'no' }));
      app.all('/who', whoIsIt);
    },
  };

  it.each(TYPES)('is to every host route what an anonymous one is (Accept: %s)', async (type) => {
    const ada = await pendingAda(naive);
    const anonymous = request(ada.host.app);
    const ask = async (who: Pick<typeof anonymous, Method>, method: Method, path: string) => {
      const answer: Response = await who[method](path).set('Accept', type).set('Upgrade', 'websocket');
      return { status: answer.status, body: answer.text, location: answer.headers.location };
    };
    for (const path of ['/app', '/naive', '/who', '/nowhere']) {
      for (const method of METHODS)
        expect(await ask(ada.agent, method, path)).toEqual(await ask(anonymous, method, path));
    }
    await ada.get('/who').expect(200, { believed: null, authenticated: false });
    await ada.verify({ code: ada.nextCode() }).expect(200);
  });

  it.each(METHODS)('is stopped at a guarded host route (%s)', async (method) => {
    const ada = await pendingAda();
    const json = await ada.agent[method]('/payout').set('Accept', 'application/json').expect(401);
    if (method !== 'head') expect(json.body).toMatchObject({ code: 'mfa_required', next: { href: '/mfa/challenge' } });
    const html = await ada.agent[method]('/payout').set('Accept', 'text/html');
    expect([html.status, html.headers.location]).toEqual([303, '/mfa/challenge']);
  });

  it('has a session without a Passport user, for whoever reads the session store', async () => {
    const ada = await pendingAda();
    for (const session of await storedSessions(ada.host)) expect(session).not.toHaveProperty('passport');
  });

  /** `get /` sends everybody to the settings, which decide. */
  const OPEN = ['get /', 'get /assets/:name', 'get /challenge', 'post /challenge', 'post /challenge/verify'];

  it('finds these routes of the library open, and no others', async () => {
    const ada = await pendingAda();
    const open: string[] = [];
    const routes = routesOf(ada.host);
    expect(routes.length).toBeGreaterThan(20);
    for (const { method, path } of routes.filter((one) => one.path !== '/challenge/cancel')) {
      const url = filledIn(path, ada.factorId);
      const answer: Response = await ada.agent[method](url).set('Accept', 'application/json').send({});
      const name = `${method} ${path}`;
      if (answer.body.code !== 'mfa_required') open.push(name);
      else
        expect([name, answer.status, answer.body.next]).toEqual([
          name,
          401,
          { action: 'challenge', href: '/mfa/challenge' },
        ]);
      expect(JSON.stringify(answer.body)).not.toContain(ada.secret);
    }
    expect(open.sort()).toEqual(OPEN);
    await ada.verify({ code: ada.nextCode() }).expect(200);
  });

  it('is led to the challenge by every page of the library that is shut', async () => {
    const ada = await pendingAda();
    for (const { method, path } of routesOf(ada.host)) {
      if (method !== 'get' || OPEN.includes(`${method} ${path}`)) continue;
      const page = await ada.agent.get(filledIn(path, ada.factorId)).set('Accept', 'text/html');
      expect([path, page.status, page.headers.location]).toEqual([path, 303, '/mfa/challenge']);
    }
  });

  it('gets nothing from methods and spellings the router does not know', async () => {
    const ada = await pendingAda();
    const paths = [
      '/mfa/challenge',
      '/MFA/Factors',
      '/mfa//factors',
      '/mfa/./status',
      '/mfa/%66actors',
      '/mfa/status/',
    ];
    for (const path of paths) {
      for (const method of METHODS) {
        if (path === '/mfa/challenge' && ['get', 'head', 'post'].includes(method)) continue;
        const answer: Response = await ada.agent[method](path).set('Accept', 'application/json');
        expect([path, method, answer.status]).toEqual([path, method, expect.any(Number)]);
        if (answer.status < 300)
          expect([path, method, answer.text ?? '']).toEqual([path, 'options', expect.stringMatching(/^[A-Z, ]*$/)]);
      }
    }
    await ada.verify({ code: ada.nextCode() }).expect(200);
  });

  it('can cancel, and is nobody again', async () => {
    const ada = await pendingAda();
    await ada.post('/mfa/challenge/cancel').expect(200);
    await ada.verify({ code: ada.nextCode() }).expect(401);
    await ada.get('/app').expect(401);
  });
});

describe.each(embedded)('L02 on $name', ({ open }) => {
  describe.each(doors)('$name', (door) => {
    const host = (mfa: HostOptions['mfa'] = {}) =>
      hostOn(open, { mfa, routes: (app, parts) => door.install(app, parts) });

    it(`a user with a factor is ${door.ends}`, async () => {
      const ada = await new Person(host(), 'ada').enrolsTotp();
      await ada.signsOut();
      const answer = await door.knock(ada);
      expect(answer.body.believed).toBeUndefined();
      expect(answer.body).toMatchObject(door.ends === 'parked' ? { mfaRequired: true } : { code: 'mfa_required' });
      expect(answer.status).toBe(door.ends === 'parked' ? 200 : 401);
      await ada.get('/app').expect(401);
      for (const session of await storedSessions(ada.host)) expect(session).not.toHaveProperty('passport.user');
      if (door.ends === 'refused') return;
      await ada.verify({ code: ada.nextCode() }).expect(200);
      await ada.get('/app').expect(200, { user: 'user-ada' });
    });

    it('a user without a factor passes as before', async () => {
      const bob = new Person(host(), 'bob');
      const answer = await door.knock(bob).expect(200);
      expect(answer.body).toEqual({ believed: 'user-bob', authenticated: true });
      await bob.get('/app').expect(door.ends === 'parked' ? 200 : 401);
    });

    it('nobody passes who must have a factor and has none', async () => {
      const eve = new Person(host({ policy: () => 'required' }), 'eve');
      const answer = await door.knock(eve);
      expect(answer.body).toMatchObject(
        door.ends === 'parked' ? { next: { action: 'enrol' } } : { code: 'mfa_required' },
      );
      await eve.get('/app').expect(401);
    });
  });
});

describe('L02 a door that is exempt', () => {
  const exempt = (options: Record<string, unknown>): HostOptions => ({
    routes(app, { passport, users }) {
      passport.use(
        new Ad('bearer', (req, on) =>
          on.success([...users.values()].find(({ email }) => email === req.get('x-token')) ?? {}),
        ),
      );
      app.get('/api', passport.authenticate('bearer', options), whoIsIt);
    },
  });

  it('opens for one request, keeps no session, and leaves an event', async () => {
    const ada = await new Person(createHost(exempt({ session: false, mfa: 'exempt' })), 'ada').enrolsTotp();
    await ada.signsOut();
    const answer = await ada.get('/api').set('x-token', ada.user.email).expect(200);
    expect(answer.body).toEqual({ believed: 'user-ada', authenticated: true });
    expect(ada.host.events.at(-1)).toMatchObject({ type: 'sign_in.exempted', userId: 'user-ada' });
    await ada.get('/app').expect(401);
  });

  it.each([{ mfa: 'exempt' }, { mfa: 'exempt', session: true }, { mfa: 'off', session: false }])(
    'is shut where it was opened wrongly: %j',
    async (options) => {
      const ada = await new Person(createHost(exempt(options)), 'ada').enrolsTotp();
      await ada.signsOut();
      const answer = await ada.get('/api').set('x-token', ada.user.email).expect(503);
      expect(answer.text).not.toContain('believed');
      expect(String(ada.host.errors.at(-1))).toContain('session: false');
      await ada.get('/app').expect(401);
    },
  );

  it('is shut when the event cannot be kept', async () => {
    const ada = await new Person(createHost(exempt({ session: false, mfa: 'exempt' })), 'ada').enrolsTotp();
    await ada.signsOut();
    await ada.host.store.close();
    await ada.get('/api').set('x-token', ada.user.email).expect(503);
  });
});

describe('L03 an id is good for nothing but what it was made for', () => {
  it('a pending id or a challenge id opens no door as a token, a cookie or another id', async () => {
    const ada = await pendingAda();
    const [session] = (await storedSessions(ada.host)) as { mfa?: { pending?: { id: string } } }[];
    const id = session?.mfa?.pending?.id ?? '';
    expect(id).not.toBe('');
    const stranger = request(ada.host.app);
    for (const path of ['/app', '/payout', '/mfa/status', '/mfa/challenge']) {
      await stranger.get(path).set('Accept', 'application/json').set('Authorization', `Bearer ${id}`).expect(401);
      await stranger
        .get(path)
        .set('Accept', 'application/json')
        .set('Cookie', `connect.sid=s%3A${id}; mfa=${id}`)
        .expect(401);
    }
    const right = ada.nextCode();
    await ada.verify({ code: right, factorId: id }).expect(404);
    await ada.delete(`/mfa/factors/${id}`).expect(401);
    await ada.verify({ code: right }).expect(200);
    await ada.get(`/mfa/factors/${id}`).expect(404);
  });
});

describe.each(stores)('L05 on $name, without a first factor', ({ open }) => {
  it.each([
    { userId: 'user-ada' },
    { username: 'ada@acme.example' },
    { owner: 'u:user-ada', pendingId: 'x', mfa: { pending: { owner: 'u:user-ada' } } },
  ])('naming a user proves nothing: %j', async (named) => {
    const ada = await new Person(hostOn(open), 'ada').enrolsTotp();
    const stranger = new Person(ada.host, 'stranger');
    for (let time = 0; time < 12; time += 1) {
      const answer = await stranger.verify({ ...named, code: '000000' }).set('Cookie', 'verify=user-ada');
      expect([answer.status, answer.body.code]).toEqual([401, 'sign_in_required']);
    }
    await ada.signsOut();
    await ada.password().expect(200);
    const wrong = await ada.verify({ code: '000000' }).expect(422);
    expect(wrong.body.attemptsLeft).toBe(4);
    await ada.verify({ ...named, userId: 'user-stranger', code: ada.nextCode() }).expect(200);
    await ada.get('/app').expect(200, { user: 'user-ada' });
  });
});

describe.each(stores)("L06 on $name, another user's material", ({ open }) => {
  async function two() {
    const host = hostOn(open);
    const ada = await new Person(host, 'ada').enrolsTotp();
    const bob = await new Person(host, 'bob').enrolsTotp();
    const begun = await bob.post('/mfa/factors/sms', { phone: '+1 212 555 0100' }).expect(201);
    await bob.post(`/mfa/factors/${begun.body.id}/confirm`, { code: bob.texted() }).expect(200);
    for (const one of [ada, bob]) {
      await one.signsOut();
      await one.password().expect(200);
    }
    const sent = await bob.post('/mfa/challenge', { factorId: begun.body.id }).expect(202);
    return { ada, bob, smsId: begun.body.id as string, challengeId: sent.body.challengeId as string };
  }

  it('ids are not there, codes are wrong, and the other user keeps everything', async () => {
    const { ada, bob, smsId, challengeId } = await two();
    const texted = bob.texted();
    await ada.verify({ code: texted, factorId: smsId, challengeId }).expect(404);
    const [foreign, nobodys] = [smsId, `${smsId}x`].map((factorId) => ada.verify({ code: texted, factorId }));
    expect([(await foreign)?.status, (await foreign)?.body.code]).toEqual([410, 'challenge_expired']);
    expect([(await nobodys)?.status, (await nobodys)?.body.code]).toEqual([410, 'challenge_expired']);
    await ada.post('/mfa/challenge', { factorId: smsId }).expect(404);
    await ada.verify({ code: bob.code(), factorId: bob.factorId }).expect(404);
    expect((await ada.verify({ code: bob.nextCode() }).expect(422)).body.attemptsLeft).toBe(4);
    expect((await ada.verify({ code: bob.backupCodes[0] }).expect(422)).body).toMatchObject({ code: 'code_wrong' });
    await ada.get('/app').expect(401);

    const wrong = await bob.verify({ code: '000000', factorId: smsId, challengeId }).expect(422);
    expect(wrong.body.attemptsLeft).toBe(4);
    await bob.verify({ code: texted, factorId: smsId, challengeId }).expect(200);
    await bob.signsOut();
    await bob.password().expect(200);
    await bob.verify({ code: bob.backupCodes[0] }).expect(200);
    await bob.signsOut();
    await bob.password().expect(200);
    await bob.verify({ code: bob.code() }).expect(200);
  });
});

describe('L08 a part that misbehaves signs nobody in', () => {
  /** A factor somebody else wrote, whose answer to every code is `verdict`. */
  function odd(verdict: () => unknown): Factor {
    return { ...totp(), kind: 'odd', verify: async () => (await verdict()) as never };
  }
  const verdicts: readonly [string, () => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('odd');
      },
    ],
    ['rejects', () => Promise.reject(new Error('odd'))],
    ['returns undefined', () => undefined],
    ['returns null', () => null],
    ['returns {}', () => ({})],
    ['returns 1', () => 1],
    ['returns true', () => true],
    ['returns "true"', () => 'true'],
    ['returns { ok: 1 }', () => ({ ok: 1 })],
    ['returns { ok: "true" }', () => ({ ok: 'true' })],
    ['returns an error', () => new Error('odd')],
  ];

  it.each(verdicts)('a factor that %s', async (_, verdict) => {
    let answer: () => unknown = () => ({ ok: true });
    const factors = [odd(() => answer()), totp(), backupCodes()];
    const host = createHost({ mfa: { factors } });
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    const begun = await ada.post('/mfa/factors/odd').expect(201);
    ada.secret = begun.body.secret;
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.code() }).expect(200);
    await ada.signsOut();
    await ada.password().expect(200);
    answer = verdict;
    const refused = await ada.verify({ code: ada.nextCode(), factorId: 'odd' });
    expect([refused.status, refused.body.authenticated]).toEqual([503, undefined]);
    await ada.get('/app').expect(401);
    expect(host.events.filter(({ type }) => type === 'sign_in.completed')).toHaveLength(1);
    answer = () => ({ ok: true });
    await ada.verify({ code: ada.nextCode(), factorId: 'odd' }).expect(200);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('policy');
      },
    ],
    ['rejects', () => Promise.reject(new Error('policy'))],
  ])('a policy hook that %s', async (_, policy) => {
    const bob = new Person(createHost({ mfa: { policy } }), 'bob');
    const answer = await bob.password().expect(503);
    expect(answer.headers['retry-after']).toBeDefined();
    expect(answer.text).not.toContain('policy');
    await bob.get('/app').expect(401);
  });

  it('a user look-up that throws, at the second factor', async () => {
    let broken = false;
    const host: TestHost = createHost({
      mfa: {
        users: {
          findById(id) {
            if (broken) throw new Error('the users are gone');
            return host.users.get(String(id));
          },
        },
      },
    });
    const ada = await new Person(host, 'ada').enrolsTotp();
    await ada.signsOut();
    await ada.password().expect(200);
    broken = true;
    await ada.verify({ code: ada.nextCode() }).expect(503);
    await ada.get('/app').expect(401);
    broken = false;
    await ada.verify({ code: ada.nextCode() }).expect(200);
  });

  it('a veto hook that throws', async () => {
    const ada = await pendingAda({
      mfa: {
        beforeSignIn(_user, { factor }) {
          if (factor) throw new Error('veto');
          return true;
        },
      },
    });
    const refused = await ada.verify({ code: ada.nextCode() }).expect(403);
    expect(refused.body.code).toBe('sign_in_refused');
    await ada.get('/app').expect(401);
  });

  it('a Passport that cannot serialize the user', async () => {
    const ada = await pendingAda();
    (ada.host.passport as unknown as { _serializers: unknown[] })._serializers.length = 0;
    await ada.verify({ code: ada.nextCode() }).expect(503);
    await ada.get('/app').expect(401);
  });

  it('a first factor whose user has no id', async () => {
    const bob = new Person(createHost({ mfa: { users: { findById: () => null, idOf: () => '' } } }), 'bob');
    await bob.password().expect(503);
    await bob.get('/app').expect(401);
  });

  it('a store that is gone', async () => {
    const bob = new Person(createHost(), 'bob');
    await bob.host.store.close();
    await bob.password().expect(503);
    await bob.get('/app').expect(401);
  });
});

describe.each(stores)('L10 on $name, a forced enrolment', ({ open }) => {
  const required = () => hostOn(open, { mfa: { policy: () => 'required' } });

  it('opens the set-up routes, and nothing else, until one factor works', async () => {
    const host = required();
    const eve = new Person(host, 'eve');
    const parked = await eve.password().expect(200);
    expect(parked.body.next).toEqual({ action: 'enrol', href: '/mfa/factors' });
    const open: string[] = [];
    for (const { method, path } of routesOf(host).filter((one) => one.path !== '/challenge/cancel')) {
      const answer: Response = await eve.agent[method](filledIn(path, 'none'))
        .set('Accept', 'application/json')
        .send({});
      if (answer.body.code !== 'mfa_required') open.push(`${method} ${path}`);
    }
    expect(open.filter((name) => !/ \/(assets|challenge|$)/.test(name)).sort()).toEqual([
      'get /factors',
      'get /factors/:id',
      'get /factors/new/:kind',
      'post /factors/:id/confirm',
      'post /factors/:id/resend',
      'post /factors/:kind',
    ]);
    await eve.get('/app').expect(401);
    await eve.get('/payout').expect(401);
    await eve.verify({ code: '000000', factorId: 'totp' }).expect(404);
  });

  it('is not skipped by another log-in, a second browser, or by signing out and in', async () => {
    const host = required();
    const eve = new Person(host, 'eve');
    for (const browser of [eve, eve, eve.elsewhere()]) {
      await browser.password().expect(200);
      await browser.get('/app').expect(401);
    }
    await eve.signsOut();
    await eve.get('/mfa/factors').expect(401);
    await eve.password().expect(200);
    await eve.get('/app').expect(401);
  });

  it('becomes one full sign-in with a new session', async () => {
    const host = required();
    const eve = new Person(host, 'eve');
    await eve.password().expect(200);
    const before = new Set(Object.keys((host.sessions as unknown as { sessions: object }).sessions));
    await eve.addsTotp();
    await eve.get('/app').expect(200, { user: 'user-eve' });
    for (const id of Object.keys((host.sessions as unknown as { sessions: object }).sessions))
      expect(before.has(id)).toBe(false);
    expect(host.events.filter(({ type }) => type === 'sign_in.completed')).toHaveLength(1);
  });

  it('in a second tab is over once the first tab has set a factor up', async () => {
    const host = required();
    const [one, two] = [new Person(host, 'eve'), new Person(host, 'eve')];
    await one.password().expect(200);
    await two.password().expect(200);
    const begun = await two.post('/mfa/factors/totp').expect(201);
    await one.addsTotp();
    two.secret = begun.body.secret;
    const late = await two.post(`/mfa/factors/${begun.body.id}/confirm`, { code: two.nextCode() }).expect(401);
    expect(late.body.code).toBe('sign_in_again');
    await two.get('/app').expect(401);
    await two.password().expect(200);
    expect((await two.get('/mfa/challenge').expect(200)).body.next.action).toBe('challenge');
  });

  it('is not for a user who has a factor', async () => {
    const host = required();
    const eve = new Person(host, 'eve');
    await eve.password().expect(200);
    await eve.addsTotp();
    await eve.signsOut();
    await eve.password().expect(200);
    for (const path of ['/mfa/factors/totp', `/mfa/factors/${eve.factorId}/confirm`, '/mfa/factors/sms']) {
      const answer = await eve.post(path, { code: eve.code(), phone: '+1 212 555 0100' });
      expect([path, answer.status, answer.body.code]).toEqual([path, 401, 'mfa_required']);
    }
    expect(host.inbox.messages()).toHaveLength(0);
    await eve.verify({ code: eve.nextCode() }).expect(200);
    expect((await eve.get('/mfa/factors').expect(200)).body.factors).toHaveLength(1);
  });
});
