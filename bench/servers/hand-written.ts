/** The same app as a careful team writes it with passport-totp: pending user in the session, counted tries, a replay guard, a new session id. */
import express from 'express';
import session from 'express-session';
import passport from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import { PASSWORD, secretOf } from '../lib/people.js';
import { clock, moveTheMachinesClock, serve } from '../lib/serve.js';

declare module 'express-session' {
  interface SessionData {
    pendingUser?: string;
  }
}

const name = 'passport-totp';
const { Strategy: TotpStrategy } = (await import(name)) as {
  Strategy: new (
    options: object,
    setup: (user: { id: string }, done: (error: null, key: Buffer, period: number) => void) => void,
  ) => passport.Strategy;
};

const tries = new Map<string, number>();
const used = new Map<string, number>();

passport.use(
  new LocalStrategy((username, password, done) => done(null, password === PASSWORD ? { id: username } : false)),
);
passport.use(
  'totp',
  new TotpStrategy({ window: 1 }, (user, done) => done(null, decode(secretOf(Number(user.id.split('-')[1]))), 30)),
);
passport.serializeUser((user, done) => done(null, (user as { id: string }).id));
passport.deserializeUser((id, done) => done(null, { id }));

const app = express();
app.use(session({ secret: 'cookie', resave: false, saveUninitialized: false }));
app.use(express.json(), passport.session());
app.post('/login', passport.authenticate('local', { assignProperty: 'first', session: false }), (req, res, next) => {
  const { first } = req as unknown as { first: { id: string } };
  req.session.regenerate((error) => {
    if (error) return next(error);
    req.session.pendingUser = first.id;
    req.session.save((failed) => (failed ? next(failed) : res.json({ mfaRequired: true })));
  });
});
app.post('/mfa/challenge/verify', (req, res, next) => {
  const id = req.session.pendingUser;
  if (id === undefined) return void res.sendStatus(401);
  const count = (tries.get(id) ?? 0) + 1;
  tries.set(id, count);
  if (count > 5) return void res.sendStatus(429);
  (req as { user?: unknown }).user = { id };
  passport.authenticate(
    'totp',
    { session: false, assignProperty: 'second' },
    (error: unknown, user: { id: string } | false) => {
      if (error) return next(error);
      const step = Math.floor(clock() / 30_000);
      if (!user || (used.get(id) ?? 0) >= step) return void res.sendStatus(422);
      used.set(id, step);
      tries.delete(id);
      delete req.session.pendingUser;
      req.logIn(user, (failed) => (failed ? next(failed) : res.json({ authenticated: true })));
    },
  )(req, res, next);
});
app.get('/bare', (req, res) => void res.json({ ok: req.isAuthenticated() }));

/** passport-totp takes raw keys. */
function decode(secret: string): Buffer {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

moveTheMachinesClock();
await serve(app);
