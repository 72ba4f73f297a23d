/** (c) Store calls: for a sign-in, and for the verify in it. */

import type { AddressInfo } from 'node:net';
import express from 'express';
import session from 'express-session';
import { generateSync } from 'otplib';
import passport from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import { createMfa, memoryStore, type Store, totp } from '../src/index.js';
import { Client } from './lib/client.js';
import { type Table, table } from './lib/table.js';

/** Writes down the name of every verb that is called. */
function counting(store: Store, calls: string[]): Store {
  return new Proxy(store, {
    get(target, name: keyof Store) {
      const verb = target[name];
      if (typeof verb !== 'function') return verb;
      return (...args: unknown[]) => {
        calls.push(name);
        return (verb as (...given: unknown[]) => unknown).apply(target, args);
      };
    },
  });
}

export async function benchTrips(): Promise<Table> {
  const calls: string[] = [];
  let now = Date.now();
  const mfa = createMfa({
    issuer: 'Bench',
    baseUrl: 'http://localhost',
    secrets: ['a secret for the benchmark, long enough'],
    users: { findById: (id) => ({ id, email: 'a@bench.example' }) },
    store: counting(memoryStore({ clock: () => now }), calls),
    factors: [totp()],
    rateLimit: false,
    clock: () => now,
  });
  passport.use(new LocalStrategy((username, _password, done) => done(null, { id: username })));
  passport.serializeUser((user, done) => done(null, (user as { id: string }).id));
  passport.deserializeUser((id, done) => done(null, { id }));
  const app = express();
  app.use(
    session({ secret: 'cookie', resave: false, saveUninitialized: false }),
    express.json(),
    passport.session(),
    mfa.gate(),
  );
  app.use('/mfa', mfa.router());
  app.post('/login', passport.authenticate('local'), (_req, res) => void res.json({}));
  app.get('/guarded', mfa.require(), (_req, res) => void res.json({}));
  const server = app.listen(0);
  const client = new Client((server.address() as AddressInfo).port);
  const rows: string[][] = [];
  const step = async (name: string, work: () => Promise<{ status: number; body: string }>) => {
    calls.length = 0;
    const answer = await work();
    rows.push([name, String(answer.status), String(calls.length), calls.join(', ')]);
    return answer;
  };

  const login = () => client.post('/login', { username: 'ada', password: 'x' });
  await step('password, no factor yet', login);
  const begun = JSON.parse(
    (await step('begin an authenticator app', () => client.post('/mfa/factors/totp', {}))).body,
  ) as { id: string; secret: string };
  const code = () => generateSync({ secret: begun.secret, epoch: Math.floor(now / 1000) });
  await step('confirm it', () => client.post(`/mfa/factors/${begun.id}/confirm`, { code: code() }));
  client.forget();
  await step('password, parked', login);
  now += 30_000;
  await step('a wrong code', () => client.post('/mfa/challenge/verify', { factorId: 'totp', code: '000000' }));
  await step('the right code', () => client.post('/mfa/challenge/verify', { factorId: 'totp', code: code() }));
  await step('a guarded route', () => client.get('/guarded'));
  client.close();
  server.close();
  await mfa.close();
  return table('Store calls', ['step', 'status', 'calls', 'which'], rows);
}
