import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import Database from 'libsql';
import type { Store } from '../../src/index.js';
import { sqliteStore } from '../../src/stores/sqlite.js';
import { createHost, type HostOptions, type TestHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { sharedStores } from '../support/servers.js';
import { stores } from '../support/stores.js';
import { twoProcesses } from '../support/two-processes.js';

const folder = mkdtempSync(join(tmpdir(), 'express-mfa-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const KINDS = 'enrolment last-used backup part fresh-codes pending challenge draft imported network looked-up'.split(
  ' ',
);
const OWNER = 'u:user-ada';

/** What is left of Ada, by kind. */
async function leftOf(store: Store): Promise<Record<string, number>> {
  const lists = await store.read(
    OWNER,
    KINDS.map((kind) => ({ kind })),
  );
  return Object.fromEntries(KINDS.flatMap((kind, at) => (lists[at]?.length ? [[kind, lists[at].length]] : [])));
}

/** With something of every sort: factors, codes, a lock, a sign-in that waits, a text that was sent, a set-up that is open, a known network, a number that was looked up. */
async function livedIn(host: TestHost): Promise<Person> {
  const ada = await new Person(host, 'ada').enrolsTotp();
  await ada.elsewhere().signsIn();
  const begun = await ada.post('/mfa/factors/sms', { phone: '+12125550100' }).expect(201);
  await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.texted() }).expect(200);
  await ada.post('/mfa/backup-codes').expect(201);
  await ada.post('/mfa/factors/totp').expect(201);
  const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
  await host.mfa.api.importTotp([{ userId: ada.user.id, secret, encoding: 'base32' }]);
  const waiting = ada.elsewhere();
  await waiting.password().expect(200);
  await waiting.post('/mfa/challenge', { factorId: begun.body.id }).expect(202);
  for (const _browser of [1, 2]) {
    const eve = ada.elsewhere();
    await eve.password().expect(200);
    for (let guess = 0; guess < 5; guess += 1) await eve.verify({ code: ada.code(300), factorId: 'totp' }).expect(422);
  }
  return ada;
}

describe.each(stores)('api.forgetUser on $name', ({ open }) => {
  function host(store?: Store): TestHost {
    const clock = testClock();
    const risk = { dryRun: true, lookup: () => ({ line: 'mobile' as const }) };
    return createHost({ store: store ?? open(clock), mfa: { risk } }, clock);
  }

  it('leaves nothing of the user but the row that says so', async () => {
    const acme = host();
    const ada = await livedIn(acme);
    const bob = await new Person(acme, 'bob').enrolsTotp();
    expect(Object.keys(await leftOf(acme.store)).sort()).toEqual([...KINDS].sort());
    acme.users.delete(ada.user.id);
    await acme.mfa.api.forgetUser(ada.user.id, { actor: 'ada@support' });
    expect(await leftOf(acme.store)).toEqual({});
    const { events } = await acme.mfa.api.audit.search({ userId: ada.user.id });
    expect(events).toEqual([
      {
        id: expect.any(String),
        at: acme.clock(),
        type: 'user.forgotten',
        userId: ada.user.id,
        actor: 'ada@support',
        epoch: expect.any(Number),
      },
    ]);
    await bob.get('/payout').expect(200);
    expect((await acme.mfa.api.audit.search({ userId: bob.user.id })).events.length).toBeGreaterThan(2);
  });

  it('keeps the rows where a law asks for them', async () => {
    const acme = host();
    const ada = await new Person(acme, 'ada').enrolsTotp();
    const before = (await acme.mfa.api.audit.search({ userId: ada.user.id })).events;
    await acme.mfa.api.forgetUser(ada.user.id, { audit: 'keep' });
    const { events } = await acme.mfa.api.audit.search({ userId: ada.user.id });
    expect(events.slice(1)).toEqual(before);
    await expect(acme.mfa.api.forgetUser(ada.user.id, { audit: 'none' as never })).rejects.toThrow(/delete or keep/);
  });

  it('lets whoever gets the id next start clean, with no factor, lock or budget of the one before', async () => {
    const acme = host();
    const before = await livedIn(acme);
    await acme.mfa.api.forgetUser(before.user.id);
    await before.get('/payout').expect(401);
    const after = new Person(acme, 'ada');
    await after.password().expect(302);
    expect(await acme.mfa.api.factorsOf(after.user.id)).toMatchObject({ factors: [], backupCodesLeft: 0 });
    await after.addsTotp();
    await after.elsewhere().signsIn();
    await before.get('/app').expect(401);
  });

  it('ends the session of a user who never had a factor, also for a process that asks the store', async () => {
    const acme = host();
    const old = new Person(acme, 'ada');
    await old.password().expect(302);
    await acme.mfa.api.forgetUser(old.user.id);
    // Another process, which knows nothing but what is in the store.
    const other = createHost({ store: acme.store, sessionStore: acme.sessions, routes: strictRoute }, acme.clock);
    const there = new Person(other, 'ada');
    there.agent.jar = old.agent.jar;
    const refused = await there.get('/strict').expect(401);
    expect(refused.body.code).toMatch(/sign_in/);
    await there.get('/app').expect(401);
    await old.get('/payout').expect(401);
  });

  it('can be called again, and again after it failed half-way', async () => {
    const clock = testClock();
    const inner = open(clock);
    let isBroken = true;
    const store: Store = {
      ...inner,
      async forget(...given) {
        if (isBroken) throw new Error('the connection broke');
        await inner.forget(...given);
      },
    };
    const acme = createHost({ store }, clock);
    const ada = await livedIn(acme);
    await expect(acme.mfa.api.forgetUser(ada.user.id)).rejects.toMatchObject({ code: 'unavailable' });
    // Forgotten by then: only rows are left.
    expect(await leftOf(store)).toEqual({});
    await ada.get('/payout').expect(401);
    isBroken = false;
    for (const _ of [1, 2]) {
      await acme.mfa.api.forgetUser(ada.user.id);
      const { events } = await acme.mfa.api.audit.search({ userId: ada.user.id });
      expect(events.map(({ type }) => type)).toEqual(['user.forgotten']);
    }
  });
});

const strictRoute: NonNullable<HostOptions['routes']> = (app, { mfa }) =>
  void app.get('/strict', mfa.require({ strict: true }), (_req, res) => void res.json({}));

/** The account is deleted right before the n-th change of the store; how many changes there were. */
async function journeyWithDeletionAt(at: number): Promise<{ changes: number; left: readonly unknown[] }> {
  const clock = testClock();
  const path = join(folder, `${at}.db`);
  const inner = sqliteStore({ path, clock });
  let changes = 0;
  let isForgetting = false;
  const store: Store = {
    ...inner,
    async commit(owner, step) {
      if (owner === OWNER && !isForgetting) changes += 1;
      if (owner === OWNER && !isForgetting && changes === at) {
        isForgetting = true;
        acme.users.delete('user-ada');
        await acme.mfa.api.forgetUser('user-ada');
        isForgetting = false;
        changes += 1;
      }
      return await inner.commit(owner, step);
    },
  };
  const acme = createHost({ store }, clock);
  const ada = new Person(acme, 'ada');
  const answers = async () => {
    await ada.password();
    const totp = await ada.post('/mfa/factors/totp');
    ada.secret = totp.body.secret ?? 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
    await ada.post(`/mfa/factors/${totp.body.id}/confirm`, { code: ada.code() });
    const sms = await ada.post('/mfa/factors/sms', { phone: '+12125550100' });
    await ada.post(`/mfa/factors/${sms.body.id}/confirm`, { code: ada.texted() });
    await ada.post('/mfa/backup-codes');
    await ada.agent.patch(`/mfa/factors/${totp.body.id}`).send({ name: 'Phone' });
    const elsewhere = ada.elsewhere();
    await elsewhere.password();
    clock.advance(60_000);
    await elsewhere.post('/mfa/challenge', { factorId: sms.body.id });
    await elsewhere.verify({ code: '000000', factorId: sms.body.id });
    await elsewhere.verify({ code: ada.texted(), factorId: sms.body.id });
    await elsewhere.delete(`/mfa/factors/${sms.body.id}`);
  };
  await answers();
  await store.close();
  const file = new Database(path, { readonly: true });
  const left = [
    ...file.prepare(`SELECT kind FROM mfa_records WHERE owner = '${OWNER}'`).all(),
    ...file.prepare(`SELECT key AS kind FROM mfa_counters WHERE owner = '${OWNER}'`).all(),
  ].map((row) => (row as { kind: string }).kind);
  file.close();
  return { changes, left };
}

describe('a sign-in that is running when the account is deleted', () => {
  it('brings nothing back, whichever of its steps comes after', async () => {
    const { changes } = await journeyWithDeletionAt(0);
    expect(changes).toBeGreaterThan(15);
    const back: unknown[] = [];
    for (let at = 1; at <= changes; at += 1) {
      const { left } = await journeyWithDeletionAt(at);
      if (left.join() !== 'epoch') back.push([at, left]);
    }
    expect(back).toEqual([]);
  }, 120_000);
});

describe.each(await sharedStores())('with two processes, on %s', (on) => {
  it('2P the other one refuses the session, the waiting sign-in and the code', async () => {
    const rig = await twoProcesses(on);
    const ada = await (await rig.person('ada')).enrolsTotp();
    const there = rig.at(ada, rig.two);
    await there.get('/payout').expect(200);
    const waiting = rig.elsewhere(ada, rig.two);
    await waiting.password().expect(200);
    await rig.one.ask({ do: 'forget user', id: ada.user.id });
    await rig.advance(30_000);
    const over = await waiting.verify({ code: waiting.code() }).expect(401);
    expect(over.body.code).toBe('sign_in_again');
    await until(async () => (await there.get('/payout')).status === 401);
    await there.get('/app').expect(401);
    // The id is somebody's again: a clean beginning, and still nothing for the session of before.
    await rig.elsewhere(ada, rig.two).password().expect(302);
    await there.get('/payout').expect(401);
  }, 60_000);
});

/** The other process reads every two seconds what has ended. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let round = 0; round < 100; round += 1) {
    if (await isSo()) return;
    await later(100);
  }
  throw new Error('It did not happen.');
}
