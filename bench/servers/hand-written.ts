/**
 * The same app as a team writes it with passport-totp: pending user in the session, counted tries, a replay guard, a new session id at each step. With
 * `BENCH_CAREFUL` also what a review would ask for: secrets sealed at rest, an end to the pending sign-in, the sender's origin, an audit row for each step.
 * With `BENCH_SAFE` besides what holds under races and crashes: see `hand-written-safe-keeping.ts`.
 */
import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import express from 'express';
import passport from 'passport';
import { redisOf, sessions, usePasswords } from '../lib/host-parts.js';
import { PEOPLE, secretOf } from '../lib/people.js';
import { clock, moveTheMachinesClock, serve } from '../lib/serve.js';
import { type AuditRow, keeping } from './hand-written-keeping.js';
import { safeKeeping } from './hand-written-safe-keeping.js';

declare module 'express-session' {
  interface SessionData {
    pending?: string;
    pendingUser?: string;
    pendingUntil?: number;
  }
}

const name = 'passport-totp';
const { Strategy: TotpStrategy } = (await import(name)) as {
  Strategy: new (
    options: object,
    setup: (user: { secret: string }, done: (error: unknown, key?: Buffer, period?: number) => void) => void,
  ) => passport.Strategy;
};

const careful = process.env.BENCH_CAREFUL !== undefined;
const sealingKey = randomBytes(32);
const makeKeeping = process.env.BENCH_SAFE === undefined ? keeping : safeKeeping;
const kept = await makeKeeping(await redisOf('hand-written'));
for (let person = 0; person < PEOPLE; person += 1) {
  const text = secretOf(person);
  await kept.keepSecret(`person-${person}`, careful ? sealed(text) : text);
}

usePasswords();
passport.use(
  'totp',
  new TotpStrategy({ window: 1 }, (user, done) => {
    done(null, decode(careful ? opened(user.secret) : user.secret), 30);
  }),
);

const app = express();
app.use(await sessions());
app.use(express.json(), passport.session());
if (careful) {
  app.use((req, res, next) => {
    res.set('Cache-Control', 'no-store');
    const sender = req.get('origin');
    if (req.method === 'POST' && sender !== undefined && sender !== 'http://localhost') res.sendStatus(403);
    else next();
  });
}

app.post('/login', passport.authenticate('local', { assignProperty: 'first', session: false }), (req, res, next) => {
  const { first } = req as unknown as { first: { id: string } };
  req.session.regenerate((error) => {
    if (error) return next(error);
    const pending = randomUUID();
    req.session.pending = pending;
    req.session.pendingUser = first.id;
    if (careful) req.session.pendingUntil = clock() + 600_000;
    kept
      .begin(pending, row(first.id, 'pending', req.ip))
      .then(() => req.session.save((failed) => (failed ? next(failed) : res.json({ mfaRequired: true }))))
      .catch(next);
  });
});

app.post('/mfa/challenge/verify', (req, res, next) => {
  answer(req, res, next).catch(next);
});

async function answer(req: express.Request, res: express.Response, next: express.NextFunction): Promise<void> {
  const { pending, pendingUser: id, pendingUntil } = req.session;
  if (id === undefined || pending === undefined || (careful && (pendingUntil ?? 0) < clock()))
    return void res.sendStatus(401);
  const tried = await kept.countTry(id, pending);
  if (!tried) return void res.sendStatus(401);
  if (tried.count > 5) return void res.sendStatus(429);
  (req as { user?: unknown }).user = { id, secret: tried.secret };
  const right = await new Promise<boolean>((resolve, reject) => {
    const options = { session: false, assignProperty: 'second' };
    const judge = passport.authenticate('totp', options, (error: unknown, user: unknown) => {
      if (error) reject(error instanceof Error ? error : new Error('failed'));
      else resolve(Boolean(user));
    }) as express.RequestHandler;
    void judge(req, res, next);
  });
  const step = Math.floor(clock() / 30_000);
  if (!right || !(await kept.accept(pending, step, row(id, 'signed-in', req.ip)))) {
    await kept.audit(row(id, 'refused', req.ip));
    return void res.sendStatus(422);
  }
  delete req.session.pending;
  delete req.session.pendingUser;
  delete req.session.pendingUntil;
  req.logIn({ id }, (failed) => (failed ? next(failed) : res.json({ authenticated: true })));
}

app.get('/bare', (req, res) => void res.json({ ok: req.isAuthenticated() }));

function row(user: string, type: string, ip: string | undefined): AuditRow {
  return { id: randomUUID(), at: clock(), user, type, ip: ip ?? '' };
}

function sealed(text: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', sealingKey, nonce);
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

function opened(text: string): string {
  const bytes = Buffer.from(text, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', sealingKey, bytes.subarray(0, 12)).setAuthTag(bytes.subarray(-16));
  return decipher.update(bytes.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8');
}

/** passport-totp takes raw keys. */
function decode(secret: string): Buffer {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bytes: number[] = [];
  let [held, bits] = [0, 0];
  for (const letter of secret) {
    held = ((held << 5) | letters.indexOf(letter)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 0xff);
  }
  return Buffer.from(bytes);
}

moveTheMachinesClock();
await serve(app);
