import { describe, expect, it } from '@jest/globals';
import type { Express, RequestHandler } from 'express';
import session from 'express-session';
import { Passport } from 'passport';
import request from 'supertest';
import { createMfa, memoryStore, totp } from '../../src/index.js';
import { onNewerPassport } from '../matrix/older-hosts.js';
import { Ad, whoIsIt } from '../support/doors.js';
import { createHost, type HostOptions, PASSWORD, type TestHost, type TestUser, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { cookieOf, storedSessions } from '../support/sessions.js';

type Passports = InstanceType<typeof Passport>;

/** Password, then code: shut in between, signed in after. */
async function signsInWithTwoFactors(host: TestHost): Promise<Person> {
  const ada = await new Person(host, 'ada').enrolsTotp();
  await ada.signsOut();
  await ada.password().expect(200);
  await ada.get('/app').expect(401);
  await ada.verify({ code: ada.nextCode() }).expect(200);
  await ada.get('/app').expect(200, { user: 'user-ada' });
  await ada.get('/payout').expect(200);
  return ada;
}

async function parkedAda(options: HostOptions = {}): Promise<Person> {
  const ada = await new Person(createHost(options), 'ada').enrolsTotp();
  await ada.signsOut();
  await ada.password().expect(200);
  return ada;
}

const userOf = (users: Map<string, TestUser>, name: unknown) => users.get(`user-${String(name)}`) as TestUser;

/** Puts a user into the session by hand, as code outside the gate does. */
const byHand: HostOptions['routes'] = (app) =>
  app.post('/by-hand/:name', (req, res) => {
    Object.assign(req.session, { passport: { user: `user-${req.params.name}` } });
    res.json({});
  });

describe('the gate stands', () => {
  const orders: readonly [string, NonNullable<HostOptions['parts']>][] = [
    ['after passport.session()', ({ passport, mfa }) => [passport.session(), mfa.gate()]],
    ['before passport.session()', ({ passport, mfa }) => [mfa.gate(), passport.session()]],
    [
      'after initialize() and session()',
      ({ passport, mfa }) => [passport.initialize(), passport.session(), mfa.gate()],
    ],
    [
      'between initialize() and session()',
      ({ passport, mfa }) => [passport.initialize(), mfa.gate(), passport.session()],
    ],
    [
      'before initialize() and session()',
      ({ passport, mfa }) => [mfa.gate(), passport.initialize(), passport.session()],
    ],
    ['twice, on either side', ({ passport, mfa }) => [mfa.gate(), passport.session(), mfa.gate()]],
  ];

  it.each(orders)('%s, and holds', async (_, parts) => {
    const ada = await signsInWithTwoFactors(createHost({ parts }));
    await ada.signsOut();
    await ada.get('/app').expect(401);
  });

  it.each(orders)('%s, and shuts a session that was made by hand', async (_, parts) => {
    const host = createHost({ parts, routes: byHand });
    await new Person(host, 'ada').enrolsTotp();
    const thief = new Person(host, 'eve');
    await thief.post('/by-hand/ada').expect(200);
    await thief.get('/app').expect(401);
    await thief.get('/app').expect(401);
    await thief.get('/payout').expect(401);
  });

  it.each(orders)('%s, with another property for the user', async (_, parts) => {
    const named: HostOptions['parts'] = (host) =>
      [host.passport.initialize({ userProperty: 'account' }), ...parts(host)] as RequestHandler[];
    const ada = await new Person(
      createHost({
        parts: named,
        routes: (app) =>
          app.get('/account', (req, res) => {
            const { account } = req as unknown as { account?: TestUser };
            res.json({ account: account?.id ?? null, user: req.user ?? null });
          }),
      }),
      'ada',
    ).enrolsTotp();
    await ada.signsOut();
    await ada.password().expect(200);
    await ada.get('/account').expect(200, { account: null, user: null });
    await ada.verify({ code: ada.nextCode() }).expect(200);
    await ada.get('/account').expect(200, { account: 'user-ada', user: null });
  });
});

onNewerPassport.describe('two Passports', () => {
  function withAdmins(mfa: HostOptions['mfa'] = {}, shared: HostOptions = {}, clock = testClock()) {
    const admins = new Passport() as Passports;
    const host: TestHost = createHost(
      {
        ...shared,
        mfa: { passportKeys: ['passport', 'admin'], ...mfa },
        routes(app, { users }) {
          admins.use(new Ad('admin', (req, on) => on.success(userOf(users, req.query.name))));
          admins.serializeUser((user, done) => done(null, (user as TestUser).id));
          admins.deserializeUser((id, done) => done(null, users.get(String(id)) ?? false));
          keyed(admins, 'admin');
          const area = [admins.initialize(), admins.session()];
          app.post('/admin/login', admins.authenticate('admin', { keepSessionInfo: true }), whoIsIt);
          app.get('/admin/who', ...area, whoIsIt);
          app.post('/both', (req, res) => {
            Object.assign(req.session, { admin: { user: 'user-ada' } });
            res.json({});
          });
        },
      },
      clock,
    );
    return host;
  }
  /** As `new Authenticator()` with a session manager of its own key. */
  function keyed(passport: Passports, key: string): void {
    const inside = passport as unknown as {
      _key: string;
      _sm: { _key: string };
      _strategies: { session: { _key: string } };
    };
    inside._key = key;
    inside._sm._key = key;
    inside._strategies.session._key = key;
  }

  it('each keep a user of their own, and a sign-in ends with the Passport it began with', async () => {
    const host = withAdmins();
    const ada = await new Person(host, 'ada').enrolsTotp();
    ada.agent = request.agent(host.app);
    expect((await ada.post('/admin/login?name=ada').expect(200)).body).toMatchObject({ mfaRequired: true });
    await ada.get('/admin/who').expect(200, { believed: null, authenticated: false });
    await ada.verify({ code: ada.nextCode() }).expect(200);
    await ada.get('/admin/who').expect(200, { believed: 'user-ada', authenticated: true });
    await ada.get('/app').expect(401);
    await ada.get('/payout').expect(200);
    await ada.post('/mfa/challenge').expect(422);
  });

  it('are not mistaken for each other by a process that has not seen the one the sign-in began with', async () => {
    const clock = testClock();
    const shared = { store: memoryStore({ clock }), sessionStore: new session.MemoryStore() };
    const [one, two] = [withAdmins({}, shared, clock), withAdmins({}, shared, clock)];
    const ada = await new Person(one, 'ada').enrolsTotp();
    two.users.set(ada.user.id, ada.user);
    const parked = cookieOf(await request(one.app).post('/admin/login?name=ada').set('Accept', 'application/json'));
    const late = request(two.app).post('/mfa/challenge/verify').set('Cookie', parked).send({ code: ada.nextCode() });
    await late.expect(503);
    expect(String(two.errors.at(-1))).toContain('initialize()');
    await request(two.app).get('/app').set('Cookie', parked).expect(401);
  });

  it('do not leave the user of one behind when the other signs somebody in', async () => {
    const host = withAdmins();
    const bob = new Person(host, 'bob');
    host.addUser('carl');
    await bob.password().expect(302);
    await bob.post('/admin/login?name=carl').expect(200, { believed: 'user-carl', authenticated: true });
    await bob.get('/admin/who').expect(200, { believed: 'user-carl', authenticated: true });
    await bob.get('/app').expect(401);
  });

  it('with two users in one session, put there by hand, have none', async () => {
    const host = withAdmins();
    const ada = await new Person(host, 'ada').enrolsTotp();
    await ada.post('/both').expect(200);
    await ada.get('/app').expect(401);
  });

  it('never both have a user in one session: a proof is for one', async () => {
    const host = withAdmins();
    const ada = await new Person(host, 'ada').enrolsTotp();
    const bob = new Person(host, 'bob');
    await bob.password().expect(302);
    await bob.post('/admin/login?name=ada').expect(200);
    await bob.get('/app').expect(401);
    for (const kept of Object.values(await storedSessions(host)).filter((one) => one.mfa?.pending)) {
      expect(kept).not.toHaveProperty('passport');
      expect(kept).not.toHaveProperty('admin');
    }
    await bob.get('/mfa/challenge').expect(200);
    await ada.get('/app').expect(200);
  });

  it('are refused with advice while the library knows only one of their keys', async () => {
    const host = withAdmins({ passportKeys: ['passport'] });
    const bob = new Person(host, 'bob');
    await bob.post('/admin/login?name=bob').expect(503);
    expect(String(host.errors.at(-1))).toContain('passportKeys: ["passport","admin"]');
    await bob.get('/admin/who').expect(200, { believed: null, authenticated: false });
  });
});

describe("Passport's own options", () => {
  const destinations: readonly [string, Record<string, unknown>, string | undefined, string][] = [
    ['successRedirect', { successRedirect: '/home' }, undefined, '/home'],
    ['successRedirect over returnTo', { successRedirect: '/home' }, '/deep', '/home'],
    [
      'successReturnToOrRedirect with a page that was wanted',
      { successReturnToOrRedirect: '/home' },
      '/deep?x=1',
      '/deep?x=1',
    ],
    ['successReturnToOrRedirect without one', { successReturnToOrRedirect: '/home' }, undefined, '/home'],
    ['returnTo alone', {}, '/deep', '/deep'],
    ['a poisoned returnTo', { successReturnToOrRedirect: '/home' }, '//evil.example/x', '/home'],
    ['a poisoned returnTo with a backslash', { successReturnToOrRedirect: '/home' }, '/\\evil.example', '/home'],
    ['a poisoned returnTo with a scheme', {}, 'https://evil.example', '/'],
    ['a returnTo that is no text', {}, 'object', '/'],
  ];

  it.each(destinations)('%s is where the sign-in ends', async (_, loginOptions, returnTo, end) => {
    const host = createHost({
      routes: (app, { passport }) => {
        app.post('/door', passport.authenticate('local', loginOptions), whoIsIt);
        app.post('/wants', (req, res) => {
          Object.assign(req.session, { returnTo: req.body.returnTo === 'object' ? { href: '/x' } : req.body.returnTo });
          res.json({});
        });
      },
    });
    const ada = await new Person(host, 'ada').enrolsTotp();
    await ada.signsOut();
    if (returnTo !== undefined) await ada.post('/wants', { returnTo }).expect(200);
    await ada.post('/door', { username: ada.user.email, password: PASSWORD }).expect(200);
    const done = await ada.verify({ code: ada.nextCode() }).expect(200);
    expect(done.body.redirectTo).toBe(end);
  });

  it('failureFlash says what was wrong with the password, and nothing about factors', async () => {
    const host = createHost({
      loginOptions: { failureFlash: true },
      routes: (app) => app.get('/flash', (req, res) => void res.json((req as unknown as { flash(): unknown }).flash())),
    });
    const ada = await new Person(host, 'ada').enrolsTotp();
    await ada.signsOut();
    await ada.password('wrong').expect(302).expect('Location', '/login?failed');
    await ada.get('/flash').expect(200, { error: ['Wrong'] });
  });
});

describe('the hooks around a sign-in', () => {
  it('afterSignIn is awaited before the answer, and only after the second factor', async () => {
    const steps: string[] = [];
    const ada = await parkedAda({
      mfa: {
        async afterSignIn(req, _res, user) {
          await new Promise((resolve) => setTimeout(resolve, 30));
          steps.push(`${user.id} ${req.isAuthenticated()}`);
        },
      },
    });
    expect(steps).toEqual(['user-ada true']);
    await ada.verify({ code: '000000' }).expect(422);
    expect(steps).toHaveLength(1);
    await ada.verify({ code: ada.nextCode() }).expect(200);
    expect(steps).toEqual(['user-ada true', 'user-ada true']);
  });

  it('afterSignIn is awaited for a user who needs no second factor too', async () => {
    let isDone = false;
    const host = createHost({
      mfa: {
        async afterSignIn() {
          await new Promise((resolve) => setTimeout(resolve, 30));
          isDone = true;
        },
      },
    });
    await new Person(host, 'bob').password().expect(302);
    expect(isDone).toBe(true);
  });

  it('the callback of a parked log-in is not called', async () => {
    let called = 0;
    const host = createHost({
      routes: (app, { users }) =>
        app.post('/direct', (req, res) => {
          req.logIn(userOf(users, 'ada'), () => {
            called += 1;
            res.json({ token: 'good for everything' });
          });
        }),
    });
    const ada = await new Person(host, 'ada').enrolsTotp();
    await ada.signsOut();
    expect((await ada.post('/direct').expect(200)).body).toMatchObject({ mfaRequired: true });
    expect((await ada.post('/direct').expect(200)).body).toMatchObject({ mfaRequired: true });
    expect(called).toBe(0);
  });

  it('onChallenge answers in its own way, knowing what is needed', async () => {
    const ada = await parkedAda({
      mfa: {
        onChallenge: (_req, res, answer) =>
          void res.status(200).json({ mine: answer.next.href, kinds: answer.factors.map(({ kind }) => kind) }),
      },
    });
    const again = await ada.password().expect(200);
    expect(again.body).toEqual({ mine: '/mfa/challenge', kinds: ['totp', 'backup-codes'] });
    await ada.get('/app').expect(401);
  });

  it('onChallenge that throws is a fault, and signs nobody in', async () => {
    let broken = false;
    const host = createHost({
      mfa: {
        onChallenge(_req, res) {
          if (broken) throw new Error('no template');
          res.json({});
        },
      },
    });
    const ada = await new Person(host, 'ada').enrolsTotp();
    await ada.signsOut();
    broken = true;
    await ada.password().expect(503);
    await ada.get('/app').expect(401);
  });

  it('a veto in beforeSignIn is answered in the kind the client wants', async () => {
    const bob = new Person(createHost({ mfa: { beforeSignIn: () => false } }), 'bob');
    expect((await bob.password().expect(403)).body.code).toBe('sign_in_refused');
    const page = await bob.agent
      .post('/login')
      .set('Accept', 'text/html')
      .type('form')
      .send({ username: bob.user.email, password: PASSWORD });
    expect([page.status, page.type]).toEqual([403, 'text/html']);
    await bob.get('/app').expect(401);
  });
});

describe('sessions that hold a user and no proof', () => {
  const old = async (options: HostOptions) => {
    const host = createHost({ routes: byHand, ...options });
    const ada = await new Person(host, 'ada').enrolsTotp();
    const browser = ada.elsewhere();
    await browser.post('/by-hand/ada').expect(200);
    return { host, ada, browser };
  };

  it('are challenged by default: a page goes to the challenge and comes back, an API call is anonymous', async () => {
    const { browser } = await old({});
    const page = await browser.agent.get('/app?tab=2').set('Accept', 'text/html');
    expect([page.status, page.headers.location]).toEqual([303, '/mfa/challenge']);
    const done = await browser.verify({ code: browser.nextCode() }).expect(200);
    expect(done.body.redirectTo).toBe('/app?tab=2');
    await browser.get('/app').expect(200, { user: 'user-ada' });
  });

  it('of users who need no second factor go on, and are not fresh', async () => {
    const host = createHost({ routes: byHand });
    const bob = new Person(host, 'bob');
    await bob.post('/by-hand/bob').expect(200);
    await bob.get('/app').expect(200, { user: 'user-bob' });
    expect((await bob.get('/mfa/status').expect(200)).body.fresh).toBe(false);
    await bob.post('/mfa/factors/totp').expect(403);
  });

  it("are ended with 'end'", async () => {
    const { browser, host } = await old({ mfa: { existingSessions: 'end' } });
    const page = await browser.agent.get('/app').set('Accept', 'text/html').expect(401);
    expect(page.text).toContain('anonymous');
    expect(Object.values(await storedSessions(host)).filter((kept) => kept.passport)).toHaveLength(1);
    await browser.get('/mfa/challenge').expect(401);
  });

  it('are kept until the date, and challenged after it', async () => {
    const clock = testClock();
    const keepUntil = new Date(clock() + 60_000);
    const host = createHost({ routes: byHand, mfa: { existingSessions: { keepUntil } } }, clock);
    const ada = await new Person(host, 'ada').enrolsTotp();
    const browser = ada.elsewhere();
    await browser.post('/by-hand/ada').expect(200);
    await browser.get('/app').expect(200, { user: 'user-ada' });
    await browser.get('/payout').expect(401);
    await browser.get('/mfa/status').expect(401);
    clock.advance(60_000);
    await browser.get('/app').expect(401);
  });

  it('are not kept where the session is one of ours: parked, and a user put in by hand', async () => {
    const clock = testClock();
    const keepUntil = new Date(clock() + 3_600_000);
    const host = createHost({ routes: byHand, mfa: { existingSessions: { keepUntil } } }, clock);
    const ada = await new Person(host, 'ada').enrolsTotp();
    await ada.signsOut();
    await ada.password().expect(200);
    await ada.post('/by-hand/ada').expect(200);
    await ada.get('/app').expect(401);
  });

  it('get no proof for another user whom a token has put on the request', async () => {
    const host = createHost({
      routes: byHand,
      parts: ({ passport, mfa }) => [
        passport.session(),
        (req, _res, next) => {
          if (req.get('x-token')) req.user = { id: req.get('x-token') } as unknown as Express.User;
          next();
        },
        mfa.gate(),
      ],
    });
    const ada = await new Person(host, 'ada').enrolsTotp();
    host.addUser('bob');
    const browser = ada.elsewhere();
    await browser.post('/by-hand/ada').expect(200);
    await browser.get('/app').set('x-token', 'user-bob');
    await browser.get('/app').expect(401);
    await browser.get('/payout').expect(401);
  });

  it('of a user somebody else is proved as are shut', async () => {
    const host = createHost({ routes: byHand });
    const ada = await new Person(host, 'ada').enrolsTotp();
    const bob = new Person(host, 'bob');
    await bob.password().expect(302);
    await bob.post('/by-hand/ada').expect(200);
    await bob.get('/app').expect(401);
    await ada.get('/app').expect(200);
  });

  it('get no second life from a proof the host left behind when it took the user out', async () => {
    const host = createHost({
      routes(app, parts) {
        byHand?.(app, parts);
        app.post('/forget', (req, res) => {
          delete (req.session as unknown as { passport?: object }).passport;
          res.json({});
        });
      },
    });
    const ada = await signsInWithTwoFactors(host);
    await ada.post('/forget').expect(200);
    await ada.get('/app').expect(401);
    await ada.post('/by-hand/ada').expect(200);
    await ada.get('/app').expect(401);
  });
});

describe('log-out', () => {
  it('takes the proof with it, and what was pending', async () => {
    const host = createHost();
    const ada = await signsInWithTwoFactors(host);
    await ada.signsOut();
    for (const kept of Object.values(await storedSessions(host))) expect(kept.mfa).toBeUndefined();
    await ada.password().expect(200);
    await ada.signsOut();
    await ada.get('/mfa/challenge').expect(401);
    await ada.verify({ code: ada.nextCode() }).expect(401);
    expect(host.events.filter(({ type }) => type === 'sign_in.cancelled')).toHaveLength(1);
  });

  it('takes the proof also where the host keeps the rest of the session', async () => {
    const host = createHost({
      routes: (app) =>
        app.post('/leave', (req, res, next) =>
          req.logout({ keepSessionInfo: true }, (error) => (error ? next(error) : res.json({}))),
        ),
    });
    const ada = await signsInWithTwoFactors(host);
    await ada.post('/leave').expect(200);
    for (const kept of Object.values(await storedSessions(host))) expect(kept.mfa).toBeUndefined();
  });

  it('is not in the way of a visitor who is nobody', async () => {
    await new Person(createHost(), 'bob').signsOut();
  });
});

describe('a log-in inside a session', () => {
  const direct: NonNullable<HostOptions['routes']> = (app, { users }) =>
    app.post('/as/:name', (req, res, next) => {
      req.logIn(userOf(users, req.params.name), (error) => (error ? next(error) : whoIsIt(req, res, next)));
    });

  it('of another user while one is pending begins anew, for that user', async () => {
    const host = createHost({ routes: direct });
    const ada = await new Person(host, 'ada').enrolsTotp();
    const bob = await new Person(host, 'bob').enrolsTotp();
    await ada.signsOut();
    await ada.password().expect(200);
    expect((await ada.post('/as/bob').expect(200)).body).toMatchObject({ mfaRequired: true });
    expect((await ada.verify({ code: ada.nextCode() })).status).toBe(422);
    await ada.get('/app').expect(401);
    await ada.verify({ code: bob.code(1) }).expect(200);
    await ada.get('/app').expect(200, { user: 'user-bob' });
  });

  it('of a user without a factor while another is pending signs in that user alone', async () => {
    const host = createHost({ routes: direct });
    const ada = await new Person(host, 'ada').enrolsTotp();
    host.addUser('bob');
    await ada.signsOut();
    await ada.password().expect(200);
    await ada.post('/as/bob').expect(200, { believed: 'user-bob', authenticated: true });
    await ada.get('/app').expect(200, { user: 'user-bob' });
    await ada.verify({ code: ada.nextCode() }).expect(422);
    await ada.get('/app').expect(200, { user: 'user-bob' });
  });

  it.each(['has no factor', 'has proved one'])(
    'of another user while one is signed in who %s is parked, and the first is out',
    async (how) => {
      const host = createHost({ routes: direct });
      await new Person(host, 'ada').enrolsTotp();
      const bob = new Person(host, 'bob');
      if (how === 'has no factor') await bob.password().expect(302);
      else await bob.enrolsTotp();
      expect((await bob.post('/as/ada').expect(200)).body).toMatchObject({ mfaRequired: true });
      await bob.get('/app').expect(401);
    },
  );

  it('of the very user who is signed in, as after a change of profile, asks for nothing and proves nothing', async () => {
    const host = createHost({ routes: direct });
    const ada = await signsInWithTwoFactors(host);
    host.clock.advance(11 * 60_000);
    const again = await ada.post('/as/ada').expect(200, { believed: 'user-ada', authenticated: true });
    expect(again.headers['set-cookie']).toBeUndefined();
    await ada.get('/app').expect(200, { user: 'user-ada' });
    await ada.get('/payout').expect(403);
    await ada.post('/mfa/factors/sms', { phone: '+1 212 555 0100' }).expect(403);
  });

  it('of the very user whose profile is kept in the session renews what is kept, and the proof stays', async () => {
    const passport = new Passport() as Passports;
    passport.serializeUser((user, done) => done(null, { ...(user as TestUser), password: undefined }));
    passport.deserializeUser((kept, done) => done(null, kept as Express.User));
    const host: TestHost = createHost({
      passport,
      routes(app, parts) {
        direct(app, parts);
        app.get('/profile', (req, res) => void res.json({ email: (req.user as TestUser | undefined)?.email }));
      },
    });
    const ada = await signsInWithTwoFactors(host);
    host.users.set('user-ada', { ...ada.user, email: 'new@acme.example' });
    await ada.get('/profile').expect(200, { email: 'ada@acme.example' });
    const again = await ada.post('/as/ada').expect(200, { believed: 'user-ada', authenticated: true });
    expect(cookieOf(again)).toContain('connect.sid=');
    await ada.get('/profile').expect(200, { email: 'new@acme.example' });
    await ada.get('/payout').expect(200);
  });

  it('of the very user is stopped when their proof has ended meanwhile', async () => {
    const host: TestHost = createHost({
      routes: (app, { users, mfa }) =>
        app.post('/late', async (req, res, next) => {
          await mfa.api.credentialsChanged('user-ada');
          req.logIn(userOf(users, 'ada'), (error) => (error ? next(error) : whoIsIt(req, res, next)));
        }),
    });
    const ada = await signsInWithTwoFactors(host);
    expect((await ada.post('/late').expect(200)).body).toMatchObject({ mfaRequired: true });
    await ada.get('/app').expect(401);
  });

  it('twice in one request is parked twice', async () => {
    const host = createHost({
      routes: (app, { users }) =>
        app.post('/twice', (req, res, next) => {
          req.logIn(userOf(users, 'bob'), () => {
            req.logIn(userOf(users, 'ada'), (error) => (error ? next(error) : whoIsIt(req, res, next)));
          });
        }),
    });
    const ada = await new Person(host, 'ada').enrolsTotp();
    host.addUser('bob');
    await ada.signsOut();
    expect((await ada.post('/twice').expect(200)).body).toMatchObject({ mfaRequired: true });
    await ada.get('/app').expect(401);
  });
});

describe('a strategy that runs on every request', () => {
  /** Trusts a header, as a remember-me cookie would be trusted, whoever is signed in already. */
  const remembering: NonNullable<HostOptions['parts']> = ({ passport, mfa }) => {
    passport.use(
      new Ad('remember-me', (req, on) => {
        const id = req.get('x-remember');
        if (id) on.success({ id, email: `${id.replace('user-', '')}@acme.example`, password: PASSWORD });
        else on.pass();
      }),
    );
    return [passport.session(), mfa.gate({ stepAside: ['/logout'] }), passport.authenticate('remember-me')];
  };
  const remembered = (host: TestHost) => {
    const browser = request.agent(host.app).set('x-remember', 'user-ada').set('Accept', 'application/json');
    return browser;
  };

  async function host() {
    const created = createHost({ parts: remembering });
    return { host: created, ada: await new Person(created, 'ada').enrolsTotp() };
  }

  it('stops the visitor once, lets the challenge be answered, and does not ask again', async () => {
    const { host: created, ada } = await host();
    ada.agent = remembered(created);
    expect((await ada.get('/app').expect(200)).body).toMatchObject({ mfaRequired: true });
    expect((await ada.get('/app').expect(200)).body).toMatchObject({ mfaRequired: true });
    expect(created.events.filter(({ type }) => type === 'sign_in.pending')).toHaveLength(1);
    expect((await ada.get('/MFA/Challenge/').expect(200)).body).not.toHaveProperty('mfaRequired');
    await ada.verify({ code: '000000' }).expect(422);
    await ada.verify({ code: ada.nextCode() }).expect(200);
    const many = await Promise.all(Array.from({ length: 5 }, () => ada.get('/app')));
    for (const one of many) expect([one.status, one.body]).toEqual([200, { user: 'user-ada' }]);
    expect((await ada.get('/mfa/status').expect(200)).body.enabled).toBe(true);
    expect(created.events.filter(({ type }) => type === 'sign_in.pending')).toHaveLength(1);
  });

  it('opens no page of the host to the pending visitor, and lets them out where the host says', async () => {
    const { host: created, ada } = await host();
    ada.agent = remembered(created);
    await ada.get('/app').expect(200);
    expect((await ada.post('/payout').expect(200)).body).toMatchObject({ mfaRequired: true });
    await ada.agent.post('/logout').expect(302).expect('Location', '/');
    expect(created.events.filter(({ type }) => type === 'sign_in.cancelled')).toHaveLength(1);
  });

  onNewerPassport.it('before the gate, where it does not belong, signs nobody in', async () => {
    const created = createHost({
      before(app, { passport }) {
        passport.use(new Ad('remember-me', (_req, on) => on.success({ id: 'user-ada' })));
        const always = passport.authenticate('remember-me');
        app.use((req, res, next) => (req.get('x-remember') ? always(req, res, next) : next()));
      },
    });
    await new Person(created, 'ada').enrolsTotp();
    const browser = remembered(created);
    for (let time = 0; time < 3; time += 1) {
      await browser.get('/app').expect(401);
      await browser.get('/payout').expect(401);
    }
  });
});

describe("the router's own paths, where the gate steps aside", () => {
  it('are all of them and nothing else: a sign-in page below the mount path is gated each time', async () => {
    let called = 0;
    const created = createHost({
      mfa: { mountPath: '/auth' },
      routes: (app, { users, mfa }) => {
        app.post('/auth/login', (req, res) => {
          req.logIn(userOf(users, 'ada'), () => {
            called += 1;
            res.json({ token: 'good for everything' });
          });
        });
        app.use('/auth', mfa.router());
      },
    });
    const ada = new Person(created, 'ada');
    await ada.password().expect(302);
    const begun = await ada.post('/auth/factors/totp').expect(201);
    ada.secret = begun.body.secret;
    await ada.post(`/auth/factors/${begun.body.id}/confirm`, { code: ada.code() }).expect(200);
    await ada.signsOut();
    for (let time = 0; time < 3; time += 1)
      expect((await ada.post('/auth/login').expect(200)).body).toMatchObject({ mfaRequired: true });
    expect(called).toBe(0);
  });

  it('follow the router: each of its routes is reached by a visitor whose strategy runs on every request', async () => {
    const created = createHost({
      parts({ passport, mfa }) {
        passport.use(new Ad('always', (_req, on) => on.success({ id: 'user-ada', email: 'ada@acme.example' })));
        const always = passport.authenticate('always');
        return [
          passport.session(),
          mfa.gate(),
          (req, res, next) => (req.get('x-on') ? always(req, res, next) : next()),
        ];
      },
    });
    const ada = await new Person(created, 'ada').enrolsTotp();
    await ada.signsOut();
    await ada.password().expect(200);
    const { stack } = created.mfa.router() as unknown as {
      stack: { route?: { path: string; methods: Record<string, boolean> } }[];
    };
    // The mount path itself only sends on to another page; whoever is stopped there is sent to the challenge instead.
    const paths = new Set(stack.flatMap(({ route }) => (route?.methods.get && route.path !== '/' ? [route.path] : [])));
    expect(paths.size).toBeGreaterThan(8);
    for (const path of paths) {
      const answer = await ada.get(`/mfa${path.replace(/:\w+/, 'x')}`).set('x-on', '1');
      expect([path, answer.body.mfaRequired]).toEqual([path, undefined]);
    }
  });
});

describe('set up wrongly, it says what is wrong and lets nobody through', () => {
  it('cookie sessions, which cannot be ended by the server', async () => {
    const jars = new Map<string, object>();
    const cookieSession: RequestHandler = (req, _res, next) => {
      Object.assign(req, { session: jars.get('one') ?? {} });
      jars.set('one', req.session);
      next();
    };
    const created = createHost({ session: cookieSession });
    const bob = new Person(created, 'bob');
    await bob.password().expect(503);
    expect(String(created.errors.at(-1))).toContain('use express-session with a store');
    await bob.get('/app').expect(401);
    Object.assign(jars.get('one') ?? {}, { passport: { user: 'user-bob' } });
    await bob.get('/app').expect(503);
  });

  it('a session store that is gone: express-session goes on without a session', async () => {
    const sessions = new session.MemoryStore();
    const created = createHost({
      sessionStore: sessions,
      parts: ({ passport, mfa }) => {
        const restore = passport.session();
        return [
          passport.initialize(),
          (req, res, next) => (req.session ? restore(req, res, next) : next()),
          mfa.gate(),
        ];
      },
    });
    const ada = await new Person(created, 'ada').enrolsTotp();
    const events = created.events.length;
    sessions.emit('disconnect');
    await ada.password().expect(503);
    await ada.get('/app').expect(401);
    await ada.get('/mfa/challenge').expect(503);
    expect(created.events).toHaveLength(events);
    sessions.emit('connect');
    await ada.get('/app').expect(200);
  });

  it('the router, a strategy or a guard without the gate', async () => {
    const created = createHost({
      parts: ({ passport }) => [passport.session()],
      routes: (app, { passport, mfa }) => {
        passport.use(mfa.strategy('mfa'));
        app.post('/code', passport.authenticate('mfa'));
      },
    });
    const bob = new Person(created, 'bob');
    await bob.password().expect(302);
    for (const [path, status] of [
      ['/mfa/challenge', 503],
      ['/payout', 503],
      ['/code', 500],
    ] as const) {
      await bob.post(path).expect(status);
      expect([path, String(created.errors.at(-1))]).toEqual([path, expect.stringContaining('app.use(mfa.gate())')]);
    }
  });

  it('the router mounted somewhere else than it was told', async () => {
    const created = createHost({ routes: (app, { mfa }) => app.use('/elsewhere', mfa.router()) });
    await new Person(created, 'bob').get('/elsewhere/challenge').expect(503);
    expect(String(created.errors.at(-1))).toContain("mountPath: '/mfa'");
  });

  it('two gates of two createMfa calls', async () => {
    const other = createMfa({
      issuer: 'Acme',
      secrets: ['test secret of at least thirty-two characters'],
      users: { findById: () => undefined },
      factors: [totp()],
      store: memoryStore(),
    });
    const created = createHost({ parts: ({ passport, mfa }) => [passport.session(), mfa.gate(), other.gate()] });
    const bob = new Person(created, 'bob');
    await bob.password().expect(500);
    expect(String(created.errors.at(-1))).toContain('two gates');
    await bob.get('/app').expect(500);
  });

  onNewerPassport.it('a log-in on a request no Passport has seen', async () => {
    const created = createHost({
      parts: ({ mfa }) => [mfa.gate()],
      routes: (app) =>
        app.post('/none', (req, res) => {
          res.json({ logIn: typeof req.logIn, login: typeof req.login });
        }),
    });
    await new Person(created, 'bob').post('/none').expect(200, { logIn: 'undefined', login: 'undefined' });
  });
});

describe('both names', () => {
  it('of log-in and log-out are the same function of the gate, whatever is assigned later', async () => {
    const seen: Record<string, unknown>[] = [];
    const created = createHost({
      routes: (app: Express) =>
        app.post('/names', (req, res) => {
          const { logIn, login, logOut, logout } = req;
          const target = req as unknown as Record<string, unknown>;
          target.login = () => 'bypassed';
          target.logIn = () => 'bypassed';
          seen.push({ same: logIn === login && logOut === logout, kept: req.logIn === logIn && req.login === login });
          expect(() => Object.defineProperty(req, 'logIn', { value: () => 'bypassed' })).toThrow(TypeError);
          res.json({});
        }),
    });
    await new Person(created, 'bob').post('/names').expect(200);
    expect(seen).toEqual([{ same: true, kept: true }]);
  });
});
