/** The library in an app as small as can be: a password that costs nothing, an authenticator app for everybody. */
import express from 'express';
import session from 'express-session';
import passport from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import { createSealer } from '../../src/core/sealing.js';
import { newEnrolmentId } from '../../src/flows/challenge-ids.js';
import { backupCodes, createMfa, memoryStore, totp } from '../../src/index.js';
import { PASSWORD, PEOPLE, secretOf } from '../lib/people.js';
import { clock, serve } from '../lib/serve.js';

const secret = 'a secret for the benchmark, long enough';
const store = memoryStore({ clock });
const mfa = createMfa({
  issuer: 'Bench',
  baseUrl: 'http://localhost',
  secrets: [secret],
  users: { findById: (id) => ({ id, email: `${id}` }) },
  store,
  allowMemoryStore: true,
  factors: [totp(), backupCodes()],
  rateLimit: false,
  clock,
});

const sealer = createSealer([secret]);
for (let person = 0; person < PEOPLE; person += 1) {
  const owner = `u:person-${person}`;
  const id = newEnrolmentId(sealer, 'totp', owner);
  const sealed = await sealer.seal(secretOf(person), ['enrolment', owner, id]);
  const data = { kind: 'totp', name: 'app', data: { secret: sealed, algorithm: 'sha1', digits: 6, period: 30 } };
  await store.commit(owner, { writes: [{ do: 'put', kind: 'enrolment', id, data }] });
}

passport.use(
  new LocalStrategy((username, password, done) => done(null, password === PASSWORD ? { id: username } : false)),
);
passport.serializeUser((user, done) => done(null, (user as { id: string }).id));
passport.deserializeUser((id, done) => done(null, { id }));

const app = express();
app.use(session({ secret: 'cookie', resave: false, saveUninitialized: false }));
app.use(express.json(), passport.session(), mfa.gate());
app.use('/mfa', mfa.router());
app.post('/login', passport.authenticate('local'), (_req, res) => void res.json({ ok: true }));
app.get('/bare', (req, res) => void res.json({ ok: req.isAuthenticated() }));
app.get('/guarded', mfa.require({ within: '10m' }), (_req, res) => void res.json({ ok: true }));
await serve(app);
