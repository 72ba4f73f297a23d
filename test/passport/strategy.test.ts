import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Request } from 'express';
import { inbox, type MfaStrategy, phone, totp } from '../../src/index.js';
import { whoIsIt } from '../support/doors.js';
import { createHost, type HostOptions } from '../support/host.js';
import { Person } from '../support/person.js';

const NAMES = ['mfa', 'mfa-totp', 'mfa-code', 'mfa-backup-code'] as const;

/** A host with routes of its own for the second step. */
function host(options: HostOptions = {}) {
  return createHost({
    ...options,
    routes(app, parts) {
      const { passport, mfa, users } = parts;
      for (const name of NAMES) {
        passport.use(mfa.strategy(name));
        app.post(`/step/${name}`, passport.authenticate(name), whoIsIt);
      }
      app.post(
        '/redirect',
        passport.authenticate('mfa', { successRedirect: '/welcome', failureRedirect: '/code', failureFlash: true }),
      );
      app.get('/flash', (req, res) => void res.json((req as unknown as { flash(): unknown }).flash()));
      app.post('/callback', (req, res, next) => {
        const answered = (error: unknown, user: Express.User | false, info: unknown, status: number) => {
          if (error) return next(error);
          if (!user) return res.status(status).json({ info });
          req.logIn(user, (failed) => (failed ? next(failed) : whoIsIt(req, res, next)));
        };
        passport.authenticate('mfa', answered)(req, res, next);
      });
      app.post('/for-another', (req, res, next) => {
        const answered = () => {
          const bob = users.get('user-bob') as unknown as Express.User;
          req.logIn(bob, (failed) => (failed ? next(failed) : whoIsIt(req, res, next)));
        };
        passport.authenticate('mfa', answered)(req, res, next);
      });
      app.post('/twice', (req, res, next) => {
        const again = (user: Express.User) =>
          req.logIn(user, (failed) => (failed ? next(failed) : whoIsIt(req, res, next)));
        passport.authenticate('mfa', (_error: unknown, user: Express.User) => req.logIn(user, () => again(user)))(
          req,
          res,
          next,
        );
      });
      app.post('/ignored', (req, res, next) => {
        passport.authenticate('mfa', () => whoIsIt(req, res, next))(req, res, next);
      });
      app.post('/throws', (req, res, next) => {
        const answered = (error: unknown) => {
          if (error) return next(error);
          throw new Error('the callback broke');
        };
        passport.authenticate('mfa', answered)(req, res, next);
      });
      app.post('/assigned', passport.authenticate('mfa', { assignProperty: 'approver' }), (req, res) => {
        const { approver } = req as unknown as { approver?: { id: string } };
        res.json({ approver: approver?.id ?? null, authenticated: req.isAuthenticated() });
      });
      app.post(
        '/assigned-then-login',
        passport.authenticate('mfa', { assignProperty: 'approver' }),
        (req, res, next) => {
          const { approver } = req as unknown as { approver: Express.User };
          req.logIn(approver, (failed) => (failed ? next(failed) : whoIsIt(req, res, next)));
        },
      );
      app.post('/sessionless', passport.authenticate('mfa', { session: false }), whoIsIt);
      app.post('/chain', passport.authenticate(['mfa-totp', 'mfa-backup-code']), whoIsIt);
      options.routes?.(app, parts);
    },
  });
}

async function pendingAda(options: HostOptions = {}): Promise<Person> {
  const ada = await new Person(host(options), 'ada').enrolsTotp();
  await ada.signsOut();
  await ada.password().expect(200);
  return ada;
}

describe('a strategy on a route of the host', () => {
  it.each(['mfa', 'mfa-totp'])('%s signs in with the code of an authenticator app', async (name) => {
    const ada = await pendingAda();
    await ada.post(`/step/${name}`, { code: '000000' }).expect(422);
    await ada.get('/app').expect(401);
    await ada
      .post(`/step/${name}`, { code: ada.nextCode() })
      .expect(200, { believed: 'user-ada', authenticated: true });
    await ada.get('/payout').expect(200);
  });

  it.each(['mfa', 'mfa-backup-code'])('%s signs in with a backup code, once', async (name) => {
    const ada = await pendingAda();
    await ada.post(`/step/${name}`, { code: ada.backupCodes[0] }).expect(200);
    await ada.signsOut();
    await ada.password().expect(200);
    await ada.post(`/step/${name}`, { code: ada.backupCodes[0] }).expect(422);
    await ada.get('/app').expect(401);
  });

  it.each(['mfa', 'mfa-code'])('%s signs in with a code that was sent', async (name) => {
    const ada = await new Person(host(), 'ada').enrolsTotp();
    const begun = await ada.post('/mfa/factors/sms', { phone: '+1 212 555 0100' }).expect(201);
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.texted() }).expect(200);
    await ada.signsOut();
    await ada.password().expect(200);
    await ada.post('/mfa/challenge', { factorId: begun.body.id }).expect(202);
    await ada.post(`/step/${name}`, { code: ada.texted() }).expect(200, { believed: 'user-ada', authenticated: true });
  });

  it('mfa-code takes that of a phone with several channels, whichever it came by', async () => {
    const texts = inbox();
    const channels = [
      { channel: 'sms', via: texts },
      { channel: 'voice', via: texts },
    ] as const;
    const ada = await pendingAda({ mfa: { factors: [totp(), phone({ countries: ['US'], channels })] } });
    await ada.verify({ code: ada.nextCode() }).expect(200);
    const begun = await ada.post('/mfa/factors/phone', { phone: '+1 212 555 0100' }).expect(201);
    const code = () => texts.messages().at(-1)?.code;
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: code() }).expect(200);
    await ada.signsOut();
    await ada.password().expect(200);
    await ada.post('/mfa/challenge', { factorId: begun.body.id, channel: 'voice' }).expect(202);
    await ada.post('/step/mfa-code', { code: code() }).expect(200, { believed: 'user-ada', authenticated: true });
  });

  it('takes only its own kinds of factor', async () => {
    const ada = await pendingAda();
    await ada.post('/step/mfa-backup-code', { code: ada.nextCode(), factorId: 'totp' }).expect(404);
    await ada.post('/step/mfa-totp', { code: ada.backupCodes[0], factorId: 'backup-codes' }).expect(404);
    await ada.post('/step/mfa-code', { code: ada.code() }).expect(404);
    await ada.get('/app').expect(401);
    await ada.post('/step/mfa-totp', { code: ada.code(), factorId: ada.factorId }).expect(200);
  });

  it('in a chain lets the next one look where a code is not of its shape, and spends no try on it', async () => {
    const ada = await pendingAda();
    await ada.post('/chain', { code: ada.backupCodes[0] }).expect(200, { believed: 'user-ada', authenticated: true });
  });

  it('redirects as the host says, and tells by flash what was wrong', async () => {
    const ada = await pendingAda();
    await ada.post('/redirect', { code: '000000' }).expect(302).expect('Location', '/code');
    await ada.get('/flash').expect(200, { error: ['The code is not right.'] });
    const done = await ada.post('/redirect', { code: ada.nextCode() }).expect(302);
    expect(done.headers.location).toBe('/welcome');
    await ada.get('/app').expect(200, { user: 'user-ada' });
  });

  it('tells a callback of the host what was wrong, and signs in when that calls req.logIn', async () => {
    const ada = await pendingAda();
    const wrong = await ada.post('/callback', { code: '000000' }).expect(422);
    expect(wrong.body.info).toEqual({ message: 'The code is not right.', code: 'code_wrong', attemptsLeft: 4 });
    await ada.post('/callback', { code: ada.nextCode() }).expect(200, { believed: 'user-ada', authenticated: true });
  });

  it('signs nobody in when the callback does not call req.logIn', async () => {
    const ada = await pendingAda();
    await ada.post('/ignored', { code: ada.nextCode() }).expect(200, { believed: null, authenticated: false });
    await ada.get('/app').expect(401);
  });

  it("does not let another user's log-in spend the proof", async () => {
    const ada = await pendingAda();
    const bob = await new Person(ada.host, 'bob').enrolsTotp();
    const answer = await ada.post('/for-another', { code: ada.nextCode() });
    expect(answer.body).toMatchObject({ mfaRequired: true });
    await ada.get('/app').expect(401);
    await ada.verify({ code: bob.code() }).expect(200);
    await ada.get('/app').expect(200, { user: 'user-bob' });
  });

  it('has its proof spent by the first log-in of the request, and a second one asks for nothing', async () => {
    const ada = await pendingAda();
    await ada.post('/twice', { code: ada.nextCode() }).expect(200, { believed: 'user-ada', authenticated: true });
    await ada.get('/payout').expect(200);
  });

  it('answers nobody with 401, and a pending sign-in that is over too', async () => {
    const ada = await pendingAda();
    await new Person(ada.host, 'stranger').post('/step/mfa', { code: ada.nextCode() }).expect(401);
    ada.host.clock.advance(11 * 60_000);
    await ada.post('/step/mfa', { code: ada.nextCode() }).expect(401);
    await ada.get('/app').expect(401);
  });

  it('says when to try again once the user is locked', async () => {
    const ada = await pendingAda();
    for (let round = 0; round < 2; round += 1) {
      for (let time = 0; time < 5; time += 1) await ada.post('/step/mfa', { code: '000000' }).expect(422);
      await ada.signsOut();
      await ada.password().expect(200);
    }
    const locked = await ada.post('/step/mfa', { code: ada.nextCode() }).expect(429);
    expect(Number(locked.headers['retry-after'])).toBeGreaterThan(0);
    await ada.get('/app').expect(401);
  });

  it.each([
    { code: { $gt: '' } },
    { code: ['1', '2'] },
    [],
    'x',
    { code: '0'.repeat(5000) },
    { code: '123456', factorId: {} },
  ])('takes odd bodies for wrong ones: %j', async (body) => {
    const ada = await pendingAda();
    const answer = await ada.agent
      .post('/mfa')
      .set('Accept', 'application/json')
      .send(body as object);
    expect([answer.status >= 400, answer.status < 500]).toEqual([true, true]);
    await ada.get('/app').expect(401);
  });
});

describe('a strategy in a signed-in session', () => {
  it('steps up: a new proof, the same user, a new session id', async () => {
    const ada = await pendingAda();
    await ada.post('/step/mfa', { code: ada.nextCode() }).expect(200);
    ada.host.clock.advance(11 * 60_000);
    await ada.get('/payout').expect(403);
    const stepped = await ada
      .post('/step/mfa', { code: ada.nextCode() })
      .expect(200, { believed: 'user-ada', authenticated: true });
    expect(stepped.headers['set-cookie']).toBeDefined();
    await ada.get('/payout').expect(200);
  });

  it('with assignProperty proves for one request only: nobody is signed in anew, and the session is no fresher', async () => {
    const ada = await pendingAda();
    await ada.post('/step/mfa', { code: ada.nextCode() }).expect(200);
    ada.host.clock.advance(11 * 60_000);
    await ada.post('/assigned', { code: '000000' }).expect(422);
    const code = ada.nextCode();
    await ada.post('/assigned', { code }).expect(200, { approver: 'user-ada', authenticated: true });
    await ada.post('/assigned', { code }).expect(422);
    await ada.get('/payout').expect(403);
    await ada.post('/assigned-then-login', { code: ada.nextCode() }).expect(200);
    await ada.get('/payout').expect(403);
  });
});

describe('what could not end well is refused before a code is spent on it', () => {
  it.each([
    ['/assigned', 'assignProperty'],
    ['/assigned-then-login', 'assignProperty'],
    ['/sessionless', 'session: false'],
  ])('%s, while the sign-in is pending', async (path, advice) => {
    const ada = await pendingAda();
    const code = ada.nextCode();
    await ada.post(path, { code }).expect(500);
    expect(String(ada.host.errors.at(-1))).toContain(advice);
    await ada.get('/app').expect(401);
    await ada.post('/step/mfa', { code }).expect(200);
  });
});

describe('a fault', () => {
  afterEach(() => void jest.restoreAllMocks());

  it('becomes an error of the request, and no rejection that nobody handles', async () => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', listen);
    const ada = await pendingAda();
    await ada.post('/throws', { code: ada.nextCode() }).expect(503);
    await ada.get('/app').expect(401);
    await ada.host.store.close();
    await ada.post('/step/mfa', { code: ada.nextCode() }).expect(503);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', listen);
    expect(unhandled).toEqual([]);
  });

  it('is one action, on an object that Passport made from the strategy', async () => {
    const { mfa } = createHost();
    const actions: unknown[] = [];
    const note = (name: string) => (value: unknown) => void actions.push([name, value]);
    const made = Object.assign(Object.create(mfa.strategy('mfa')) as MfaStrategy, {
      success: note('success'),
      fail: note('fail'),
      error: note('error'),
      pass: note('pass'),
      redirect: note('redirect'),
    });
    made.authenticate({ get: () => undefined, acceptsLanguages: () => [] } as unknown as Request);
    await new Promise((resolve) => setImmediate(resolve));
    expect(actions).toEqual([['error', expect.objectContaining({ code: 'set_up' })]]);
  });
});

describe('mfa.strategy', () => {
  it('is called what it is asked for, `mfa` unless told', () => {
    const { mfa } = createHost();
    expect(mfa.strategy().name).toBe('mfa');
    expect(NAMES.map((name) => mfa.strategy(name).name)).toEqual([...NAMES]);
  });

  it.each(['mfa-sms', 'toString', '__proto__', ''])('refuses a name it does not have: %j', (name) => {
    expect(() => createHost().mfa.strategy(name as never)).toThrow(/mfa-totp/);
  });
});
