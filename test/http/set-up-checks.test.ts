/** What a host is told of its own mistakes, and what stays shut meanwhile. docs/set-up-checks.md is the list. */
import { describe, expect, it } from '@jest/globals';
import cookieSession from 'cookie-session';
import express, { type RequestHandler } from 'express';
import session from 'express-session';
import request from 'supertest';
import { MfaError } from '../../src/index.js';
import { Ad } from '../support/doors.js';
import { createHost, type HostOptions, PASSWORD, type TestHost } from '../support/host.js';
import { Person } from '../support/person.js';

const saysOf = ({ errors }: TestHost) =>
  errors.map((error) => {
    expect(error).toBeInstanceOf(MfaError);
    expect((error as MfaError).code).toBe('set_up');
    return (error as MfaError).message;
  });

/** A session store that is not express-session's own. */
class KeptSessions extends session.MemoryStore {}

const sessions = (cookie: session.CookieOptions = {}, store: session.Store = new KeptSessions()) =>
  session({ secret: 'x', resave: false, saveUninitialized: false, store, cookie });

/** Behind one proxy that ends TLS, in production; everything as it should be, but for what is given. */
function inProduction(wrong: HostOptions & { readonly trustProxy?: unknown } = {}): TestHost {
  const { trustProxy = 1, ...rest } = wrong;
  return createHost({
    session: sessions({ secure: true, sameSite: 'lax' }),
    before: (app) => app.set('trust proxy', trustProxy),
    ...rest,
    mfa: { production: true, allowMemoryStore: true, ...wrong.mfa },
  });
}

const throughProxy = (host: TestHost) =>
  request
    .agent(host.app)
    .set({ 'X-Forwarded-For': '192.0.2.7', 'X-Forwarded-Proto': 'https', Accept: 'application/json' });

/** Anybody looks around, and somebody signs in. */
async function isVisited(host: TestHost): Promise<void> {
  const bob = host.addUser('bob');
  const agent = throughProxy(host);
  for (let time = 0; time < 3; time += 1) await agent.get('/app').expect(401);
  await agent.post('/login').send({ username: bob.email, password: PASSWORD });
}

describe('a host in production that is set up well', () => {
  it('is told nothing, by hundreds of requests', async () => {
    const host = inProduction();
    await isVisited(host);
    for (let time = 0; time < 120; time += 1) await throughProxy(host).get('/app').expect(401);
    expect(host.errors).toEqual([]);
  });
});

describe('told once', () => {
  const weakened: readonly [string, Parameters<typeof inProduction>[0], string][] = [
    ['`trust proxy: true`, which lets clients write their address', { trustProxy: true }, "app.set('trust proxy', 1)"],
    ['a proxy that Express does not know of', { trustProxy: false }, 'X-Forwarded-For, and `trust proxy` is off'],
    [
      'sessions in the memory of the process',
      { session: sessions({ secure: true }, new session.MemoryStore()) },
      'Pass a `store` to `session()`',
    ],
    ['a session cookie without `secure`', { session: sessions() }, 'session({ cookie: { secure: true } })'],
    [
      '`secure: "auto"` where no proxy is trusted',
      { session: sessions({ secure: 'auto' }), trustProxy: false },
      'the session cookie is also sent without TLS',
    ],
    [
      'a secure cookie that is never sent, because Express does not see the TLS',
      { trustProxy: false },
      'nobody stays signed in',
    ],
    ['`sameSite: "none"`', { session: sessions({ secure: true, sameSite: 'none' }) }, "sameSite: 'lax'"],
    ['a cookie for scripts', { session: sessions({ secure: true, httpOnly: false }) }, '`cookie.httpOnly`'],
  ];

  it.each(weakened)('%s', async (_, wrong, advice) => {
    const host = inProduction(wrong);
    await isVisited(host);
    expect(saysOf(host).filter((text) => text.includes(advice))).toHaveLength(1);
  });

  it.each(weakened.filter(([, { trustProxy } = {}]) => trustProxy !== true))(
    'in production alone: %s',
    async (_, wrong) => {
      const host = inProduction({ ...wrong, mfa: { production: false } });
      await isVisited(host);
      expect(host.errors).toEqual([]);
    },
  );

  it('and the rest goes on: who is weakened is not shut out', async () => {
    const host = inProduction({ trustProxy: true, session: sessions() });
    const bob = new Person(host, 'bob');
    await bob.password().expect(302);
    await bob.get('/app').expect(200);
    expect(saysOf(host)).toHaveLength(2);
  });

  it('`secure: "auto"` behind a proxy that is trusted is no mistake', async () => {
    const host = inProduction({ session: sessions({ secure: 'auto' }) });
    await isVisited(host);
    expect(host.errors).toEqual([]);
  });
});

describe('the gate before the session', () => {
  const early: HostOptions = {
    session: (_req, _res, next) => next(),
    parts: ({ passport, mfa }) => [mfa.gate(), sessions(), passport.session()],
    routes: (app) =>
      app.get('/by-hand', (req, res) => {
        Object.assign(req.session, { passport: { user: 'user-bob' } });
        res.json({});
      }),
  };

  it('is told with the first request that has a session', async () => {
    const host = createHost(early);
    await new Person(host, 'bob').get('/app').expect(401);
    expect(saysOf(host)).toEqual([expect.stringContaining('app.use(session({ … }), passport.session(), mfa.gate())')]);
  });

  it('signs nobody in, and opens neither the router nor a guarded route', async () => {
    const host = createHost(early);
    const bob = new Person(host, 'bob');
    await bob.password().expect(503);
    await bob.get('/app').expect(401);
    await bob.get('/by-hand').expect(200);
    for (const path of ['/mfa/challenge', '/mfa/factors', '/payout']) await bob.get(path).expect(503);
    expect(new Set(saysOf(host)).size).toBe(1);
  });
});

describe('the router', () => {
  it.each([
    ['without the gate', ({ passport, mfa }) => [passport.session(), under('/mfa', mfa.router())]],
    ['before the gate', ({ passport, mfa }) => [passport.session(), under('/mfa', mfa.router()), mfa.gate()]],
  ] as [string, NonNullable<HostOptions['parts']>][])('%s answers 503 and says where it belongs', async (_, parts) => {
    const host = createHost({ parts });
    await new Person(host, 'bob').get('/mfa/challenge').expect(503);
    expect(saysOf(host)).toEqual([expect.stringContaining('Add `app.use(mfa.gate())` after `passport.session()`')]);
  });

  it('at another path than `mountPath` answers 503 and says which two differ', async () => {
    const host = createHost({ mfa: { mountPath: '/second-step' } });
    await new Person(host, 'bob').get('/mfa/challenge').expect(503);
    expect(saysOf(host)).toEqual([expect.stringMatching(/mounted at `\/mfa`.*`mountPath: '\/second-step'`/)]);
  });

  function under(path: string, handler: RequestHandler): RequestHandler {
    return express().use(path, handler) as unknown as RequestHandler;
  }
});

describe('cookie-session', () => {
  const inCookie = () => cookieSession({ name: 'kept', keys: ['a key of this test'] }) as unknown as RequestHandler;
  const advice = expect.stringContaining('use express-session with a store');

  it('is told with the first request, before anybody signs in', async () => {
    const host = createHost({ session: inCookie() });
    await new Person(host, 'bob').get('/app').expect(401);
    expect(saysOf(host)).toEqual([advice]);
  });

  it('signs nobody in: the server could not end that session', async () => {
    const host = createHost({ session: inCookie() });
    const bob = new Person(host, 'bob');
    await bob.password().expect(503);
    await bob.get('/app').expect(401);
    await bob.get('/mfa/challenge').expect(503);
    for (const text of saysOf(host)) expect(text).toEqual(advice);
  });

  it('opens no session from before the gate', async () => {
    const host = createHost({
      session: inCookie(),
      before: (app) =>
        app.get('/before-the-gate', (req, res) => {
          Object.assign(req.session, { passport: { user: 'user-bob' } });
          res.json({});
        }),
    });
    const bob = new Person(host, 'bob');
    await bob.get('/before-the-gate').expect(200);
    await bob.get('/app').expect(503);
    await bob.get('/payout').expect(503);
  });
});

describe('a user who did not come by the gate', () => {
  const door =
    (options: object): NonNullable<HostOptions['routes']> =>
    (app, { passport, users }) => {
      passport.use(new Ad('header', (req, on) => on.success(users.get(String(req.get('x-user'))) ?? {})));
      app.get(
        '/door',
        passport.authenticate('header', options),
        (req, res) => void res.json({ user: req.user ?? null }),
      );
    };
  const knocks = async (host: TestHost) => {
    const bob = new Person(host, 'bob');
    for (let time = 0; time < 2; time += 1) await bob.get('/door').set('x-user', bob.user.id).expect(200);
  };

  it("by `assignProperty: 'user'` is told once", async () => {
    const host = createHost({ routes: door({ assignProperty: 'user' }) });
    await knocks(host);
    expect(saysOf(host)).toEqual([expect.stringContaining("without `assignProperty: 'user'`")]);
  });

  it.each([{ assignProperty: 'account' }, { session: false }, { session: false, mfa: 'exempt' }, {}])(
    'is not meant by %j',
    async (options) => {
      const host = createHost({ routes: door(options) });
      await knocks(host);
      expect(host.errors).toEqual([]);
    },
  );
});

describe('a session that ends within a request', () => {
  it('leaves its user on the request, and nobody is told', async () => {
    const host = createHost({
      routes: (app) => app.post('/end', (req, res) => void req.session.destroy(() => res.json({ user: req.user }))),
    });
    const bob = new Person(host, 'bob');
    await bob.password().expect(302);
    expect((await bob.post('/end').expect(200)).body.user).toMatchObject({ id: bob.user.id });
    expect(host.errors).toEqual([]);
  });
});

describe('the options of the gate', () => {
  const { mfa } = createHost({ mfa: { signInUrl: '/auth/login' } });

  it.each([
    [{ stepaside: ['/logout'] }, 'mfa.gate: `stepaside` is not an option. Did you mean `stepAside`?'],
    [{ stepAside: '/logout' }, "`stepAside` must be a list of paths such as ['/logout']"],
    [{ stepAside: ['logout'] }, "`stepAside` must be a list of paths such as ['/logout']"],
    [{ stepAside: ['/Auth/Login/'] }, "`stepAside` names '/Auth/Login/', and people sign in at '/auth/login'"],
    [{ stepAside: ['/auth'] }, 'nobody would be stopped there'],
    [{ stepAside: ['/'] }, 'nobody would be stopped there'],
  ])('%j', (options, advice) => {
    expect(() => mfa.gate(options as never)).toThrow(advice);
  });

  it('may name the log-out route, beside the sign-in as well', () => {
    expect(mfa.gate({ stepAside: ['/logout', '/auth/logout', '/auth/login-help'] })).toBeInstanceOf(Function);
  });
});
