/** docs/moving.md, walked through: an app written with passport-totp or speakeasy, whose users keep the authenticator they have. */
import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import type { RequestHandler } from 'express';
import session from 'express-session';
import { generateSync, createGuardrails as guardrails } from 'otplib';
import type { Strategy } from 'passport-strategy';
import { memoryStore, type Store, type TotpRow, totp } from '../../src/index.js';
import { createHost, type HostOptions, type TestHost, type TestUser, testClock } from '../support/host.js';
import { Person } from '../support/person.js';

const require = createRequire(import.meta.url);

type Setup = (user: TestUser, done: (error: unknown, key?: string | Buffer, period?: number) => void) => void;
const { Strategy: TotpStrategy } = require('passport-totp') as { Strategy: new (setup: Setup) => Strategy };
const speakeasy = require('speakeasy') as {
  generateSecret(options: { length: number }): { ascii: string; hex: string; base32: string };
  totp: { verify(given: { secret: string; encoding: string; token: string; window: number }): boolean };
};

/** A row of the app's own table. */
interface Row {
  readonly key: string;
  readonly period: number;
  moved?: boolean;
}

interface OldWay {
  readonly name: string;
  readonly encoding: 'ascii' | 'hex' | 'base32';
  /** What its set-up route puts into the column. */
  makeKey(): string;
  /** What its route for the second step asks. */
  route(
    rows: Map<string, Row>,
    passport: { use(name: string, strategy: Strategy): void; authenticate: TestHost['passport']['authenticate'] },
  ): RequestHandler;
}

const WORDS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const made = speakeasy.generateSecret({ length: 20 });

/** As in the README of passport-totp: a raw key and a period from the database, and whatever `req.user` is by then. */
const withPassport: OldWay['route'] = (rows, passport) => {
  const strategy = new TotpStrategy((user, done) => {
    const row = rows.get(user.id);
    done(null, row?.key, row?.period);
  });
  passport.use('totp', strategy);
  return passport.authenticate('totp', { session: true, failWithError: true } as object) as RequestHandler;
};

function withSpeakeasy(encoding: 'ascii' | 'hex' | 'base32'): OldWay['route'] {
  return (rows) => (req, res, next) => {
    const secret = rows.get((req.user as TestUser).id)?.key ?? '';
    const { code } = req.body as { code: string };
    if (speakeasy.totp.verify({ secret, encoding, token: code, window: 6 })) next();
    else res.sendStatus(401);
  };
}

const OLD_WAYS: readonly OldWay[] = [
  {
    name: 'passport-totp',
    encoding: 'ascii',
    makeKey: () => Array.from({ length: 20 }, (_, at) => WORDS[(at * 17 + 5) % WORDS.length]).join(''),
    route: withPassport,
  },
  ...(['ascii', 'hex', 'base32'] as const).map((encoding) => ({
    name: `speakeasy with ${encoding}`,
    encoding,
    makeKey: () => made[encoding],
    route: withSpeakeasy(encoding),
  })),
];

/** The app: its old second step, and a guard that knows how far the move is. */
function oldRoutes(
  way: OldWay,
  rows: Map<string, Row>,
  isMoved: (user: TestUser) => boolean,
): NonNullable<HostOptions['routes']> {
  return (app, { passport, mfa }) => {
    const check = way.route(rows, passport as never);
    app.post('/login-otp', check, (req, res) => {
      (req.session as { secondFactor?: string }).secondFactor = 'totp';
      res.json({ ok: true });
    });
    const ensureSecondFactor: RequestHandler = (req, res, next) => {
      if (!req.isAuthenticated()) return void res.status(401).json({ error: 'anonymous' });
      if ((req.session as { secondFactor?: string }).secondFactor === 'totp') return next();
      if (isMoved(req.user as TestUser)) return mfa.require()(req, res, next);
      res.status(403).json({ next: '/login-otp' });
    };
    app.get('/account', ensureSecondFactor, (_req, res) => void res.json({ account: true }));
  };
}

/** The app, its users, and what a deployment keeps: sessions, second factors, the table. */
function deployments(way: OldWay) {
  const clock = testClock(Date.now());
  const kept = { sessionStore: new session.MemoryStore(), store: memoryStore({ clock }) };
  const rows = new Map<string, Row>([['user-ada', { key: way.makeKey(), period: 30 }]]);
  const before = createHost(
    { ...kept, routes: oldRoutes(way, rows, () => false), parts: ({ passport }) => [passport.session()] },
    clock,
  );
  const beside = createHost(
    {
      ...kept,
      routes: oldRoutes(way, rows, ({ id }) => rows.get(id)?.moved === true),
      mfa: { existingSessions: { keepUntil: new Date(clock() + 86_400_000) } },
    },
    clock,
  );
  const after = createHost(
    {
      ...kept,
      routes: (app, { mfa }) =>
        void app.get('/account', mfa.require(), (_req, res) => void res.json({ account: true })),
    },
    clock,
  );
  return { clock, rows, before, beside, after };
}

function rowsOf(way: OldWay, rows: Map<string, Row>): TotpRow[] {
  return [...rows].map(([userId, { key, period }]) => ({
    userId,
    secret: key,
    encoding: way.encoding,
    period: period as 30,
  }));
}

/** The secret in the person's phone: what the old app's QR code said. */
function phoneOf(person: Person, way: OldWay, { key }: Row): Person {
  const bytes = way.encoding === 'base32' ? undefined : Buffer.from(key, way.encoding === 'hex' ? 'hex' : 'latin1');
  person.secret = bytes ? toBase32(bytes) : key;
  return person;
}

function toBase32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('');
}

describe.each(OLD_WAYS)('an app with $name', (way) => {
  it('moves step by step, and nobody sets up anything again', async () => {
    const { rows, before, beside, after } = deployments(way);
    const row = rows.get('user-ada') as Row;
    const at = (host: TestHost, jar?: Person['agent']['jar']) => {
      const ada = phoneOf(new Person(host, 'ada'), way, row);
      if (jar) ada.agent.jar = jar;
      return ada;
    };

    // As it was.
    const old = at(before);
    await old.password().expect(302);
    await old.get('/account').expect(403);
    await old.post('/login-otp', { code: old.code() }).expect(200);
    await old.get('/account').expect(200);

    // 1. The gate is there, and nobody has a factor yet: everything is as it was.
    await at(beside, old.agent.jar).get('/account').expect(200);
    const still = at(beside);
    await still.password().expect(302);
    await still.get('/account').expect(403);
    await still.post('/login-otp', { code: still.code() }).expect(200);
    await still.get('/account').expect(200);

    // 2. The import: from now on the gate asks, with the same phone.
    expect(await beside.mfa.api.importTotp(rowsOf(way, rows))).toEqual({ imported: 1, skipped: 0, refused: [] });
    row.moved = true;
    await at(beside, old.agent.jar).get('/account').expect(200);
    await still.get('/account').expect(200);
    const moved = at(beside);
    await moved.password().expect(200);
    await moved.get('/account').expect(401);
    await moved.post('/login-otp', { code: moved.code() }).expect(({ status }) => expect(status).not.toBe(200));
    await moved.verify({ code: moved.nextCode() }).expect(200);
    await moved.get('/account').expect(200);

    // 3. The old route is gone, and so is the column. Who signed in the old way is asked once.
    rows.clear();
    await at(after, moved.agent.jar).get('/account').expect(200);
    const asked = at(after, still.agent.jar);
    await asked.get('/account').expect(403);
    await asked.verify({ code: asked.nextCode() }).expect(200);
    await asked.get('/account').expect(200);
    const fresh = await at(after).signsIn();
    await fresh.get('/account').expect(200);
    // Their first backup codes: the old app had none that can be moved.
    expect((await fresh.post('/mfa/backup-codes').expect(201)).body.codes).toHaveLength(10);
  });
});

const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const RAW = '12345678901234567890';

function host(): TestHost {
  const acme = createHost();
  for (const name of ['ada', 'bob']) acme.addUser(name);
  return acme;
}

describe('api.importTotp', () => {
  it('reads RFC 6238’s own secrets in every encoding, and the codes are those of the RFC’s tables', async () => {
    const sha256 = `${RAW}${RAW.slice(0, 12)}`;
    const cases: readonly Partial<TotpRow>[] = [
      { secret: SECRET, encoding: 'base32' },
      { secret: 'gezd gnbv gy3t qojq gezd-gnbv gy3t qojq====', encoding: 'base32' },
      { secret: Buffer.from(RAW).toString('hex').toUpperCase(), encoding: 'hex' },
      { secret: Buffer.from(RAW).toString('base64'), encoding: 'base64' },
      { secret: Buffer.from(RAW).toString('base64url'), encoding: 'base64' },
      { secret: Buffer.from(RAW) },
      { secret: new Uint8Array(Buffer.from(RAW)) },
    ];
    for (const given of cases) {
      const clock = testClock(1_111_111_109_000);
      const acme = createHost({}, clock);
      const ada = new Person(acme, 'ada');
      const row = { userId: ada.user.id, digits: 8, ...given } as TotpRow;
      expect((await acme.mfa.api.importTotp([row])).imported).toBe(1);
      await ada.password().expect(200);
      await ada.verify({ code: '07081804' }).expect(200);
    }
    const clock = testClock(1_111_111_109_000);
    const acme = createHost({}, clock);
    const ada = new Person(acme, 'ada');
    const secret = Buffer.from(sha256);
    await acme.mfa.api.importTotp([{ userId: ada.user.id, secret, algorithm: 'sha256', digits: 8 }]);
    await ada.password().expect(200);
    await ada.verify({ code: '68084774' }).expect(200);
  });

  it('takes the same secret once, also when it was removed since, and by two importers at once', async () => {
    const acme = host();
    const rows = [{ userId: 'user-ada', secret: SECRET, encoding: 'base32' }] as const;
    const sameInHex = [{ userId: 'user-ada', secret: Buffer.from(RAW) }];
    const both = await Promise.all([acme.mfa.api.importTotp(rows), acme.mfa.api.importTotp(sameInHex)]);
    expect(both.map(({ imported }) => imported).sort()).toEqual([0, 1]);
    expect(await acme.mfa.api.importTotp(rows)).toEqual({ imported: 0, skipped: 1, refused: [] });
    expect((await acme.mfa.api.factorsOf('user-ada')).factors).toHaveLength(1);
    await acme.mfa.api.resetUser('user-ada', { reason: 'the phone was stolen' });
    expect(await acme.mfa.api.importTotp(rows)).toEqual({ imported: 0, skipped: 1, refused: [] });
    expect((await acme.mfa.api.factorsOf('user-ada')).factors).toEqual([]);
    // Another user with the same secret is another enrolment.
    expect((await acme.mfa.api.importTotp([{ ...rows[0], userId: 'user-bob' }])).imported).toBe(1);
  });

  it('still knows what it imported after the secrets of the library changed', async () => {
    const store = memoryStore();
    const rows = [{ userId: 'user-ada', secret: SECRET, encoding: 'base32' }] as const;
    const [first, second] = ['first secret of thirty-two characters', 'second secret of thirty-two characters'];
    const one = createHost({ store, mfa: { secrets: [first] } });
    const two = createHost({ store, mfa: { secrets: [second, first] } });
    for (const acme of [one, two]) acme.addUser('ada');
    expect((await one.mfa.api.importTotp(rows)).imported).toBe(1);
    expect((await two.mfa.api.importTotp(rows)).skipped).toBe(1);
  });

  it('refuses what it cannot read, row by row, and never says a word of a secret', async () => {
    const acme = host();
    const refusals: readonly (readonly [reason: string, row: unknown])[] = [
      ['row_malformed', null],
      ['row_malformed', { secret: SECRET, encoding: 'base32' }],
      ['row_malformed', { userId: '', secret: SECRET, encoding: 'base32' }],
      ['user_unknown', { userId: 'nobody', secret: SECRET, encoding: 'base32' }],
      ['user_unknown', { userId: 'user-ada', tenant: 'acme', secret: SECRET, encoding: 'base32' }],
      ['encoding_unsupported', { userId: 'user-ada', secret: SECRET }],
      ['encoding_unsupported', { userId: 'user-ada', secret: SECRET, encoding: 'BASE32' }],
      ['encoding_unsupported', { userId: 'user-ada', secret: Buffer.from(RAW), encoding: 'ascii' }],
      ['secret_unreadable', { userId: 'user-ada', secret: `${SECRET}1`, encoding: 'base32' }],
      ['secret_unreadable', { userId: 'user-ada', secret: 'ABC', encoding: 'base32' }],
      ['secret_unreadable', { userId: 'user-ada', secret: `${SECRET}z`, encoding: 'hex' }],
      ['secret_unreadable', { userId: 'user-ada', secret: 'not!base64', encoding: 'base64' }],
      ['secret_unreadable', { userId: 'user-ada', secret: 'Schlüssel Schlüssel', encoding: 'ascii' }],
      ['secret_unreadable', { userId: 'user-ada', secret: null, encoding: 'ascii' }],
      ['secret_unreadable', { userId: 'user-ada', secret: '', encoding: 'ascii' }],
      ['encoding_doubtful', { userId: 'user-ada', secret: SECRET, encoding: 'ascii' }],
      [
        'encoding_doubtful',
        { userId: 'user-ada', secret: '3132333435363738393031323334353637383930', encoding: 'ascii' },
      ],
      ['secret_weak', { userId: 'user-ada', secret: Buffer.alloc(15, 7) }],
      ['secret_too_long', { userId: 'user-ada', secret: Buffer.alloc(65, 7) }],
      ['algorithm_unsupported', { userId: 'user-ada', secret: SECRET, encoding: 'base32', algorithm: 'md5' }],
      ['digits_unsupported', { userId: 'user-ada', secret: SECRET, encoding: 'base32', digits: 7 }],
      ['period_unsupported', { userId: 'user-ada', secret: SECRET, encoding: 'base32', period: 45 }],
      ['last_step_malformed', { userId: 'user-ada', secret: SECRET, encoding: 'base32', lastStep: acme.clock() }],
      ['last_step_malformed', { userId: 'user-ada', secret: SECRET, encoding: 'base32', lastStep: -1 }],
      ['name_malformed', { userId: 'user-ada', secret: SECRET, encoding: 'base32', name: 'x'.repeat(65) }],
    ];
    async function* fromTheTable() {
      for (const [, row] of refusals) yield row as TotpRow;
      yield { userId: 'user-bob', secret: SECRET, encoding: 'base32' } as const;
    }
    const report = await acme.mfa.api.importTotp(fromTheTable());
    expect(report.refused.map(({ row, reason }) => [row, reason])).toEqual(
      refusals.map(([reason], row) => [row, reason]),
    );
    expect(report).toMatchObject({ imported: 1, skipped: 0 });
    expect((await acme.mfa.api.factorsOf('user-ada')).factors).toEqual([]);
    expect(JSON.stringify([report, acme.events, acme.errors])).not.toMatch(
      new RegExp(`${SECRET.slice(0, 12)}|${RAW}|Schl`),
    );
  });

  it('takes weak secrets where it is allowed to, and says so; below 80 bits never', async () => {
    const acme = host();
    const rows = [
      { userId: 'user-ada', secret: Buffer.alloc(10, 7) },
      { userId: 'user-bob', secret: Buffer.alloc(9, 7) },
    ];
    const report = await acme.mfa.api.importTotp(rows, { allowWeak: true, actor: 'move-2026' });
    expect(report).toEqual({
      imported: 1,
      skipped: 0,
      refused: [{ row: 1, userId: 'user-bob', reason: 'secret_weak' }],
    });
    expect(acme.events).toEqual([expect.objectContaining({ type: 'factor.imported', weak: true, actor: 'move-2026' })]);
    const ada = new Person(acme, 'ada');
    await ada.password().expect(200);
    const secret = 'A4DQOBYHA4DQOBYH';
    const code = () =>
      generateSync({
        secret,
        epoch: Math.floor(acme.clock() / 1000),
        guardrails: guardrails({ MIN_SECRET_BYTES: 10 }),
      });
    await ada.verify({ code: code() === '000000' ? '111111' : '000000' }).expect(422);
    await ada.verify({ code: code() }).expect(200);
  });

  it('does not take a code again that the old app has accepted', async () => {
    const acme = host();
    const lastStep = Math.floor(acme.clock() / 30_000);
    await acme.mfa.api.importTotp([{ userId: 'user-ada', secret: SECRET, encoding: 'base32', lastStep }]);
    const ada = new Person(acme, 'ada');
    ada.secret = SECRET;
    await ada.password().expect(200);
    await ada.verify({ code: ada.code() }).expect(422);
    await ada.verify({ code: ada.nextCode() }).expect(200);
  });

  it('ends a set-up that began when the user seemed to have no factor, and no session', async () => {
    const acme = createHost({ mfa: { policy: ({ id }) => (id === 'user-ada' ? 'required' : 'optional') } });
    const forced = new Person(acme, 'ada');
    await forced.password().expect(200);
    const begun = await forced.post('/mfa/factors/totp').expect(201);
    const bob = new Person(acme, 'bob');
    await bob.password().expect(302);
    const open = await bob.post('/mfa/factors/totp').expect(201);
    const rows = ['user-ada', 'user-bob'].map((userId) => ({ userId, secret: SECRET, encoding: 'base32' as const }));
    expect((await acme.mfa.api.importTotp(rows)).imported).toBe(2);
    forced.secret = begun.body.secret;
    await forced.post(`/mfa/factors/${begun.body.id}/confirm`, { code: forced.code() }).expect(401);
    bob.secret = open.body.secret;
    await bob.post(`/mfa/factors/${open.body.id}/confirm`, { code: bob.code() }).expect(403);
    await bob.get('/app').expect(200);
    expect((await acme.mfa.api.factorsOf('user-bob')).factors).toHaveLength(1);
  });

  it('wins over a set-up that is being confirmed at that very moment', async () => {
    const clock = testClock();
    const inner = memoryStore({ clock });
    let isArmed = true;
    const store: Store = {
      ...inner,
      async commit(owner, step) {
        if (isArmed && step.writes?.some((write) => write.do === 'put' && write.kind === 'enrolment')) {
          isArmed = false;
          await acme.mfa.api.importTotp([{ userId: 'user-ada', secret: SECRET, encoding: 'base32' }]);
        }
        return await inner.commit(owner, step);
      },
    };
    const acme = createHost({ store }, clock);
    const ada = new Person(acme, 'ada');
    await ada.password().expect(302);
    const begun = await ada.post('/mfa/factors/totp').expect(201);
    ada.secret = begun.body.secret;
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.code() }).expect(409);
    expect((await acme.mfa.api.factorsOf('user-ada')).factors).toHaveLength(1);
    ada.secret = SECRET;
    await ada.elsewhere().signsIn();
  });

  it('needs `totp()` among the factors, and something that can be gone through', async () => {
    await expect(host().mfa.api.importTotp({ userId: 'user-ada' } as never)).rejects.toThrow(/list of rows/);
    const acme = createHost({ mfa: { factors: [totp()] } });
    await expect(acme.mfa.api.importTotp('rows' as never)).rejects.toMatchObject({ code: 'field_invalid' });
  });
});
