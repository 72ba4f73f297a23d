/** The library in an app as small as can be: a password that costs nothing, an authenticator app for everybody. */
import express from 'express';
import passport from 'passport';
import { createSealer } from '../../src/core/sealing.js';
import { newEnrolmentId } from '../../src/flows/challenge-ids.js';
import { backupCodes, createMfa, memoryStore, type Store, tiered, totp } from '../../src/index.js';
import { migrate, postgresStore } from '../../src/stores/postgres.js';
import { redisStore } from '../../src/stores/redis.js';
import { postgresOf, redisOf, sessions, usePasswords } from '../lib/host-parts.js';
import { PEOPLE, secretOf } from '../lib/people.js';
import { clock, moveTheMachinesClock, serve } from '../lib/serve.js';

const secret = 'a secret for the benchmark, long enough';
const pool = postgresOf();
const store = await storeOfThisRun();
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

async function storeOfThisRun(): Promise<Store> {
  const client = await redisOf('express-mfa');
  if (!client) return memoryStore({ clock });
  const fast = redisStore({ client });
  if (!pool) return fast;
  await migrate(pool);
  return tiered({ durable: postgresStore({ pool }), fast });
}

const sealer = createSealer([secret]);
for (let person = 0; person < PEOPLE; person += 1) {
  const owner = `u:person-${person}`;
  const id = newEnrolmentId(sealer, 'totp', owner);
  const sealed = await sealer.seal(secretOf(person), ['enrolment', owner, id]);
  const data = { kind: 'totp', name: 'app', data: { secret: sealed, algorithm: 'sha1', digits: 6, period: 30 } };
  await store.commit(owner, { writes: [{ do: 'put', kind: 'enrolment', id, data }] });
}

usePasswords();
moveTheMachinesClock();
const app = express();
app.use(await sessions());
app.use(express.json(), passport.session(), mfa.gate());
app.use('/mfa', mfa.router());
app.post('/login', passport.authenticate('local'), (_req, res) => void res.json({ ok: true }));
app.get('/bare', (req, res) => void res.json({ ok: req.isAuthenticated() }));
app.get('/guarded', mfa.require({ within: '10m' }), (_req, res) => void res.json({ ok: true }));
await serve(app);
