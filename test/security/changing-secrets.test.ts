/** What happens to people when the secrets change: everything is sealed anew while they sign in, and a secret that is missing concerns nobody else. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { type Json, MfaError, memoryStore, type ResealProgress, type Store, totp } from '../../src/index.js';
import { faultyStore } from '../support/faulty-store.js';
import { createHost, type HostOptions, type TestHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { stores } from '../support/stores.js';

const OLD = 'test secret of at least thirty-two characters';
const NEW = 'another secret of at least thirty-two characters';
const PHONE = '+12125550100';

/** The same app, started again with other secrets. */
function restarted(host: TestHost, secrets: readonly string[], more: HostOptions = {}): TestHost {
  const next = createHost({ ...more, store: more.store ?? host.store, mfa: { secrets, ...more.mfa } }, host.clock);
  for (const user of host.users.values()) next.users.set(user.id, user);
  return next;
}

function at(host: TestHost, person: Person): Person {
  const { secret, backupCodes, factorId } = person;
  return Object.assign(new Person(host, person.user.id.replace('user-', '')), { secret, backupCodes, factorId });
}

async function people(host: TestHost, count: number): Promise<readonly Person[]> {
  const all: Person[] = [];
  for (let index = 0; index < count; index += 1) all.push(await new Person(host, `p${index}`).enrolsTotp());
  return all;
}

async function keyIds(store: Store, name: string): Promise<readonly string[]> {
  const [rows = []] = await store.read(`u:user-${name}`, [{ kind: 'enrolment' }]);
  return rows.flatMap(({ data }) =>
    [...JSON.stringify(data).matchAll(/"s1\.([\w-]{8})\./g)].map(([, id]) => String(id)),
  );
}

async function addsPhone(person: Person): Promise<string> {
  const begun = await person.post('/mfa/factors/sms', { phone: PHONE }).expect(201);
  await person.post(`/mfa/factors/${begun.body.id}/confirm`, { code: person.texted() }).expect(200);
  return begun.body.id;
}

/** What was told to the host, as text: every message, stack and field. */
const told = ({ errors }: TestHost) =>
  errors.map((error) => `${(error as Error).stack} ${JSON.stringify(error)}`).join();

describe.each(stores)('K01 sealing everything anew on $name', ({ open }) => {
  it('leaves nothing that needs the older secret, and says from when on it is free', async () => {
    const clock = testClock();
    const host = createHost({ store: open(clock) }, clock);
    const [ada, bob] = await people(host, 3);
    if (!ada || !bob) throw new Error('Two people are needed.');
    await addsPhone(ada);
    const both = restarted(host, [NEW, OLD]);
    const before = await host.store.read('u:user-p0', [{ kind: 'enrolment' }, { kind: 'epoch' }, { kind: 'part' }]);
    const report = await both.mfa.api.resealAll();
    expect(report).toEqual({
      users: 3,
      looked: 4,
      resealed: 4,
      left: 0,
      unreadableCount: 0,
      unreadable: [],
      olderSecretsFreeFrom: new Date(clock() + 10 * 60_000),
    });
    expect(await both.mfa.api.resealAll()).toMatchObject({ users: 3, looked: 4, resealed: 0, left: 0 });
    // Names, ages, used steps, epochs and codes are as they were.
    const after = await host.store.read('u:user-p0', [{ kind: 'enrolment' }, { kind: 'epoch' }, { kind: 'part' }]);
    const bare = (records: typeof after) =>
      records
        .flat()
        .map(({ data, version: _, ...rest }) => ({ ...rest, name: (data as { name?: Json } | null)?.name }));
    expect(bare(after)).toEqual(bare(before));

    const onlyNew = restarted(host, [NEW]);
    await (await at(onlyNew, ada).signsIn()).get('/app').expect(200);
    const withCode = at(onlyNew, bob);
    await withCode.password().expect(200);
    await withCode.verify({ code: bob.backupCodes[0] }).expect(200);
    const sent = at(onlyNew, ada);
    await sent.password().expect(200);
    const { body } = await sent.get('/mfa/challenge').expect(200);
    const sms = body.factors.find(({ kind }: { kind: string }) => kind === 'sms');
    await sent.post('/mfa/challenge', { factorId: sms.id ?? sms.factorId }).expect(202);
    await sent.verify({ factorId: sms.id ?? sms.factorId, code: sent.texted() }).expect(200);
    expect(told(onlyNew)).toBe('');
  });

  it('harms nobody who signs in, renames and sets up meanwhile, nor a second run beside it', async () => {
    const clock = testClock();
    const host = createHost({ store: open(clock) }, clock);
    const all = await people(host, 6);
    const both = restarted(host, [NEW, OLD]);
    const again = all.map((person) => at(both, person));
    for (const person of again) await person.password().expect(200);
    clock.advance(30_000);
    const [reports] = await Promise.all([
      Promise.all([both.mfa.api.resealAll(), both.mfa.api.resealAll()]),
      ...again.map((person) => person.verify({ code: person.code() }).expect(200)),
    ]);
    expect(reports.every(({ left }) => left === 0)).toBe(true);
    const newKeys = new Set<string>();
    for (const [index] of all.entries()) for (const id of await keyIds(host.store, `p${index}`)) newKeys.add(id);
    expect(newKeys.size).toBe(1);
    for (const person of again) await person.get('/app').expect(200);
    expect(told(both)).toBe('');
  });

  it('what was begun under the older secret is sealed with the newest when it is confirmed', async () => {
    const clock = testClock();
    const host = createHost({ store: open(clock) }, clock);
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    const begun = await ada.post('/mfa/factors/totp', {}).expect(201);
    const both = restarted(host, [NEW, OLD], { sessionStore: host.sessions });
    await both.mfa.api.resealAll();
    const there = at(both, ada);
    there.agent.jar = ada.agent.jar;
    there.secret = begun.body.secret;
    await there.post(`/mfa/factors/${begun.body.id}/confirm`, { code: there.code() }).expect(200);
    expect(await both.mfa.api.resealAll()).toMatchObject({ looked: 1, resealed: 0 });
  });
});

describe('K01 a run that is disturbed', () => {
  it('goes on where it was stopped, page by page, and tells how far it is', async () => {
    const clock = testClock();
    const pages = smallPages(memoryStore({ clock }), 2);
    const host = createHost({ store: pages }, clock);
    await people(host, 5);
    const both = restarted(host, [NEW, OLD]);
    const seen: ResealProgress[] = [];
    const stop = new AbortController();
    const first = await both.mfa.api.resealAll({
      signal: stop.signal,
      onProgress(progress) {
        seen.push(progress);
        stop.abort();
      },
    });
    expect(first).toMatchObject({ users: 2, resealed: 2, cursor: expect.any(String) });
    expect(first.olderSecretsFreeFrom).toBeUndefined();
    expect(seen).toEqual([{ users: 2, looked: 2, resealed: 2, left: 0, unreadableCount: 0, cursor: first.cursor }]);
    const rest = await both.mfa.api.resealAll({ cursor: String(first.cursor) });
    expect(rest).toMatchObject({ users: 3, resealed: 3 });
    // It did not see the beginning, so it cannot speak for everything.
    expect(rest.olderSecretsFreeFrom).toBeUndefined();
    expect((await both.mfa.api.resealAll()).olderSecretsFreeFrom).toBeInstanceOf(Date);
  });

  it('fails where the store does, keeps what it did, and ends well the next time', async () => {
    const clock = testClock();
    const store = faultyStore(memoryStore({ clock }));
    const host = createHost({ store }, clock);
    await people(host, 6);
    const both = restarted(host, [NEW, OLD]);
    store.arm('error', 3, ['commit']);
    await expect(both.mfa.api.resealAll()).rejects.toMatchObject({ code: 'unavailable' });
    await store.heal();
    await sleep(0);
    const report = await both.mfa.api.resealAll();
    expect(report).toMatchObject({ users: 6, looked: 6, left: 0 });
    expect(report.resealed).toBeGreaterThan(0);
    expect(report.resealed).toBeLessThan(6);
  });

  it('says what is left where somebody changes a record every time it is about to be written', async () => {
    const clock = testClock();
    const inner = memoryStore({ clock });
    const host = createHost({ store: inner }, clock);
    await people(host, 2);
    const busy: Store = {
      ...inner,
      async commit(owner, step) {
        const [write] = step.writes ?? [];
        if (owner === 'u:user-p1' && write?.do === 'put' && write.kind === 'enrolment') {
          const [[record] = []] = await inner.read(owner, [{ kind: 'enrolment' }]);
          const { kind, id, data } = record ?? { kind: '', id: '', data: null };
          await inner.commit(owner, { writes: [{ do: 'put', kind, id, data }] });
        }
        return await inner.commit(owner, step);
      },
    };
    const both = restarted(host, [NEW, OLD], { store: busy });
    const report = await both.mfa.api.resealAll();
    expect(report).toMatchObject({ users: 2, resealed: 1, left: 1, unreadable: [] });
    expect(report.olderSecretsFreeFrom).toBeUndefined();
  });

  it('names an option it does not have', async () => {
    const host = createHost();
    await expect(host.mfa.api.resealAll({ onprogress: () => undefined } as object)).rejects.toThrow(/onProgress/);
    await expect(host.mfa.api.resealAll({ cursor: 'nonsense' })).rejects.toBeInstanceOf(MfaError);
  });
});

describe('K01 a record that no secret opens', () => {
  async function brokenHost() {
    const clock = testClock();
    const host = createHost({}, clock);
    const ada = await new Person(host, 'ada').enrolsTotp();
    const oldKey = (await keyIds(host.store, 'ada'))[0] ?? '';
    const next = restarted(host, [NEW]);
    const bob = await new Person(next, 'bob').enrolsTotp();
    return { host, next, ada: at(next, ada), bob, oldKey };
  }

  it('is named in the report, with its key, its reason and nothing secret; the others are done', async () => {
    const { host, next, oldKey, ada } = await brokenHost();
    const [[row] = []] = await host.store.read('u:user-bob', [{ kind: 'enrolment' }]);
    const report = await next.mfa.api.resealAll();
    const [[adas] = []] = await host.store.read('u:user-ada', [{ kind: 'enrolment' }]);
    const entry = { owner: 'u:user-ada', kind: 'enrolment', id: adas?.id, reason: 'key_missing', keyId: oldKey };
    expect(report).toMatchObject({ users: 2, looked: 2, unreadableCount: 1, unreadable: [entry] });
    expect(report.olderSecretsFreeFrom).toBeUndefined();
    expect(JSON.stringify(report)).not.toContain(ada.secret);

    // One that was changed, although its key is there.
    const data = JSON.parse(JSON.stringify(row?.data).replace(/(s1\.[\w-]{8}\.[\w-]{16}\.)./, (_, head) => `${head}!`));
    await host.store.commit('u:user-bob', { writes: [{ do: 'put', kind: 'enrolment', id: row?.id ?? '', data }] });
    const second = await next.mfa.api.resealAll();
    expect(second.unreadable.map(({ owner, reason }) => [owner, reason]).sort()).toEqual([
      ['u:user-ada', 'key_missing'],
      ['u:user-bob', 'changed'],
    ]);
  });

  it('is 503 for its user and told to the host by kind and key id; nobody else notices', async () => {
    const { next, ada, bob, oldKey } = await brokenHost();
    await ada.password().expect(200);
    const tried = await ada.verify({ code: ada.nextCode(), factorId: 'totp' });
    expect([tried.status, tried.body.code]).toEqual([503, 'unavailable']);
    expect(tried.text).not.toMatch(/secret|sealed|key/i);
    expect(told(next)).toMatch(new RegExp(`enrolment totp\\.[\\w.-]+ was sealed with key ${oldKey}, which is not in`));
    for (const secret of [OLD, NEW, ada.secret]) expect(told(next)).not.toContain(secret);
    await ada.get('/app').expect(401);
    const page = await ada.agent.get('/mfa/challenge').set('Accept', 'text/html');
    expect(page.status).toBe(200);
    await bob.signsOut();
    await (await bob.signsIn()).get('/app').expect(200);
  });

  it('costs its user no try, however often they try, and is mended by putting the secret back', async () => {
    const { next, ada } = await brokenHost();
    await ada.password().expect(200);
    for (let time = 0; time < 15; time += 1)
      expect((await ada.verify({ code: ada.code(), factorId: 'totp' })).status).toBe(503);
    const mended = restarted(next, [NEW, OLD]);
    await (await at(mended, ada).signsIn()).get('/app').expect(200);
  });

  it('does not stand in the way of another authenticator, and a wrong code is still counted', async () => {
    const { host, next, ada } = await brokenHost();
    const both = restarted(host, [NEW, OLD], { mfa: { secrets: [NEW, OLD] } });
    const inBoth = at(both, ada);
    await inBoth.password().expect(200);
    await inBoth.verify({ code: ada.backupCodes[0] }).expect(200);
    await inBoth.addsTotp('Second');
    expect(new Set(await keyIds(host.store, 'ada')).size).toBe(2);
    const again = at(next, inBoth);
    await again.password().expect(200);
    await again.verify({ code: again.nextCode(), factorId: 'totp' }).expect(200);
    await again.get('/app').expect(200);
    await again.signsOut();
    const statuses: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const stranger = again.elsewhere();
      await stranger.password().expect(200);
      for (let time = 0; time < 4; time += 1)
        statuses.push((await stranger.verify({ code: '000000', factorId: 'totp' })).status);
    }
    // Right for the one that cannot be read, for all anybody knows: so not "wrong", but no guess is free either.
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 503), 429, 429]);
  });

  it('of a phone leaves the other ways open, and its owner can remove it', async () => {
    const { host, next, ada } = await brokenHost();
    const both = restarted(host, [OLD]);
    const begin = await at(both, ada).signsIn();
    const phone = await addsPhone(begin);
    const again = at(next, ada);
    await again.password().expect(200);
    const shown = await again.get('/mfa/challenge').expect(200);
    expect(shown.body.factors.map(({ kind }: { kind: string }) => kind)).toEqual(['totp', 'backup-codes']);
    expect((await again.post('/mfa/challenge', { factorId: phone })).status).toBe(503);
    await again.verify({ code: ada.backupCodes[1] }).expect(200);
    const list = await again.get('/mfa/factors').expect(200);
    expect(JSON.stringify(list.body)).toContain(phone);
    await again.delete(`/mfa/factors/${phone}`).expect(200);
    expect(next.inbox.messages()).toEqual([]);
    expect(told(next)).toMatch(/enrolment sms\./);
  });

  it('as the only way is a fault, and never "no factor"', async () => {
    const clock = testClock();
    const host = createHost({}, clock);
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    await addsPhone(ada);
    const next = restarted(host, [NEW]);
    await next.store.commit('u:user-ada', { writes: [{ do: 'delete', kind: 'part' }] });
    const again = at(next, ada);
    expect((await again.password()).status).toBe(503);
    for (const accept of ['application/json', 'text/html']) {
      expect((await again.agent.get('/mfa/challenge').set('Accept', accept)).status).toBe(503);
    }
    await again.get('/app').expect(401);
  });
});

describe('K01 secrets while a deployment goes on', () => {
  it('a process that knows the new secret only as its last opens what the others seal with it already', async () => {
    const clock = testClock();
    const store = memoryStore({ clock });
    const ahead = createHost({ store, mfa: { secrets: [NEW, OLD], factors: [totp()] } }, clock);
    const ada = await new Person(ahead, 'ada').enrolsTotp();
    // Deployed without that step, a process that knows only the older secret has nothing to open it with.
    const early = at(restarted(ahead, [OLD]), ada);
    await early.password().expect(200);
    expect((await early.verify({ code: early.nextCode() })).status).toBe(503);
    await (await at(restarted(ahead, [OLD, NEW]), ada).signsIn()).get('/app').expect(200);
  });
});

/** Pages of so many users, however many were asked for. */
function smallPages(store: Store, limit: number): Store {
  return { ...store, owners: (query) => store.owners({ ...query, limit }) };
}
