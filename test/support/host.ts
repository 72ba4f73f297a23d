/** A real host for tests: Express, sessions, Passport with a local strategy, the gate, the router, and a few pages of its own. */
import flash from 'connect-flash';
import express, { type Express, type RequestHandler } from 'express';
import session from 'express-session';
import { Passport } from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import {
  backupCodes,
  createMfa,
  type Inbox,
  inbox,
  type Mfa,
  type MfaEvent,
  type MfaOptions,
  memoryStore,
  type Store,
  sms,
  totp,
  voice,
} from '../../src/index.js';

export interface TestUser {
  readonly id: string;
  readonly email: string;
  password: string;
  disabled?: boolean;
}

export interface HostOptions {
  readonly mfa?: Partial<MfaOptions<TestUser>>;
  readonly store?: Store;
  /** Default true: the gate comes after `passport.session()`. */
  readonly gateAfterPassport?: boolean;
  readonly sessionStore?: session.Store;
  /** Another Passport than the newest. */
  readonly passport?: InstanceType<typeof Passport>;
  /** In place of express-session. */
  readonly session?: RequestHandler;
  /** The host's own body parsers; default forms and JSON. */
  readonly parsers?: readonly RequestHandler[];
  /** What stands between the body parsers and the router, in this order; default `passport.session()`, then the gate. */
  readonly parts?: (host: { passport: InstanceType<typeof Passport>; mfa: Mfa }) => readonly RequestHandler[];
  /** More routes, before the error handler; the gate is in front of them. */
  readonly routes?: (
    app: Express,
    host: { passport: InstanceType<typeof Passport>; mfa: Mfa; users: Map<string, TestUser> },
  ) => void;
  /** Middleware before the gate. */
  readonly before?: (app: Express, host: { passport: InstanceType<typeof Passport> }) => void;
  readonly loginOptions?: Record<string, unknown>;
}

export const PASSWORD = 'correct horse battery staple';
export const ORIGIN = 'https://acme.example';

/** A clock that stands still until it is moved. */
export function testClock(start = Date.UTC(2096, 10, 21, 12, 0, 0)) {
  let now = start;
  return Object.assign(() => now, {
    advance(ms: number) {
      now += ms;
    },
  });
}

export type TestClock = ReturnType<typeof testClock>;

export interface TestHost {
  readonly app: Express;
  readonly mfa: Mfa;
  readonly clock: TestClock;
  readonly users: Map<string, TestUser>;
  readonly inbox: Inbox;
  readonly events: MfaEvent[];
  readonly errors: unknown[];
  readonly store: Store;
  readonly sessions: session.Store;
  readonly passport: InstanceType<typeof Passport>;
  addUser(name: string): TestUser;
}

export function createHost(options: HostOptions = {}, clock: TestClock = testClock()): TestHost {
  const users = new Map<string, TestUser>();
  const events: MfaEvent[] = [];
  const errors: unknown[] = [];
  const texts = inbox({ now: clock });
  const store = options.store ?? memoryStore({ clock });
  const sessions = options.sessionStore ?? new session.MemoryStore();
  const passport = options.passport ?? new Passport();
  const active = (id: unknown) => {
    const user = users.get(String(id));
    return user && !user.disabled ? user : undefined;
  };
  const mfa = createMfa<TestUser>({
    issuer: 'Acme',
    baseUrl: ORIGIN,
    secrets: ['test secret of at least thirty-two characters'],
    users: { findById: active, verifyPassword: (user, password) => user.password === password },
    store,
    factors: [
      totp(),
      sms({ via: texts, countries: ['US', 'AU'] }),
      voice({ via: texts, countries: ['US', 'AU'] }),
      backupCodes(),
    ],
    onEvent: (event) => events.push(event),
    onError: (error) => errors.push(error),
    rateLimit: false,
    // A busy machine is no reason to fail.
    storeTimeout: '10s',
    clock,
    ...options.mfa,
  });

  passport.use(
    new LocalStrategy((username, password, done) => {
      const user = [...users.values()].find((one) => one.email === username);
      done(null, user && user.password === password && !user.disabled ? user : false, { message: 'Wrong' });
    }),
  );
  passport.serializeUser((user, done) => done(null, (user as TestUser).id));
  passport.deserializeUser((id, done) => done(null, active(id) ?? false));

  const app = express();
  app.use(
    options.session ?? session({ secret: 'cookie secret', resave: false, saveUninitialized: false, store: sessions }),
  );
  app.use(...(options.parsers ?? [express.urlencoded({ extended: false }), express.json()]));
  app.use(flash() as unknown as RequestHandler);
  options.before?.(app, { passport });
  const parts = options.parts?.({ passport, mfa }) ?? [passport.session(), mfa.gate()];
  app.use(options.gateAfterPassport === false ? [...parts].reverse() : [...parts]);
  app.use('/mfa', mfa.router());
  app.post(
    '/login',
    passport.authenticate('local', {
      failureRedirect: '/login?failed',
      successRedirect: '/app',
      ...options.loginOptions,
    }),
  );
  app.post('/logout', (req, res, next) => req.logout((error) => (error ? next(error) : res.redirect('/'))));
  app.get('/app', (req, res) =>
    req.isAuthenticated()
      ? res.json({ user: (req.user as TestUser).id })
      : void res.status(401).json({ error: 'anonymous' }),
  );
  app.all('/payout', mfa.require({ within: '10m' }), (_req, res) => void res.json({ paid: true }));
  options.routes?.(app, { passport, mfa, users });
  app.use(((error, _req, res, _next) => {
    errors.push(error);
    res.status(error.status ?? 500).json({ error: String(error.message) });
  }) as express.ErrorRequestHandler);

  function addUser(name: string): TestUser {
    const user: TestUser = { id: `user-${name}`, email: `${name}@acme.example`, password: PASSWORD };
    users.set(user.id, user);
    return user;
  }

  return { app, mfa, clock, users, inbox: texts, events, errors, store, sessions, passport, addUser };
}
