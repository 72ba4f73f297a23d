/** Two tenants of one app, each with a user 42: whatever is done to the one, the other hears nothing of it. */
import { describe, expect, it } from '@jest/globals';
import { ownerKey } from '../../src/flows/account.js';
import type { MfaApi } from '../../src/index.js';
import { createHost, type HostOptions, type TestHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { embedded } from '../support/stores.js';

const ID = '42';
const PHONE = '+12125550100';
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

/** Passport's ids hold the tenant; the app's own do not. */
const tenantOf = (user: { id: string }) => String(/^user-(.*)\//.exec(user.id)?.[1]);

interface TwoTenants {
  readonly host: TestHost;
  readonly acme: Person;
  readonly umbra: Person;
  /** With which tenants the host was asked for its users. */
  readonly asked: (string | undefined)[];
}

function hostOf(
  open: (clock: () => number) => TestHost['store'],
  asked: (string | undefined)[],
  options: HostOptions = {},
) {
  const clock = testClock();
  const host: TestHost = createHost(
    {
      store: open(clock),
      ...options,
      mfa: {
        users: {
          findById(id, tenant) {
            asked.push(tenant);
            return host.users.get(`user-${tenant}/${id}`);
          },
          idOf: () => ID,
          tenantOf,
          verifyPassword: (user, password) => user.password === password,
        },
        ...options.mfa,
      },
    },
    clock,
  );
  return host;
}

async function textsTo(person: Person, phone: string): Promise<string> {
  const begun = await person.post('/mfa/factors/sms', { phone }).expect(201);
  await person.post(`/mfa/factors/${begun.body.id}/confirm`, { code: person.texted() }).expect(200);
  return begun.body.id;
}

const TENANTS = { acme: 'acme', umbra: 'umbra' } as const;

describe.each(embedded)('two tenants on $name', ({ open }) => {
  async function both(options: HostOptions = {}): Promise<TwoTenants> {
    const asked: (string | undefined)[] = [];
    const host = hostOf(open, asked, options);
    const acme = await new Person(host, 'acme/42').enrolsTotp();
    const umbra = await new Person(host, 'umbra/42').enrolsTotp();
    return { host, acme, umbra, asked };
  }

  /** All there is to know of a tenant's user, and that the session goes on. */
  async function everythingOf(host: TestHost, person: Person, tenant: string) {
    await person.get('/payout').expect(200);
    const { events } = await host.mfa.api.audit.search({ userId: ID, tenant, limit: 500 });
    return { events, factors: await host.mfa.api.factorsOf(ID, { tenant }) };
  }

  const CALLS: readonly (readonly [name: keyof MfaApi, run: (api: MfaApi) => Promise<unknown>])[] = [
    ['credentialsChanged', (api) => api.credentialsChanged(ID, { tenant: TENANTS.umbra })],
    ['resetUser', (api) => api.resetUser(ID, { tenant: TENANTS.umbra, reason: 'lost' })],
    ['unlockUser', (api) => api.unlockUser(ID, { tenant: TENANTS.umbra })],
    ['forgetUser', (api) => api.forgetUser(ID, { tenant: TENANTS.umbra })],
    ['exportUser', (api) => api.exportUser(ID, { tenant: TENANTS.umbra })],
    [
      'importTotp',
      (api) => api.importTotp([{ userId: ID, tenant: TENANTS.umbra, secret: SECRET, encoding: 'base32' }]),
    ],
  ];

  it.each(CALLS)('A02 api.%s changes nothing for the user of the same id next door', async (_name, run) => {
    const { host, acme } = await both();
    const before = await everythingOf(host, acme, TENANTS.acme);
    const rows = (await host.mfa.api.audit.search({ userId: ID, tenant: TENANTS.umbra })).events.length;
    await run(host.mfa.api);
    expect(await everythingOf(host, acme, TENANTS.acme)).toEqual(before);
    const after = await host.mfa.api.audit.search({ userId: ID, tenant: TENANTS.umbra });
    expect(after.events.length).not.toBe(rows);
    expect(after.events.every(({ tenant }) => tenant === TENANTS.umbra)).toBe(true);
    await acme.elsewhere().signsIn();
  });

  it('the host is asked for the user of the tenant the sign-in began in, at every step', async () => {
    const { asked, acme, umbra } = await both();
    asked.length = 0;
    await acme.elsewhere().signsIn();
    expect(new Set(asked)).toEqual(new Set(['acme']));
    asked.length = 0;
    await umbra.get('/mfa/status').expect(200);
    expect(new Set(asked)).toEqual(new Set(['umbra']));
  });

  it('A02 ids of factors, set-ups and challenges of the one are nothing to the other', async () => {
    const { acme, umbra } = await both();
    const sms = await textsTo(acme, PHONE);
    const draft = await acme.post('/mfa/factors/totp').expect(201);
    const waiting = acme.elsewhere();
    await waiting.password().expect(200);
    const sent = await waiting.post('/mfa/challenge', { factorId: sms }).expect(202);
    const code = acme.texted();

    const other = umbra.elsewhere();
    await other.password().expect(200);
    const refused = [
      await other.post('/mfa/challenge', { factorId: sms }),
      // Without a challenge: said of every number, also of one that nobody has.
      await other.verify({ code, factorId: sms }),
      await other.verify({ code, factorId: `sms.${'A'.repeat(16)}.${'A'.repeat(43)}` }),
      await other.verify({ code, factorId: sms, challengeId: sent.body.challengeId }),
      await other.verify({ code: acme.nextCode(), factorId: acme.factorId }),
      await other.verify({ code: acme.backupCodes[0], factorId: 'backup-codes' }),
      await umbra.post(`/mfa/factors/${draft.body.id}/confirm`, { code: acme.code() }),
      await umbra.delete(`/mfa/factors/${acme.factorId}`),
      await umbra.agent.patch(`/mfa/factors/${sms}`).set('Accept', 'application/json').send({ name: 'mine' }),
      await umbra.post('/mfa/factors/totp', { replaces: acme.factorId }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([404, 410, 410, 404, 404, 422, 404, 404, 404, 404]);
    await waiting.verify({ code, factorId: sms }).expect(200);
    expect((await umbra.get('/mfa/factors').expect(200)).text).not.toContain(acme.factorId);
  });

  it('a lock, and the codes one has been sent, are the own ones', async () => {
    const { acme, umbra } = await both({ mfa: { limits: { sendsPerUserHour: 2 } } });
    for (const _browser of [1, 2]) {
      const eve = acme.elsewhere();
      await eve.password().expect(200);
      for (let guess = 0; guess < 5; guess += 1)
        await eve.verify({ code: acme.code(300), factorId: 'totp' }).expect(422);
    }
    const locked = acme.elsewhere();
    await locked.password().expect(200);
    await locked.verify({ code: acme.nextCode(), factorId: 'totp' }).expect(429);
    await umbra.elsewhere().signsIn();

    await textsTo(umbra, '+12125550101');
    await umbra.post('/mfa/factors/sms', { phone: '+12125550102' }).expect(201);
    await umbra.post('/mfa/factors/sms', { phone: '+12125550103' }).expect(429);
    await acme.elsewhere().password().expect(200);
  });

  it('the budgets of a number are everybody’s: whoever’s texts it gets, it is the same phone and the same bill', async () => {
    const { acme, umbra } = await both({ mfa: { limits: { sendsPerNumber10Min: 2 } } });
    for (const person of [acme, umbra]) await person.post('/mfa/factors/sms', { phone: PHONE }).expect(201);
    await umbra.post('/mfa/factors/voice', { phone: PHONE }).expect(429);
  });

  it('a proof of the one is none for the other on the same request, nor for a host that mixes them up', async () => {
    const { acme, umbra, host } = await both({
      routes(app, { mfa, users }) {
        const asOther = (req: { user?: unknown }, _res: unknown, next: () => void) => {
          req.user = users.get('user-umbra/42');
          next();
        };
        app.get('/as-other', asOther, mfa.require(), (_req, res) => void res.json({}));
      },
    });
    const refused = await acme.get('/as-other').expect(401);
    expect(refused.body.code).toBe('mfa_required');
    await umbra.get('/as-other').expect(200);
    // A host that forgets the tenant finds somebody else: the sign-in is over, not theirs.
    const wrong = host.users.get('user-umbra/42');
    const waiting = acme.elsewhere();
    await waiting.password().expect(200);
    host.users.set('user-acme/42', wrong as never);
    const over = await waiting.verify({ code: waiting.nextCode() }).expect(401);
    expect(over.body.code).toBe('sign_in_again');
  });
});

describe('the partitions of users', () => {
  it('are all different, whatever tenants and ids are called', () => {
    const names = [
      '1',
      'u:1',
      't:a:u:1',
      'a',
      'a:u:1',
      'a%3Au%3A1',
      '%',
      ':',
      '::',
      'ip:::1',
      'sends',
      ' ',
      'ä',
      'Ä',
      'a\u0308',
    ];
    const owners = names.flatMap((id) => [ownerKey(id, undefined), ...names.map((tenant) => ownerKey(id, tenant))]);
    expect(new Set(owners).size).toBe(names.length * (names.length + 1));
    expect(owners.every((owner) => /^[ut]:/.test(owner))).toBe(true);
  });
});
