import { afterEach, describe, expect, it, jest } from '@jest/globals';
import session from 'express-session';
import request, { type Test } from 'supertest';
import { memoryStore, type Store } from '../../src/index.js';
import { createHost, type HostOptions, type TestHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { cookieOf, idOf, storedSessions, storeSession } from '../support/sessions.js';
import { stores } from '../support/stores.js';

type Open = (typeof stores)[number]['open'];

const MINUTE = 60_000;

/** A host on one of the stores; both on the same clock. */
function hostOn(open: Open, options: HostOptions = {}): TestHost {
  const clock = testClock();
  return createHost({ ...options, store: open(clock) }, clock);
}

/** Host pages that keep something in the session. */
const withCart: HostOptions['routes'] = (app) => {
  app.post('/cart', (req, res) => {
    Object.assign(req.session, { cart: ['tea'], note: 'from before' });
    res.json({});
  });
  app.get('/session', (req, res) => {
    const { cart, note } = req.session as unknown as { cart?: unknown; note?: unknown };
    res.json({
      cart: cart ?? null,
      note: note ?? null,
      mfa: Object.keys((req.session as unknown as { mfa?: object }).mfa ?? {}),
    });
  });
};

async function pendingAda(host: TestHost): Promise<Person> {
  const ada = await new Person(host, 'ada').enrolsTotp();
  await ada.signsOut();
  await ada.password().expect(200);
  return ada;
}

/** Adds a phone to an account that has an authenticator app already. */
async function addsPhone(person: Person): Promise<string> {
  const begun = await person.post('/mfa/factors/sms', { phone: '+1 212 555 0100' }).expect(201);
  await person.post(`/mfa/factors/${begun.body.id}/confirm`, { code: person.texted() }).expect(200);
  return begun.body.id;
}

const answers = (cookie: string, host: TestHost) => async (path: string) =>
  (await request(host.app).get(path).set('Accept', 'application/json').set('Cookie', cookie)).status;

describe.each(stores)('S01 on $name, the session id', ({ open }) => {
  it('is new at the first factor, at the second, and at a step-up; the old ones are dead in the session store', async () => {
    const host = hostOn(open, { routes: withCart });
    const ada = await new Person(host, 'ada').enrolsTotp();
    ada.agent = request.agent(host.app);

    const planted = cookieOf(await ada.post('/cart').expect(200));
    const pending = cookieOf(await ada.password().expect(200));
    const signedIn = cookieOf(await ada.verify({ code: ada.nextCode() }).expect(200));
    host.clock.advance(11 * MINUTE);
    await ada.get('/payout').expect(403);
    const steppedUp = cookieOf(await ada.verify({ code: ada.nextCode() }).expect(200));
    await ada.get('/payout').expect(200);

    expect(new Set([planted, pending, signedIn, steppedUp]).size).toBe(4);
    const kept = await storedSessions(host);
    expect(kept).toHaveProperty([idOf(steppedUp)]);
    for (const old of [planted, pending, signedIn]) {
      expect(Object.keys(kept)).not.toContain(idOf(old));
      const ask = answers(old, host);
      for (const path of ['/app', '/payout', '/mfa/challenge', '/mfa/status']) expect(await ask(path)).toBe(401);
    }
  });

  it('is new for users without a factor too, and when one is set up', async () => {
    const host = hostOn(open, { routes: withCart });
    const bob = new Person(host, 'bob');
    const planted = cookieOf(await bob.post('/cart').expect(200));
    const signedIn = cookieOf(await bob.password().expect(302));
    const begun = await bob.post('/mfa/factors/totp').expect(201);
    bob.secret = begun.body.secret;
    const enrolled = cookieOf(
      await bob.post(`/mfa/factors/${begun.body.id}/confirm`, { code: bob.code() }).expect(200),
    );
    expect(new Set([planted, signedIn, enrolled]).size).toBe(3);
    expect(Object.keys(await storedSessions(host))).not.toEqual(expect.arrayContaining([idOf(planted)]));
    expect(await answers(signedIn, host)('/app')).toBe(401);
  });

  it('is new when a pending sign-in is cancelled', async () => {
    const ada = await new Person(hostOn(open), 'ada').enrolsTotp();
    await ada.signsOut();
    const pending = cookieOf(await ada.password().expect(200));
    await ada.post('/mfa/challenge/cancel').expect(200);
    expect(Object.keys(await storedSessions(ada.host))).not.toContain(idOf(pending));
    expect(await answers(pending, ada.host)('/mfa/challenge')).toBe(401);
  });
});

describe.each(stores)('S03 on $name, parallel pending sign-ins', ({ open }) => {
  async function withPhone() {
    const host = hostOn(open);
    const ada = await new Person(host, 'ada').enrolsTotp();
    const factorId = await addsPhone(ada);
    await ada.signsOut();
    return { ada, factorId };
  }
  const sendTo = async (person: Person, factorId: string) => {
    const { body } = await person.post('/mfa/challenge', { factorId }).expect(202);
    return { challengeId: body.challengeId as string, factorId, code: person.texted() };
  };

  it('in two browsers are independent, each with its own challenge', async () => {
    const { ada: one, factorId } = await withPhone();
    const two = one.elsewhere();
    await one.password().expect(200);
    await two.password().expect(200);
    const first = await sendTo(one, factorId);
    one.host.clock.advance(31_000);
    const second = await sendTo(two, factorId);
    expect((await two.verify(first)).status).not.toBe(200);
    expect((await one.verify(second)).status).not.toBe(200);
    await two.get('/app').expect(401);
    await one.verify(first).expect(200);
    await one.get('/app').expect(200);
    await two.get('/app').expect(401);
    await two.verify(second).expect(200);
  });

  it('in two tabs of one session are one: the newest code is good, the older answers 410', async () => {
    const { ada, factorId } = await withPhone();
    await ada.password().expect(200);
    const first = await sendTo(ada, factorId);
    ada.host.clock.advance(31_000);
    const second = await sendTo(ada, factorId);
    expect((await ada.verify(first).expect(410)).body.code).toBe('challenge_expired');
    await ada.get('/app').expect(401);
    await ada.verify(second).expect(200);
  });

  it('share the budget of wrong answers', async () => {
    const host = hostOn(open);
    const one = await new Person(host, 'ada').enrolsTotp();
    await one.signsOut();
    const two = one.elsewhere();
    await one.password().expect(200);
    await two.password().expect(200);
    for (let time = 0; time < 5; time += 1) {
      await one.verify({ code: '000000' }).expect(422);
      await two.verify({ code: '000000' }).expect(422);
    }
    expect((await two.verify({ code: two.nextCode() })).body.code).toBe('user_locked');
    await two.get('/app').expect(401);
  });
});

describe.each(stores)('S06 on $name, while the second factor is outstanding', ({ open }) => {
  const changes: readonly [string, (person: Person) => unknown][] = [
    ['the password is changed', ({ host, user }) => host.mfa.api.credentialsChanged(user.id)],
    ['an admin resets the user', ({ host, user }) => host.mfa.api.resetUser(user.id, { reason: 'lost phone' })],
    ['the user is disabled', ({ user }) => Object.assign(user, { disabled: true })],
    ['the user is deleted', ({ host, user }) => host.users.delete(user.id)],
  ];

  it.each(changes)('%s: a right code is not accepted, and not looked at', async (_, change) => {
    const ada = await pendingAda(hostOn(open));
    await change(ada);
    const right = ada.nextCode();
    for (const answer of [{ code: right }, { code: ada.backupCodes[0] }]) {
      const refused = await ada.verify(answer).expect(401);
      expect(refused.body).toMatchObject({ code: 'sign_in_again', next: { action: 'sign_in', href: '/login' } });
    }
    await ada.get('/mfa/challenge').expect(401);
    await ada.get('/app').expect(401);
    expect(ada.host.events.filter(({ type }) => /^challenge\./.test(type))).toHaveLength(0);
  });

  it('a code that was refused for that is still good for the sign-in that follows', async () => {
    const ada = await pendingAda(hostOn(open));
    await ada.host.mfa.api.credentialsChanged(ada.user.id);
    const right = ada.nextCode();
    await ada.verify({ code: right }).expect(401);
    await ada.password().expect(200);
    await ada.verify({ code: right }).expect(200);
  });

  it('a code that is under way is void when the password is changed', async () => {
    const ada = await new Person(hostOn(open), 'ada').enrolsTotp();
    const factorId = await addsPhone(ada);
    await ada.signsOut();
    await ada.password().expect(200);
    const { body } = await ada.post('/mfa/challenge', { factorId }).expect(202);
    await ada.host.mfa.api.credentialsChanged(ada.user.id);
    await ada.password().expect(200);
    const late = await ada.verify({ code: ada.texted(), factorId, challengeId: body.challengeId });
    expect([late.status, late.body.authenticated]).toEqual([expect.any(Number), undefined]);
    await ada.get('/app').expect(401);
  });
});

describe.each(stores)('S07 on $name, a pending sign-in', ({ open }) => {
  it('lives ten minutes from the first factor, however often it is touched, and whatever the host does with its cookie', async () => {
    const clock = testClock();
    const store = open(clock);
    const sessions = new session.MemoryStore();
    const rolling = session({
      secret: 'cookie secret',
      resave: true,
      rolling: true,
      saveUninitialized: false,
      store: sessions,
    });
    const ada = await pendingAda(createHost({ store, sessionStore: sessions, session: rolling }, clock));
    for (let minute = 1; minute <= 9; minute += 1) {
      clock.advance(MINUTE);
      await ada.get('/mfa/challenge').expect(200);
    }
    clock.advance(MINUTE + 1000);
    for (const answer of [await ada.get('/mfa/challenge'), await ada.verify({ code: ada.code() })])
      expect([answer.status, answer.body.code]).toEqual([401, 'sign_in_again']);
    await ada.get('/app').expect(401);
  });

  it('is not made longer by another code', async () => {
    const ada = await new Person(hostOn(open), 'ada').enrolsTotp();
    const factorId = await addsPhone(ada);
    await ada.signsOut();
    await ada.password().expect(200);
    ada.host.clock.advance(9 * MINUTE);
    const { body } = await ada.post('/mfa/challenge', { factorId }).expect(202);
    ada.host.clock.advance(MINUTE + 1000);
    const late = await ada.verify({ code: ada.texted(), factorId, challengeId: body.challengeId }).expect(401);
    expect(late.body.code).toBe('sign_in_again');
  });

  it('is not made longer by the password again, and a new one can be begun after it', async () => {
    const ada = await pendingAda(hostOn(open));
    ada.host.clock.advance(9 * MINUTE);
    await ada.password().expect(200);
    ada.host.clock.advance(MINUTE + 1000);
    await ada.verify({ code: ada.code() }).expect(401);
    await ada.password().expect(200);
    await ada.verify({ code: ada.nextCode() }).expect(200);
  });
});

describe.each(stores)('S08 on $name, a promotion', ({ open }) => {
  it('happens once for two right answers at the same moment', async () => {
    const host = hostOn(open);
    const ada = await pendingAda(host);
    const before = host.events.filter(({ type }) => type === 'sign_in.completed').length;
    const code = ada.nextCode();
    const both = await Promise.all([ada.verify({ code }), ada.verify({ code })]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, expect.any(Number)]);
    const loser = both.find(({ status }) => status !== 200);
    expect([401, 409, 422]).toContain(loser?.status);
    expect(loser?.headers['set-cookie']).toBeUndefined();
    expect(host.events.filter(({ type }) => type === 'sign_in.completed')).toHaveLength(before + 1);
    const signedIn = Object.values(await storedSessions(host)).filter((kept) => kept.passport);
    expect(signedIn).toHaveLength(1);
    const winner = both.find(({ status }) => status === 200);
    if (winner) expect(await answers(cookieOf(winner), host)('/app')).toBe(200);
  });

  it('is answered only after the session is saved', async () => {
    const sessions = new session.MemoryStore();
    const saved = new Set<string>();
    const save = sessions.set.bind(sessions);
    sessions.set = (id, data, done) => {
      setTimeout(() => {
        const { mfa } = data as unknown as { mfa?: object };
        saved.add(`${id} ${Object.keys(mfa ?? {}).join()}`);
        save(id, data, done);
      }, 25);
    };
    const ada = await new Person(hostOn(open, { sessionStore: sessions }), 'ada').enrolsTotp();
    await ada.signsOut();
    // express-session holds back the last byte until it has saved; a browser follows a redirect as soon as it has the head.
    let atHead = new Set<string>();
    const noting = (test: Test) =>
      test.buffer(true).parse((res, done) => {
        atHead = new Set(saved);
        res.on('data', () => undefined).on('end', () => done(null, {}));
      });
    const form = { username: ada.user.email, password: ada.user.password };
    const parked = await noting(ada.agent.post('/login').type('form').send(form));
    expect([parked.status, parked.headers.location]).toEqual([303, '/mfa/challenge']);
    expect(atHead).toContain(`${idOf(cookieOf(parked))} pending`);
    const done = await noting(ada.verify({ code: ada.nextCode() })).expect(200);
    expect(atHead).toContain(`${idOf(cookieOf(done))} proof`);
  });
});

describe.each(stores)('S09 on $name, the other sessions of the user', ({ open }) => {
  async function threeBrowsers(before: (ada: Person) => Promise<unknown>) {
    const ada = new Person(hostOn(open), 'ada');
    await before(ada);
    const others = [ada.elsewhere(), ada.elsewhere()];
    for (const one of others) {
      const first = await one.password();
      if (first.status === 200) await one.verify({ code: one.nextCode() }).expect(200);
      await one.get('/app').expect(200);
    }
    return { ada, others };
  }
  const changes: readonly [string, (ada: Person) => Promise<unknown>, (ada: Person) => Promise<unknown>][] = [
    ['the first factor is added', (ada) => ada.password().expect(302), (ada) => ada.addsTotp()],
    ['another factor is added', (ada) => ada.enrolsTotp(), addsPhone],
    [
      'the factor is removed',
      (ada) => ada.enrolsTotp(),
      (ada) => ada.delete(`/mfa/factors/${ada.factorId}`).expect(200),
    ],
    ['everything is turned off', (ada) => ada.enrolsTotp(), (ada) => ada.post('/mfa/disable').expect(200)],
    ['backup codes are made anew', (ada) => ada.enrolsTotp(), (ada) => ada.post('/mfa/backup-codes').expect(201)],
  ];

  it.each(changes)('end when %s; the one that did it goes on under a new id', async (_, before, change) => {
    const { ada, others } = await threeBrowsers(before);
    if ((await ada.get('/mfa/status').expect(200)).body.fresh === false)
      await ada.verify({ code: ada.nextCode() }).expect(200);
    const ids = new Set(Object.keys(await storedSessions(ada.host)));
    await change(ada);
    await ada.get('/app').expect(200, { user: 'user-ada' });
    const fresh = Object.keys(await storedSessions(ada.host)).filter((id) => !ids.has(id));
    expect(fresh).toHaveLength(1);
    for (const one of others) {
      await one.get('/app').expect(401);
      await one.get('/mfa/status').expect(401);
    }
  });

  it('end when the password is changed, all of them', async () => {
    const { ada, others } = await threeBrowsers((person) => person.enrolsTotp());
    await ada.host.mfa.api.credentialsChanged(ada.user.id);
    for (const one of [ada, ...others]) await one.get('/app').expect(401);
  });
});

describe.each(stores)('resurrection on $name: a slow request that saves an old session late', ({ open }) => {
  it('cannot be used to verify again, nor to be signed in', async () => {
    let waiting: (() => void) | undefined;
    const started: { now?: () => void } = {};
    const hasStarted = new Promise<void>((resolve) => {
      started.now = resolve;
    });
    const host = hostOn(open, {
      routes(app) {
        app.get('/slow', (req, res) => {
          Object.assign(req.session, { late: true });
          waiting = () => res.json({});
          started.now?.();
        });
      },
    });
    const ada = await new Person(host, 'ada').enrolsTotp();
    await ada.signsOut();
    const pending = cookieOf(await ada.password().expect(200));
    const slow = request(host.app)
      .get('/slow')
      .set('Cookie', pending)
      .then((answer) => answer);
    await hasStarted;
    await ada.verify({ code: ada.nextCode() }).expect(200);
    waiting?.();
    await slow;

    expect((await storedSessions(host))[idOf(pending)]).toMatchObject({
      late: true,
      mfa: { pending: { id: expect.any(String) } },
    });
    const thief = request(host.app);
    const again = await thief
      .post('/mfa/challenge/verify')
      .set('Cookie', pending)
      .send({ code: ada.nextCode() })
      .expect(401);
    expect(again.body.code).toBe('sign_in_again');
    expect(await answers(pending, host)('/app')).toBe(401);
    expect(await answers(pending, host)('/payout')).toBe(401);
  });

  it('a parked session written over a signed-in one signs nobody in', async () => {
    const host = hostOn(open);
    const ada = await pendingAda(host);
    const [[id, kept] = ['', {}]] = Object.entries(await storedSessions(host)).filter(([, one]) => one.mfa?.pending);
    const done = cookieOf(await ada.verify({ code: ada.nextCode() }).expect(200));
    await storeSession(host, idOf(done), kept);
    await ada.get('/app').expect(401);
    await ada.verify({ code: ada.nextCode() }).expect(401);
    expect(id).not.toBe(idOf(done));
  });
});

describe('what lives on in the session', () => {
  const parkedWith = async (options: HostOptions) => {
    const ada = await new Person(createHost({ routes: withCart, ...options }), 'ada').enrolsTotp();
    await ada.signsOut();
    await ada.post('/cart').expect(200);
    await ada.password().expect(200);
    return ada;
  };

  it('is nothing of what was there before, when nothing is named', async () => {
    const ada = await parkedWith({});
    await ada.get('/session').expect(200, { cart: null, note: null, mfa: ['pending'] });
    await ada.verify({ code: ada.nextCode() }).expect(200);
    await ada.get('/session').expect(200, { cart: null, note: null, mfa: ['proof'] });
  });

  it('is what `carry` names, through both steps', async () => {
    const ada = await parkedWith({ mfa: { carry: ['cart'] } });
    await ada.get('/session').expect(200, { cart: ['tea'], note: null, mfa: ['pending'] });
    await ada.verify({ code: ada.nextCode() }).expect(200);
    await ada.get('/session').expect(200, { cart: ['tea'], note: null, mfa: ['proof'] });
  });

  it('is everything but the parked record with `keepSessionInfo`', async () => {
    const ada = await parkedWith({ loginOptions: { keepSessionInfo: true } });
    await ada.get('/session').expect(200, { cart: ['tea'], note: 'from before', mfa: ['pending'] });
    await ada.verify({ code: ada.nextCode() }).expect(200);
    await ada.get('/session').expect(200, { cart: ['tea'], note: 'from before', mfa: ['proof'] });
  });

  it.each(['mfa', 'passport', 'cookie'])('is never `%s`, which `carry` may not name', (key) => {
    expect(() => createHost({ mfa: { carry: ['cart', key] } })).toThrow(/carry/);
  });

  it('is the cart at a step-up', async () => {
    const ada = await parkedWith({});
    await ada.verify({ code: ada.nextCode() }).expect(200);
    await ada.post('/cart').expect(200);
    ada.host.clock.advance(11 * MINUTE);
    await ada.get('/payout').expect(403);
    await ada.verify({ code: ada.nextCode() }).expect(200);
    await ada.get('/session').expect(200, { cart: ['tea'], note: 'from before', mfa: ['proof'] });
    await ada.get('/payout').expect(200);
  });
});

describe('a record in the session that is not of our shape', () => {
  const odd = [
    true,
    'yes',
    1,
    [],
    { pending: true },
    { proof: true },
    { pending: {} },
    { proof: { grants: [] } },
    { proof: { id: 'x', owner: 'u:user-ada', grants: 1 } },
  ];
  it.each(odd.map((kept) => [kept]))('proves nothing and breaks nothing: %j', async (kept) => {
    const host = createHost({
      routes: (app) =>
        app.post('/odd', (req, res) => {
          Object.assign(req.session, { mfa: kept });
          res.json({});
        }),
    });
    const ada = await new Person(host, 'ada').enrolsTotp();
    await ada.signsOut();
    await ada.post('/odd').expect(200);
    await ada.get('/app').expect(401);
    await ada.get('/payout').expect(401);
    expect((await ada.get('/mfa/challenge').expect(401)).body.code).toBe('sign_in_required');
    await ada.password().expect(200);
    await ada.verify({ code: ada.nextCode() }).expect(200);
  });
});

describe('S09 over two processes on one store', () => {
  afterEach(() => void jest.restoreAllMocks());

  /** Two hosts with one store, one session store and one user base between them. */
  async function pair(wrap: (store: Store) => Store = (store) => store) {
    const clock = testClock();
    const store = wrap(memoryStore({ clock }));
    const sessions = new session.MemoryStore();
    const strict: HostOptions['routes'] = (app, { mfa }) =>
      app.get('/strict', mfa.require({ strict: true }), (_req, res) => void res.json({ paid: true }));
    const [one, two] = [1, 2].map(() => createHost({ store, sessionStore: sessions, routes: strict }, clock)) as [
      TestHost,
      TestHost,
    ];
    const ada = await new Person(one, 'ada').enrolsTotp();
    two.users.set(ada.user.id, ada.user);
    await ada.signsOut();
    await ada.password().expect(200);
    const cookie = cookieOf(await ada.verify({ code: ada.nextCode() }).expect(200));
    const onTwo = answers(cookie, two);
    expect(await onTwo('/app')).toBe(200);
    return { one, two, ada, onTwo, cookie, clock, shared: { store, sessionStore: sessions } };
  }

  /** The monotonic clock of every process goes on; what they know of ended proofs gets old. */
  function later(ms: number): void {
    const now = performance.now() + ms;
    jest.spyOn(performance, 'now').mockReturnValue(now);
  }

  it('a proof that ended elsewhere is over after the next refresh, and at once where the rule is strict', async () => {
    const { one, onTwo, ada } = await pair();
    await one.mfa.api.credentialsChanged(ada.user.id);
    expect(await onTwo('/strict')).toBe(401);
    later(5_001);
    expect(await onTwo('/app')).toBe(401);
    expect(await onTwo('/payout')).toBe(401);
  });

  it('without a strict rule in between, the refresh alone ends it', async () => {
    const { one, onTwo, ada } = await pair();
    await one.mfa.api.credentialsChanged(ada.user.id);
    later(5_001);
    expect(await onTwo('/app')).toBe(401);
  });

  it('a process that starts after the audit log was swept knows what ended before', async () => {
    const { one, ada, cookie, clock, shared } = await pair();
    await one.mfa.api.credentialsChanged(ada.user.id);
    clock.advance(8 * 24 * 60 * MINUTE);
    await one.mfa.api.sweep({ auditBefore: new Date(clock()) });
    const fresh = createHost(shared, clock);
    fresh.users.set(ada.user.id, ada.user);
    expect(await answers(cookie, fresh)('/app')).toBe(401);
    clock.advance(31 * 24 * 60 * MINUTE);
    await one.mfa.api.sweep({ auditBefore: new Date(clock()) });
    expect((await one.mfa.api.audit.search({})).events).toEqual([]);
  });

  it('a list that is stale and cannot be refreshed shuts every signed-in session, and opens it again later', async () => {
    let isDown = false;
    const { onTwo } = await pair((store) => ({
      ...store,
      scan: (query) => (isDown ? Promise.reject(new Error('gone')) : store.scan(query)),
    }));
    isDown = true;
    expect(await onTwo('/app')).toBe(200);
    later(5_001);
    expect(await onTwo('/app')).toBe(503);
    expect(await onTwo('/payout')).toBe(503);
    isDown = false;
    expect(await onTwo('/app')).toBe(200);
  });
});
