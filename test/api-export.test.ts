import { describe, expect, it } from '@jest/globals';
import { createHost, type TestHost, testClock } from './support/host.js';
import { Person } from './support/person.js';
import { stores } from './support/stores.js';

const PHONE = '+12125550100';

/** An authenticator, a number, backup codes of which one is used, wrong answers, and something of everything that waits. */
async function livedIn(host: TestHost): Promise<Person> {
  const ada = await new Person(host, 'ada').enrolsTotp('Work phone');
  const begun = await ada.post('/mfa/factors/sms', { phone: PHONE, name: 'Private' }).expect(201);
  await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.texted() }).expect(200);
  const elsewhere = ada.elsewhere();
  await elsewhere.password().expect(200);
  await elsewhere.verify({ code: ada.backupCodes[0], factorId: 'backup-codes' }).expect(200);
  await ada.post('/mfa/factors/totp', { name: 'Tablet' }).expect(201);
  const waiting = ada.elsewhere();
  await waiting.password().expect(200);
  await waiting.post('/mfa/challenge', { factorId: begun.body.id }).expect(202);
  await waiting.verify({ code: ada.code(300), factorId: 'totp' }).expect(422);
  await host.mfa.api.unlockUser(ada.user.id, { factor: 'voice', actor: 'grace@support' });
  return ada;
}

describe.each(stores)('api.exportUser on $name', ({ open }) => {
  function host(options: Parameters<typeof createHost>[0] = {}): TestHost {
    const clock = testClock();
    return createHost({ store: open(clock), ...options }, clock);
  }

  it('gives the person everything that is kept about them, as plain JSON', async () => {
    const acme = host();
    const ada = await livedIn(acme);
    const at = new Date(acme.clock()).toISOString();
    const given = await acme.mfa.api.exportUser(ada.user.id, { actor: 'privacy-desk' });
    expect(JSON.parse(JSON.stringify(given))).toEqual(given);
    expect(given).toMatchObject({
      format: 1,
      exportedAt: at,
      user: { id: 'user-ada' },
      factors: expect.arrayContaining([
        { id: ada.factorId, kind: 'totp', name: 'Work phone', addedAt: at, lastUsedAt: at },
        {
          id: expect.stringMatching(/^sms\./),
          kind: 'sms',
          name: 'Private',
          destination: PHONE,
          addedAt: at,
          lastUsedAt: at,
          lastChannel: 'sms',
        },
      ]),
      backupCodes: { left: 9, total: 10, madeAt: at },
      pendingSignIns: [{ firstFactor: 'password', returnTo: '/app', startedAt: at, expiresAt: expect.any(String) }],
      unconfirmedFactors: [{ kind: 'totp', name: 'Tablet', startedAt: at, expiresAt: expect.any(String) }],
      openChallenges: [
        { kind: 'sms', channel: 'sms', destination: '••••••••00', sentAt: at, expiresAt: expect.any(String) },
      ],
      wrongAnswers: [{ factor: 'totp', locked: false, count: 1 }],
      codesSentThisHour: 2,
    });
    expect(given.factors).toHaveLength(2);
    const types = given.audit.events.map(({ type }) => type);
    expect(types[0]).toBe('user.exported');
    expect(types).toEqual(
      expect.arrayContaining(['factor.added', 'backup_code.used', 'challenge.failed', 'sign_in.completed']),
    );
    expect(given.audit.events.at(-1)).toMatchObject({ at, userId: 'user-ada', ip: expect.any(String) });
  });

  it('and nothing secret, no name of the staff, and nothing of anybody else', async () => {
    const acme = host();
    const bob = await new Person(acme, 'bob').enrolsTotp();
    const ada = await livedIn(acme);
    const text = JSON.stringify(await acme.mfa.api.exportUser(ada.user.id));
    const codes = ada.backupCodes.flatMap((code) => [code, code.replaceAll('-', '')]);
    for (const secret of [
      ada.secret,
      ada.texted(),
      ...codes,
      's1.',
      'salt',
      'hash',
      'grace@support',
      'user-bob',
      bob.factorId,
    ])
      expect(text).not.toContain(secret);
    const kept = await acme.store.read('u:user-ada', [{ kind: 'part' }]);
    for (const { data } of kept.flat()) expect(text).not.toContain((data as { hash: string }).hash);
  });

  it('counts nothing, changes nothing but the log, and says that it was asked for', async () => {
    const acme = host();
    const ada = await livedIn(acme);
    const before = await acme.mfa.api.exportUser(ada.user.id);
    for (let again = 0; again < 12; again += 1) await acme.mfa.api.exportUser(ada.user.id, { actor: 'privacy-desk' });
    const after = await acme.mfa.api.exportUser(ada.user.id);
    expect({ ...after, audit: undefined }).toEqual({ ...before, audit: undefined });
    const { events } = await acme.mfa.api.audit.search({ types: ['user.exported'], userId: ada.user.id });
    expect(events).toHaveLength(14);
    expect(events[1]).toMatchObject({ actor: 'privacy-desk' });
  });

  it('tells of a lock, and until when', async () => {
    const acme = host();
    const ada = await new Person(acme, 'ada').enrolsTotp();
    for (const _browser of [1, 2]) {
      const eve = ada.elsewhere();
      await eve.password().expect(200);
      for (let guess = 0; guess < 5; guess += 1)
        await eve.verify({ code: ada.code(300), factorId: 'totp' }).expect(422);
    }
    const lockedUntil = new Date(acme.clock() + 15 * 60_000).toISOString();
    const { wrongAnswers } = await acme.mfa.api.exportUser(ada.user.id);
    expect(wrongAnswers).toEqual([{ factor: 'totp', locked: true, lockedUntil }]);
  });

  it('masks the numbers where it is told to', async () => {
    const acme = host();
    const ada = await livedIn(acme);
    const given = await acme.mfa.api.exportUser(ada.user.id, { destinations: 'masked' });
    expect(JSON.stringify(given)).not.toContain('5550100');
    await expect(acme.mfa.api.exportUser(ada.user.id, { destinations: 'plain' as never })).rejects.toThrow(
      /full or masked/,
    );
  });

  it('gives the rest where a number cannot be opened any more', async () => {
    const acme = host();
    const ada = await livedIn(acme);
    const rekeyed = createHost(
      { store: acme.store, mfa: { secrets: ['another secret of thirty-two characters'] } },
      acme.clock,
    );
    rekeyed.addUser('ada');
    const { factors, backupCodes } = await rekeyed.mfa.api.exportUser(ada.user.id);
    const sms = factors.find(({ kind }) => kind === 'sms');
    expect(sms).toMatchObject({ name: 'Private', destinationUnreadable: true });
    expect(backupCodes?.left).toBe(9);
  });

  it('has all pages of the log, and a cursor where they are very many', async () => {
    const acme = host();
    const ada = new Person(acme, 'ada');
    const rows = (from: number, count: number) =>
      Array.from({ length: count }, (_, at) => ({
        id: `row-${String(from + at).padStart(6, '0')}`,
        at: acme.clock() - 1_000_000 + from + at,
        type: 'sign_in.cancelled',
        owner: 'u:user-ada',
        data: { userId: 'user-ada' },
      }));
    await acme.store.append(rows(0, 1_201));
    const first = await acme.mfa.api.exportUser(ada.user.id);
    expect(first.audit.next).toBeUndefined();
    expect(new Set(first.audit.events.map(({ id }) => id)).size).toBe(1_202);
    if (acme.store.name === 'memory') return;
    await acme.store.append(rows(1_201, 9_000));
    const { audit } = await acme.mfa.api.exportUser(ada.user.id);
    expect(audit.events).toHaveLength(10_000);
    const rest = await acme.mfa.api.audit.search({ userId: ada.user.id, limit: 500, cursor: String(audit.next) });
    expect(rest.events.map(({ id }) => id)).toContain('row-000000');
    expect(rest.events).toHaveLength(203);
  });
});

it('A02 exports a user who is gone, with the tenant named', async () => {
  const users = { findById: (id: unknown) => acme.users.get(String(id)), tenantOf: () => 'acme' };
  const acme: TestHost = createHost({ mfa: { users } });
  const ada = await new Person(acme, 'ada').enrolsTotp();
  acme.users.delete(ada.user.id);
  await expect(acme.mfa.api.exportUser(ada.user.id)).rejects.toThrow(/Name it: api.exportUser\(userId, \{ tenant \}\)/);
  const given = await acme.mfa.api.exportUser(ada.user.id, { tenant: 'acme' });
  expect(given).toMatchObject({ user: { id: 'user-ada', tenant: 'acme' }, factors: [{ kind: 'totp' }] });
});
