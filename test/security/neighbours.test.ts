import { describe, expect, it } from '@jest/globals';
import { Strategy } from 'passport-strategy';
import { createHost, type TestUser } from '../support/host.js';
import { Person } from '../support/person.js';

const MINUTE = 60_000;

/** Whoever the header names is on the request, as with a stolen API token. */
class Token extends Strategy {
  readonly name = 'token';
  private readonly find: (id: string) => TestUser | undefined;

  constructor(find: (id: string) => TestUser | undefined) {
    super();
    this.find = find;
  }

  override authenticate(req: Parameters<Strategy['authenticate']>[0]): void {
    const user = this.find(req.get('x-token') ?? '');
    if (user) this.success(user);
    else this.fail(401);
  }
}

describe('step-up beside other users on the request', () => {
  it("a proof of Eve's session is none for the user of a stolen token", async () => {
    const host = createHost({
      routes(app, { passport, mfa }) {
        passport.use(new Token((id) => host.users.get(id)));
        app.get(
          '/by-token',
          passport.authenticate('token', { session: false, mfa: 'exempt' }),
          mfa.require({ within: '10m' }),
          (req, res) => void res.json({ acted: (req.user as TestUser).id }),
        );
      },
    });
    const eve = await new Person(host, 'eve').enrolsTotp();
    await new Person(host, 'victim').enrolsTotp();
    const stolen = await eve.get('/by-token').set('x-token', 'user-victim').expect(401);
    expect(stolen.body.code).toBe('mfa_required');
    await eve.get('/by-token').set('x-token', 'user-eve').expect(200, { acted: 'user-eve' });
  });

  it('a first factor that has the name of a second one does not stand in for it', async () => {
    const host = createHost({
      before: (app) => void app.use((req, _res, next) => next(void Object.assign(req, { mfaFirstFactor: 'sms' }))),
      routes: (app, { mfa }) =>
        void app.get('/by-text', mfa.require({ anyOf: ['sms'] }), (_req, res) => void res.json({})),
    });
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    await ada.get('/by-text').expect(403);
  });
});

describe('forced enrolment', () => {
  it("is the host's to refuse like any other sign-in, and leaves nothing behind then", async () => {
    let asked = 0;
    const host = createHost({
      mfa: {
        policy: () => 'required',
        beforeSignIn: () => {
          asked += 1;
          return false;
        },
      },
    });
    const ada = new Person(host, 'ada');
    await ada.password().expect(200);
    const begun = await ada.post('/mfa/factors/totp').expect(201);
    ada.secret = begun.body.secret;
    const refused = await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.code() }).expect(403);
    expect([refused.body.code, asked]).toEqual(['sign_in_refused', 1]);
    await ada.get('/app').expect(401);
    expect((await host.mfa.api.factorsOf('user-ada')).factors).toEqual([]);
  });
});

describe('budgets and bounds', () => {
  it("strangers who try to set up a victim's number do not use up what the victim signs in with", async () => {
    const host = createHost({ mfa: { limits: { sendsPerIpHour: 100 } } });
    const phone = '+1 212 555 0100';
    const victim = await new Person(host, 'victim').enrolsTotp();
    const begun = await victim.post('/mfa/factors/sms', { phone }).expect(201);
    await victim.post(`/mfa/factors/${begun.body.id}/confirm`, { code: victim.texted() }).expect(200);
    host.clock.advance(24 * 60 * MINUTE);
    for (const name of ['eve', 'mallory', 'trudy']) {
      const stranger = new Person(host, name);
      await stranger.password().expect(302);
      await stranger.post('/mfa/factors/sms', { phone });
    }
    const eve = new Person(host, 'oscar');
    await eve.password().expect(302);
    await eve.post('/mfa/factors/sms', { phone }).expect(429);
    await victim.signsOut();
    await victim.password().expect(200);
    await victim.post('/mfa/challenge', { factorId: begun.body.id }).expect(202);
  });

  it('one known password fills nothing: two hundred and fifty sign-ins wait at a time, the newest', async () => {
    const host = createHost();
    const ada = await new Person(host, 'ada').enrolsTotp();
    for (let n = 0; n < 255; n += 1) await ada.elsewhere().password().expect(200);
    const [pending = []] = await host.store.read('u:user-ada', [{ kind: 'pending' }]);
    expect(pending).toHaveLength(250);
    await ada.elsewhere().signsIn();
  });

  it('new backup codes are counted before their slow hashes are made', async () => {
    const host = createHost();
    const ada = await new Person(host, 'ada').enrolsTotp();
    for (let n = 0; n < 10; n += 1) await ada.post('/mfa/backup-codes').expect(201);
    const refused = await ada.post('/mfa/backup-codes').expect(429);
    expect([refused.body.code, refused.headers['retry-after']]).toEqual(['rate_limited', '3600']);
  });

  it('a replaced factor leaves no record behind, and plain codes do not outlive a change of credentials', async () => {
    const host = createHost();
    const ada = await new Person(host, 'ada').enrolsTotp();
    const begun = await ada.post('/mfa/factors/totp', { replaces: ada.factorId }).expect(201);
    ada.secret = begun.body.secret;
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.code() }).expect(200);
    await ada.post('/mfa/backup-codes').expect(201);
    await host.mfa.api.credentialsChanged('user-ada');
    const [used, fresh] = await host.store.read('u:user-ada', [{ kind: 'last-used' }, { kind: 'fresh-codes' }]);
    expect([used?.map(({ id }) => id), fresh]).toEqual([[begun.body.id], []]);
  });
});

describe('whose records a call is about', () => {
  it('a disabled user of a tenant is not mistaken for one without: the call says what is missing', async () => {
    const host = createHost({
      mfa: {
        users: {
          findById: (id) => [...host.users.values()].find((one) => one.id === id && !one.disabled),
          tenantOf: () => 'acme',
        },
      },
    });
    const ada = await new Person(host, 'ada').enrolsTotp();
    ada.user.disabled = true;
    await expect(host.mfa.api.credentialsChanged('user-ada')).rejects.toThrow(/tenant/);
    await host.mfa.api.credentialsChanged('user-ada', { tenant: 'acme' });
    ada.user.disabled = false;
    await ada.get('/app').expect(401);
  });

  it('ids that print as every other object are refused, not made one user', async () => {
    const host = createHost({ mfa: { users: { findById: () => ({ id: {} }), idOf: undefined } as never } });
    const ada = new Person(host, 'ada');
    await expect(host.mfa.api.factorsOf('user-ada')).rejects.toThrow(/no usable id/);
    expect(ada.user.id).toBe('user-ada');
  });
});
