import { describe, expect, it } from '@jest/globals';
import { backupCodes, inbox, type MfaApi, sms, totp } from '../src/index.js';
import { createHost, type HostOptions, type TestHost, testClock } from './support/host.js';
import { Person } from './support/person.js';

function smallHost(options: HostOptions = {}, clock = testClock()): TestHost {
  const texts = inbox({ now: clock });
  const factors = [totp(), sms({ via: texts, countries: ['US'] }), backupCodes({ count: 5 })];
  return { ...createHost({ ...options, mfa: { factors, ...options.mfa } }, clock), inbox: texts };
}

describe('api.credentialsChanged', () => {
  it('ends every proof, pending sign-in and open challenge, and keeps the factors', async () => {
    const ended: unknown[] = [];
    const host = smallHost({ mfa: { endSessions: (id, reason) => void ended.push([id, reason]) } });
    const ada = await new Person(host, 'ada').enrolsTotp();
    const waiting = ada.elsewhere();
    await waiting.password().expect(200);
    await host.mfa.api.credentialsChanged(ada.user.id, { actor: 'self-service' });
    await ada.get('/payout').expect(401);
    await ada.get('/app').expect(401);
    const over = await waiting.verify({ code: waiting.nextCode() }).expect(401);
    expect(over.body.code).toBe('sign_in_again');
    expect(ended).toContainEqual(['user-ada', 'credentials.changed']);
    expect(host.events.at(-1)).toMatchObject({ type: 'credentials.changed', actor: 'self-service' });
    expect((await host.mfa.api.factorsOf(ada.user.id)).factors).toHaveLength(1);
    await ada.elsewhere().signsIn();
  });

  it('also works for a user who is gone from the host, or whose sessions cannot be ended', async () => {
    const host = smallHost({ mfa: { endSessions: () => Promise.reject(new Error('no index')) } });
    const ada = await new Person(host, 'ada').enrolsTotp();
    host.users.delete(ada.user.id);
    await host.mfa.api.credentialsChanged(ada.user.id);
    host.users.set(ada.user.id, ada.user);
    await ada.get('/app').expect(401);
    expect(host.errors).toHaveLength(2);
  });
});

describe('api.resetUser', () => {
  it('takes every factor and every lock away, says who did it and why, and once more changes nothing', async () => {
    const host = smallHost();
    const ada = await new Person(host, 'ada').enrolsTotp();
    for (const _ of [1, 2]) {
      await host.mfa.api.resetUser(ada.user.id, { reason: 'lost phone', actor: 'admin-7' });
      expect(await host.mfa.api.factorsOf(ada.user.id)).toEqual({ factors: [], backupCodesLeft: 0, required: false });
    }
    const { events } = await host.mfa.api.audit.search({ types: ['mfa.reset'] });
    expect(events[0]).toMatchObject({ reason: 'lost phone', actor: 'admin-7', userId: 'user-ada' });
    await ada.get('/app').expect(401);
    await ada.elsewhere().password().expect(302);
  });

  it.each([undefined, {}, { reason: '' }, { reason: ' ' }, { reason: 5 }])(
    'asks for a reason, not %p',
    async (options) => {
      const host = smallHost();
      const ada = await new Person(host, 'ada').enrolsTotp();
      await expect(host.mfa.api.resetUser(ada.user.id, options as never)).rejects.toThrow(/`reason` is missing/);
      expect((await host.mfa.api.factorsOf(ada.user.id)).factors).toHaveLength(1);
    },
  );
});

describe('api.unlockUser', () => {
  async function locked(): Promise<{ host: TestHost; ada: Person }> {
    const host = smallHost();
    const ada = await new Person(host, 'ada').enrolsTotp();
    for (const _browser of [1, 2]) {
      const eve = ada.elsewhere();
      await eve.password().expect(200);
      for (let guess = 0; guess < 5; guess += 1)
        await eve.verify({ code: ada.code(300), factorId: 'totp' }).expect(422);
    }
    const refused = ada.elsewhere();
    await refused.password().expect(200);
    await refused.verify({ code: ada.nextCode(), factorId: 'totp' }).expect(429);
    return { host, ada };
  }

  it('opens the lock of one kind', async () => {
    const { host, ada } = await locked();
    await host.mfa.api.unlockUser(ada.user.id, { factor: 'sms' });
    const still = ada.elsewhere();
    await still.password().expect(200);
    await still.verify({ code: ada.nextCode(), factorId: 'totp' }).expect(429);
    await host.mfa.api.unlockUser(ada.user.id, { factor: 'totp', actor: 'admin' });
    expect(host.events.at(-1)).toMatchObject({ type: 'user.unlocked', factor: 'totp', actor: 'admin' });
    await ada.elsewhere().signsIn();
  });

  it('or all of them', async () => {
    const { host, ada } = await locked();
    await host.mfa.api.unlockUser(ada.user.id);
    await ada.elsewhere().signsIn();
  });

  it('of a kind that exists', async () => {
    const { host, ada } = await locked();
    await expect(host.mfa.api.unlockUser(ada.user.id, { factor: 'topt' })).rejects.toThrow(
      "api.unlockUser: there is no factor 'topt'. Did you mean `totp`?",
    );
  });
});

describe('api.factorsOf', () => {
  it('A04 shows what is set up and nothing secret', async () => {
    const host = smallHost({ mfa: { policy: () => 'required' } });
    const ada = new Person(host, 'ada');
    await ada.password().expect(200);
    await ada.addsTotp('Work phone');
    const begun = await ada.post('/mfa/factors/sms', { phone: '+12125550100' }).expect(201);
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.texted() }).expect(200);
    const shown = await host.mfa.api.factorsOf(ada.user.id);
    expect(shown).toMatchObject({ backupCodesLeft: 5, required: true });
    const byKind = Object.fromEntries(shown.factors.map((factor) => [factor.kind, factor]));
    expect(byKind).toMatchObject({ totp: { name: 'Work phone' }, sms: { destination: '••••••••00' } });
    expect(JSON.stringify(shown)).not.toMatch(new RegExp(`${ada.secret}|5550100|s1\\.`));
  });

  it('knows no user the host does not know', async () => {
    await expect(smallHost().mfa.api.factorsOf('nobody')).rejects.toMatchObject({ code: 'not_found', status: 404 });
  });
});

describe('whom a call is about', () => {
  const CALLS: readonly {
    readonly call: keyof MfaApi;
    run(api: MfaApi, id: never, tenant?: string): Promise<unknown>;
  }[] = [
    {
      call: 'credentialsChanged',
      run: (api, id, tenant) => api.credentialsChanged(id, { ...(tenant ? { tenant } : {}) }),
    },
    { call: 'resetUser', run: (api, id, tenant) => api.resetUser(id, { reason: 'x', ...(tenant ? { tenant } : {}) }) },
    { call: 'unlockUser', run: (api, id, tenant) => api.unlockUser(id, { ...(tenant ? { tenant } : {}) }) },
    { call: 'forgetUser', run: (api, id, tenant) => api.forgetUser(id, { ...(tenant ? { tenant } : {}) }) },
    { call: 'exportUser', run: (api, id, tenant) => api.exportUser(id, { ...(tenant ? { tenant } : {}) }) },
    { call: 'factorsOf', run: (api, id, tenant) => api.factorsOf(id, { ...(tenant ? { tenant } : {}) }) },
  ];

  it.each(CALLS)('$call takes a user’s id, and nothing that could be nobody’s', async ({ run }) => {
    const { mfa, events } = smallHost();
    for (const id of [undefined, null, '', {}, Number.NaN, 1.5, true]) {
      await expect(run(mfa.api, id as never)).rejects.toMatchObject({ code: 'field_invalid' });
    }
    expect(events).toEqual([]);
  });

  it.each(CALLS)('A02 $call refuses a tenant that is not the user’s', async ({ run }) => {
    const host = smallHost({
      mfa: { users: { findById: (id) => host.users.get(String(id)), tenantOf: () => 'acme' } },
    });
    const ada = await new Person(host, 'ada').enrolsTotp();
    await expect(run(host.mfa.api, ada.user.id as never, 'evil')).rejects.toMatchObject({ code: 'not_found' });
    expect((await host.mfa.api.factorsOf(ada.user.id)).factors).toHaveLength(1);
    await run(host.mfa.api, ada.user.id as never, 'acme');
  });
});

describe('api.sweep', () => {
  it('deletes what has expired, and old rows where it is told to', async () => {
    const host = smallHost();
    const ada = await new Person(host, 'ada').enrolsTotp();
    await ada.signsOut();
    await ada.password().expect(200);
    host.clock.advance(60 * 24 * 3_600_000);
    expect((await host.mfa.api.sweep()).removed).toBeGreaterThanOrEqual(0);
    expect((await host.mfa.api.audit.search()).events.length).toBeGreaterThan(3);
    await host.mfa.api.sweep({ auditBefore: new Date(host.clock()) });
    const { events } = await host.mfa.api.audit.search();
    expect(events.filter(({ epoch }) => epoch === undefined)).toEqual([]);
    expect((await host.mfa.api.factorsOf(ada.user.id)).factors).toHaveLength(1);
  });

  it.each([new Date('nonsense'), '2026-01-01', 5, null])('takes a date, not %p', async (auditBefore) => {
    const host = smallHost();
    await new Person(host, 'ada').password().expect(302);
    await expect(host.mfa.api.sweep({ auditBefore } as never)).rejects.toMatchObject({ code: 'field_invalid' });
    expect((await host.mfa.api.audit.search()).events).toHaveLength(1);
  });
});
