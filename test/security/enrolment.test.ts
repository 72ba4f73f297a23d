import { describe, expect, it } from '@jest/globals';
import { backupCodes, inbox, type MfaEvent, type MfaOptions, type Policy, sms, totp } from '../../src/index.js';
import { addsPhone, waits, wrongCode } from '../support/guess.js';
import { createHost, PASSWORD, type TestHost, type TestUser, testClock } from '../support/host.js';
import { listening, statuses, together } from '../support/listen.js';
import { Person } from '../support/person.js';
import { stores } from '../support/stores.js';

type Mfa = Partial<MfaOptions<TestUser>>;
type Send = (person: Person, id: string) => ReturnType<Person['post']>;

const MINUTE = 60_000;

/** Every request that would change what is set up; `id` is a confirmed factor of whoever it belongs to. */
const CHANGES: Readonly<Record<string, Send>> = {
  'adding an authenticator': (person) => person.post('/mfa/factors/totp'),
  'adding a phone': (person) => person.post('/mfa/factors/sms', { phone: '+13035550101' }),
  'replacing it': (person, id) => person.post('/mfa/factors/totp', { replaces: id }),
  'confirming it': (person, id) => person.post(`/mfa/factors/${id}/confirm`, { code: '123456' }),
  'sending its code again': (person, id) => person.post(`/mfa/factors/${id}/resend`),
  'renaming it': (person, id) =>
    person.agent.patch(`/mfa/factors/${id}`).set('Accept', 'application/json').send({ name: 'Mine' }),
  'renaming it by form': (person, id) => person.post(`/mfa/factors/${id}/rename`, { name: 'Mine' }),
  'removing it': (person, id) => person.delete(`/mfa/factors/${id}`),
  'removing it by form': (person, id) => person.post(`/mfa/factors/${id}/remove`),
  'turning everything off': (person) => person.post('/mfa/disable'),
  'making new backup codes': (person) => person.post('/mfa/backup-codes'),
};

/** Everything of one user that the library keeps, apart from sign-ins under way. */
async function keptOf({ store }: TestHost, userId = 'user-ada') {
  return await store.read(
    `u:${userId}`,
    ['enrolment', 'draft', 'backup', 'part', 'fresh-codes', 'epoch'].map((kind) => ({ kind })),
  );
}

async function factorsOf(person: Person): Promise<{ id: string; kind: string; name: string }[]> {
  return (await person.get('/mfa/factors').expect(200)).body.factors;
}

describe('E01 setting up while the second factor is outstanding', () => {
  it.each(Object.entries(CHANGES))('refuses %s, and neither keeps, sends nor shows anything', async (_name, change) => {
    const host = createHost();
    const ada = await new Person(host, 'ada').enrolsTotp();
    const phone = await addsPhone(ada, '+12125550100');
    host.inbox.clear();
    const before = await keptOf(host);
    const pending = await waits(ada.elsewhere());
    for (const id of [ada.factorId, phone]) {
      const { body, text } = await change(pending, id).expect(401);
      expect(body.code).toBe('mfa_required');
      expect(text).not.toMatch(/secret|otpauth/);
    }
    expect(await keptOf(host)).toEqual(before);
    expect(host.inbox.messages()).toEqual([]);
  });

  it('refuses a look at the settings, at a set-up, and at fresh backup codes as well', async () => {
    const host = createHost();
    const ada = await new Person(host, 'ada').enrolsTotp();
    const draft = await ada.post('/mfa/factors/totp').expect(201);
    const pending = await waits(ada.elsewhere());
    const paths = ['status', 'factors', `factors/${draft.body.id}`, 'factors/new/totp', 'backup-codes'];
    for (const path of [...paths, 'backup-codes/new', 'backup-codes/download', 'disable', `factors/${ada.factorId}`]) {
      const { body } = await pending.get(`/mfa/${path}`).expect(401);
      expect([path, body.code]).toEqual([path, 'mfa_required']);
    }
  });
});

describe('E02 what is confirmed', () => {
  it('never shows its secret again, at no route and in no state', async () => {
    const host = createHost();
    const ada = await new Person(host, 'ada').enrolsTotp();
    const paths = ['status', 'factors', `factors/${ada.factorId}`, `factors/${ada.factorId}/rename`, 'challenge'];
    const everywhere = [...paths, 'factors/new/totp', `factors/${ada.factorId}/remove`, 'backup-codes', 'disable'];
    const pending = await waits(ada.elsewhere());
    const stranger = ada.elsewhere();
    let told = '';
    for (const person of [ada, pending, stranger]) {
      for (const path of everywhere) {
        for (const type of ['text/html', 'application/json'])
          told += (await person.agent.get(`/mfa/${path}`).set('Accept', type)).text;
      }
      told += (await person.post(`/mfa/factors/${ada.factorId}/confirm`, { code: ada.code() })).text;
      told += (await person.post('/mfa/factors/totp', { replaces: ada.factorId })).text;
    }
    expect(told.length).toBeGreaterThan(10_000);
    expect(told).not.toContain(ada.secret);
    const { body } = await ada.post(`/mfa/factors/${ada.factorId}/confirm`, { code: ada.code() }).expect(409);
    expect(body.code).toBe('already_set_up');
    await ada.get(`/mfa/factors/${ada.factorId}`).expect(404);
  });

  it('stays as it is when another is begun, wrongly confirmed, or left', async () => {
    const host = createHost({ mfa: { factors: [totp()] } });
    const ada = await new Person(host, 'ada').enrolsTotp();
    const begun = await ada.post('/mfa/factors/totp').expect(201);
    expect(begun.body.secret).not.toBe(ada.secret);
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: wrongCode(ada) }).expect(422);
    await ada.post('/mfa/factors/totp', { replaces: ada.factorId }).expect(201);
    const browser = await waits(ada.elsewhere());
    await browser.verify({ code: browser.nextCode() }).expect(200);
    expect(await factorsOf(browser)).toHaveLength(1);
  });
});

describe('E03 a signed-in session whose proof is old', () => {
  it.each(Object.entries(CHANGES))('%s asks for a fresh proof by a factor, then works', async (_name, change) => {
    const host = createHost();
    const ada = await new Person(host, 'ada').enrolsTotp();
    const phone = await addsPhone(ada, '+12125550100');
    host.clock.advance(10 * MINUTE + 1);
    const before = await keptOf(host);
    const { body } = await change(ada, phone).expect(403);
    expect(body.code).toBe('fresh_proof_required');
    expect(await keptOf(host)).toEqual(before);
    await ada.verify({ factorId: 'password', password: PASSWORD }).expect(404);
    await ada.verify({ factorId: 'totp', code: ada.code() }).expect(200);
    expect((await change(ada, phone)).status).not.toBe(403);
  });

  it('does not show a set-up it began ten minutes ago, nor confirm it', async () => {
    const host = createHost({ mfa: { factors: [totp()] } });
    const ada = await new Person(host, 'ada').enrolsTotp();
    host.clock.advance(5 * MINUTE);
    const begun = await ada.post('/mfa/factors/totp').expect(201);
    host.clock.advance(5 * MINUTE + 1);
    for (const answer of [
      await ada.get(`/mfa/factors/${begun.body.id}`),
      await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: '123456' }),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([403, 'fresh_proof_required']);
      expect(answer.text).not.toContain(begun.body.secret);
    }
  });

  it('counts no proof by a factor that is gone: the next change asks for one that is left', async () => {
    const host = createHost();
    const ada = await new Person(host, 'ada').enrolsTotp();
    const phone = await addsPhone(ada, '+12125550100');
    const browser = await waits(ada.elsewhere());
    await browser.verify({ factorId: 'totp', code: browser.nextCode() }).expect(200);
    await browser.delete(`/mfa/factors/${ada.factorId}`).expect(200);
    const { body } = await browser.delete(`/mfa/factors/${phone}`).expect(403);
    expect(body.code).toBe('fresh_proof_required');
    await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
    await browser.verify({ factorId: phone, code: browser.texted() }).expect(200);
    await browser.delete(`/mfa/factors/${phone}`).expect(200);
  });

  it('of a user without a factor asks for the password, and only then adds the first', async () => {
    const host = createHost({ mfa: { factors: [totp()] } });
    const bob = new Person(host, 'bob');
    await bob.password().expect(302);
    host.clock.advance(10 * MINUTE + 1);
    const { body } = await bob.post('/mfa/factors/totp').expect(403);
    expect(body.code).toBe('fresh_proof_required');
    await bob.verify({ factorId: 'password', password: 'wrong' }).expect(422);
    await bob.post('/mfa/factors/totp').expect(403);
    await bob.verify({ factorId: 'password', password: PASSWORD }).expect(200);
    await bob.addsTotp();
  });

  it('the password given again proves nothing for a user who has a factor by now', async () => {
    const host = createHost({ mfa: { factors: [totp()] } });
    const bob = new Person(host, 'bob');
    await bob.password().expect(302);
    await bob.verify({ factorId: 'password', password: PASSWORD }).expect(200);
    const elsewhere = bob.elsewhere();
    await elsewhere.password().expect(302);
    await elsewhere.addsTotp();
    expect((await bob.post('/mfa/factors/totp')).status).toBe(401);
    await bob.get('/app').expect(401);
  });
});

describe('E04 somebody else’s factors', () => {
  it('do not exist: not by path, body or query, and are never listed', async () => {
    const host = createHost();
    const bob = await new Person(host, 'bob').enrolsTotp();
    const phone = await addsPhone(bob, '+13035550101');
    const draft = await bob.post('/mfa/factors/totp').expect(201);
    const ada = await new Person(host, 'ada').enrolsTotp();
    const before = [await keptOf(host), await keptOf(host, 'user-bob')];
    const onOne = ['replacing it', 'confirming it', 'sending its code again', 'renaming it', 'removing it'];
    for (const name of [...onOne, 'renaming it by form', 'removing it by form']) {
      for (const id of [bob.factorId, phone, draft.body.id]) {
        const { body } = await (CHANGES[name] as Send)(ada, id).expect(404);
        expect([name, body.code]).toEqual([name, 'not_found']);
      }
    }
    await ada.get(`/mfa/factors/${draft.body.id}`).expect(404);
    await ada.post(`/mfa/factors/${draft.body.id}/confirm`, { code: '123456', userId: 'user-bob' }).expect(404);
    expect([await keptOf(host), await keptOf(host, 'user-bob')]).toEqual(before);
    const listed = await ada.get('/mfa/factors?userId=user-bob').expect(200);
    expect(listed.body.factors.map(({ id }: { id: string }) => id)).toEqual([ada.factorId]);
    expect((await bob.get('/mfa/factors').expect(200)).text).not.toContain('3035550101');
  });

  it('are not added to by naming them: identity is the session’s', async () => {
    const host = createHost();
    const ada = await new Person(host, 'ada').enrolsTotp();
    new Person(host, 'bob');
    const as = { userId: 'user-bob', owner: 'u:user-bob', user: { id: 'user-bob' }, tenant: 'x' };
    await ada.post('/mfa/factors/totp', as).expect(201);
    await ada.post('/mfa/backup-codes', as).expect(201);
    expect((await keptOf(host, 'user-bob')).flat()).toEqual([]);
  });
});

describe.each(stores)('E06 what was begun and not confirmed, on $name', ({ open }) => {
  function aHost(mfa: Mfa = { factors: [totp()] }): TestHost {
    const clock = testClock();
    return createHost({ store: open(clock), mfa }, clock);
  }

  it('is never asked for, counts as no factor, and keeps nobody out', async () => {
    const host = aHost();
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    const begun = await ada.post('/mfa/factors/totp').expect(201);
    const browser = ada.elsewhere();
    await browser.password().expect(302);
    await browser.get('/app').expect(200);
    expect(await factorsOf(browser)).toEqual([]);
    await browser.get(`/mfa/factors/${begun.body.id}`).expect(404);
    await browser.post(`/mfa/factors/${begun.body.id}/confirm`, { code: '123456' }).expect(404);
    await browser.delete(`/mfa/factors/${begun.body.id}`).expect(404);
  });

  it('is gone after ten minutes, and swept', async () => {
    const host = aHost();
    const ada = await new Person(host, 'ada').enrolsTotp();
    const begun = await ada.post('/mfa/factors/totp').expect(201);
    host.clock.advance(10 * MINUTE);
    await ada.verify({ code: ada.code() }).expect(200);
    const other = Object.assign(ada.elsewhere(), { secret: begun.body.secret });
    const { body } = await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: other.code() }).expect(410);
    expect(body.code).toBe('enrolment_expired');
    await host.mfa.api.sweep();
    expect((await host.store.read('u:user-ada', [{ kind: 'draft' }])).flat()).toEqual([]);
  });

  it('is kept three times at most: a fourth takes the place of the oldest', async () => {
    const host = aHost();
    const ada = await new Person(host, 'ada').enrolsTotp();
    const ids: string[] = [];
    for (let begun = 0; begun < 4; begun += 1) {
      ids.push((await ada.post('/mfa/factors/totp').expect(201)).body.id);
      host.clock.advance(1);
    }
    await ada.get(`/mfa/factors/${ids[0]}`).expect(410);
    for (const id of ids.slice(1)) await ada.get(`/mfa/factors/${id}`).expect(200);
  });

  it('is kept three times at most by fifty requests at once', async () => {
    const host = await listening(aHost());
    const ada = await new Person(host, 'ada').enrolsTotp();
    const counted = statuses(await together(50, () => ada.post('/mfa/factors/totp')));
    expect((counted[201] ?? 0) + (counted[409] ?? 0)).toBe(50);
    expect((await host.store.read('u:user-ada', [{ kind: 'draft' }])).flat()).toHaveLength(3);
  });

  it('becomes one of ten factors at most, and of a kind as many as the kind allows', async () => {
    const texts = inbox();
    const few = { ...sms({ via: texts, countries: ['US'] }), maxPerUser: 1 };
    const host = aHost({ factors: [totp(), few] });
    const ada = await new Person(host, 'ada').enrolsTotp();
    const phone = await ada.post('/mfa/factors/sms', { phone: '+12125550100' }).expect(201);
    await ada.post(`/mfa/factors/${phone.body.id}/confirm`, { code: texts.messages().at(-1)?.code }).expect(200);
    const second = await ada.post('/mfa/factors/sms', { phone: '+12125550101' }).expect(409);
    expect(second.body.code).toBe('too_many_factors');
    expect(texts.messages()).toHaveLength(1);
    for (let factors = 2; factors < 10; factors += 1) await ada.addsTotp();
    const eleventh = await ada.post('/mfa/factors/totp').expect(409);
    expect(eleventh.body.code).toBe('too_many_factors');
    expect((await ada.get('/mfa/factors')).body.canAdd).toEqual([]);
    // A full list can still be renewed one by one.
    await ada.post('/mfa/factors/totp', { replaces: ada.factorId }).expect(201);
  });

  it('dies after five wrong codes, and a new one can be begun', async () => {
    const host = aHost();
    const ada = await new Person(host, 'ada').enrolsTotp();
    const begun = await ada.post('/mfa/factors/totp').expect(201);
    const path = `/mfa/factors/${begun.body.id}/confirm`;
    const other = Object.assign(ada.elsewhere(), { secret: begun.body.secret });
    for (let guess = 0; guess < 5; guess += 1) await ada.post(path, { code: wrongCode(other) }).expect(422);
    await ada.post(path, { code: other.code() }).expect(410);
    await ada.get(`/mfa/factors/${begun.body.id}`).expect(410);
    await ada.addsTotp();
  });
});

describe.each(stores)('E08 removing, on $name', ({ open }) => {
  async function adaHost(mfa: Mfa = {}) {
    const clock = testClock();
    const host = await listening(createHost({ store: open(clock), mfa }, clock));
    const ada = new Person(host, 'ada');
    await ada.password();
    await ada.addsTotp();
    return { host, ada };
  }

  it('the last factor takes the backup codes along, tells the user, and the next sign-in asks for no code', async () => {
    const notices: MfaEvent[] = [];
    const { host, ada } = await adaHost({ notify: (_userId, event) => void notices.push(event) });
    await ada.delete(`/mfa/factors/${ada.factorId}`).expect(200);
    expect(
      (
        await host.store.read(
          'u:user-ada',
          ['enrolment', 'backup', 'part'].map((kind) => ({ kind })),
        )
      ).flat(),
    ).toEqual([]);
    expect(notices.at(-1)).toMatchObject({ type: 'factor.removed', last: true, factor: 'totp' });
    const browser = ada.elsewhere();
    await browser.password().expect(302);
    await browser.verify({ factorId: 'backup-codes', code: ada.backupCodes[0] }).expect(404);
  });

  it('the last factor is refused where policy asks for one, and so is turning everything off', async () => {
    const { host, ada } = await adaHost({ policy: () => 'required' });
    const before = await keptOf(host);
    for (const answer of [await ada.delete(`/mfa/factors/${ada.factorId}`), await ada.post('/mfa/disable')])
      expect([answer.status, answer.body.code]).toEqual([409, 'required_by_policy']);
    expect(await keptOf(host)).toEqual(before);
  });

  it('the last factor that can be used is refused when another is left that would only keep its owner out', async () => {
    let policy: Policy = 'optional';
    const { host, ada } = await adaHost({ policy: () => policy });
    const authenticator = ada.factorId;
    const phone = await addsPhone(ada, '+12125550100');
    policy = { mfa: 'optional', factors: ['totp'] };
    const { body } = await ada.delete(`/mfa/factors/${authenticator}`).expect(409);
    expect(body.code).toBe('required_by_policy');
    await ada.delete(`/mfa/factors/${phone}`).expect(200);
    await ada.delete(`/mfa/factors/${authenticator}`).expect(200);
    expect((await host.mfa.api.factorsOf('user-ada')).factors).toEqual([]);
  });

  it('both of the last two at once leaves one, where policy asks for one', async () => {
    const { host, ada } = await adaHost({ policy: () => 'required' });
    const first = ada.factorId;
    await ada.addsTotp('Tablet');
    const ids = [first, ada.factorId];
    const answers = await Promise.all(ids.map((id) => ada.delete(`/mfa/factors/${id}`)));
    const counted = statuses(answers);
    expect(counted[200]).toBe(1);
    expect((counted[401] ?? 0) + (counted[409] ?? 0)).toBe(1);
    expect((await host.mfa.api.factorsOf('user-ada')).factors).toHaveLength(1);
    expect(host.events.filter(({ type }) => type === 'factor.removed')).toHaveLength(1);
  });

  it('one while another is confirmed: one of the two happens, and what is left is whole', async () => {
    const { host, ada } = await adaHost({ policy: () => 'required' });
    host.clock.advance(MINUTE);
    const there = await waits(ada.elsewhere());
    await there.verify({ factorId: 'totp', code: there.code() }).expect(200);
    const begun = await there.post('/mfa/factors/totp', { replaces: ada.factorId }).expect(201);
    const fresh = Object.assign(there.elsewhere(), { secret: begun.body.secret });
    const [confirmed, removed] = await Promise.all([
      there.post(`/mfa/factors/${begun.body.id}/confirm`, { code: fresh.code() }),
      ada.delete(`/mfa/factors/${ada.factorId}`),
    ]);
    expect(confirmed.status).toBe(200);
    expect([401, 404, 409]).toContain(removed.status);
    const { factors, backupCodesLeft } = await host.mfa.api.factorsOf('user-ada');
    expect(factors.map(({ id }) => id)).toEqual([begun.body.id]);
    expect(backupCodesLeft).toBe(10);
  });

  it('takes the proofs by it along, also those by backup codes that went with it', async () => {
    const { ada } = await adaHost();
    const id = ada.factorId;
    await ada.verify({ code: ada.backupCodes[0] }).expect(200);
    await ada.get('/payout').expect(200);
    await ada.delete(`/mfa/factors/${id}`).expect(200);
    expect((await ada.get('/payout')).status).not.toBe(200);
  });

  it('everything at once drops factors, codes, set-ups and proofs, and asks the host to end other sessions', async () => {
    const ended: unknown[] = [];
    const { host, ada } = await adaHost({ endSessions: (userId, reason) => void ended.push([userId, reason]) });
    await addsPhone(ada, '+12125550100');
    await ada.post('/mfa/factors/totp').expect(201);
    await ada.verify({ code: ada.backupCodes[0] }).expect(200);
    await ada.post('/mfa/disable').expect(200);
    const left = await keptOf(host);
    expect(left.flat().map(({ kind }) => kind)).toEqual(['epoch']);
    expect(ended.at(-1)).toEqual(['user-ada', 'mfa.disabled']);
    expect((await ada.get('/payout')).status).not.toBe(200);
    await ada.get('/app').expect(200);
  });
});

describe.each(stores)('E09 the life of backup codes, on $name', ({ open }) => {
  async function adaHost() {
    const clock = testClock();
    const host = await listening(createHost({ store: open(clock) }, clock));
    return { host, ada: await new Person(host, 'ada').enrolsTotp() };
  }

  it('two tabs that make a new set at once make one; the old one is dead', async () => {
    const { host, ada } = await adaHost();
    const answers = await together(5, () => ada.post('/mfa/backup-codes'));
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(1);
    expect((await host.mfa.api.factorsOf('user-ada')).backupCodesLeft).toBe(10);
    const old = await waits(ada.elsewhere());
    await old.verify({ code: ada.backupCodes[0] }).expect(422);
    await old.verify({ code: made[0]?.body.codes[0] }).expect(200);
  });

  it('are told in the answer that made them, and to nobody who asks later', async () => {
    const { host, ada } = await adaHost();
    const { body } = await ada.post('/mfa/backup-codes').expect(201);
    const codes: string[] = body.codes;
    expect(codes).toHaveLength(10);
    const other = await waits(ada.elsewhere());
    await other.verify({ factorId: 'totp', code: other.nextCode() }).expect(200);
    let told = JSON.stringify([host.events, (await host.store.scan({ limit: 500 })).rows, await keptOf(host)]);
    for (const person of [other, await waits(ada.elsewhere()), ada.elsewhere()]) {
      for (const path of ['backup-codes', 'backup-codes/download', 'backup-codes/new', 'factors', 'status']) {
        for (const type of ['text/html', 'application/json'])
          told += (await person.agent.get(`/mfa/${path}`).set('Accept', type)).text;
      }
    }
    told += (await ada.get('/mfa/backup-codes').expect(200)).text;
    for (const code of codes) {
      expect(told).not.toContain(code);
      expect(told).not.toContain(code.replaceAll('-', ''));
    }
    expect((await other.get('/mfa/backup-codes').expect(200)).body).toEqual({ left: 10, total: 10, low: false });
  });

  it('can be seen and downloaded by the session that made them, until it has saved them or ten minutes are over', async () => {
    const { host, ada } = await adaHost();
    const { body } = await ada.post('/mfa/backup-codes').expect(201);
    const page = () => ada.agent.get('/mfa/backup-codes').set('Accept', 'text/html');
    expect((await page()).text).toContain(body.codes[9]);
    expect((await ada.agent.get('/mfa/backup-codes/download').expect(200)).text).toContain(body.codes[9]);
    await ada.post('/mfa/backup-codes/saved').expect(422);
    expect((await page()).text).toContain(body.codes[9]);
    await ada.post('/mfa/backup-codes/saved', { saved: true }).expect(200);
    expect((await page()).text).not.toContain(body.codes[9]);
    await ada.get('/mfa/backup-codes/download').expect(404);

    const again = await ada.post('/mfa/backup-codes').expect(201);
    host.clock.advance(10 * MINUTE);
    expect((await page()).text).not.toContain(again.body.codes[0]);
  });

  it('count down, warn at three, and are written down as used', async () => {
    const { host, ada } = await adaHost();
    for (let used = 0; used < 7; used += 1)
      await (await waits(ada.elsewhere())).verify({ code: ada.backupCodes[used] }).expect(200);
    expect((await ada.get('/mfa/backup-codes')).body).toEqual({ left: 3, total: 10, low: true });
    const used = host.events.filter((event) => event.type === 'backup_code.used');
    expect(used.map(({ left }) => left)).toEqual([9, 8, 7, 6, 5, 4, 3]);
  });
});

describe('F8 replacing a factor', () => {
  it('leaves no moment without one: the old works until the new one does, and not a code longer', async () => {
    const host = createHost({ mfa: { factors: [totp()] } });
    const ada = await new Person(host, 'ada').enrolsTotp('Phone');
    const begun = await ada.post('/mfa/factors/totp', { replaces: ada.factorId }).expect(201);
    const old = await waits(ada.elsewhere());
    await old.verify({ code: old.nextCode() }).expect(200);

    const fresh = Object.assign(ada.elsewhere(), { secret: begun.body.secret });
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: wrongCode(fresh) }).expect(422);
    expect((await factorsOf(ada)).map(({ id }) => id)).toEqual([ada.factorId]);
    const done = await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: fresh.code() }).expect(200);
    expect(done.body.enrolment).toMatchObject({ id: begun.body.id, name: 'Phone' });
    expect(await factorsOf(ada)).toMatchObject([{ id: begun.body.id, name: 'Phone' }]);
    expect(host.events.at(-1)).toMatchObject({ type: 'factor.replaced', replaced: ada.factorId });

    host.clock.advance(MINUTE);
    const later = await waits(ada.elsewhere());
    await later.verify({ code: ada.code() }).expect(422);
    await later.verify({ factorId: ada.factorId, code: ada.code() }).expect(404);
    await later.verify({ code: fresh.code() }).expect(200);
  });

  it('keeps the backup codes, and the fresh proof of the session that did it', async () => {
    const host = createHost();
    const ada = await new Person(host, 'ada').enrolsTotp();
    const begun = await ada.post('/mfa/factors/totp', { replaces: ada.factorId }).expect(201);
    const fresh = Object.assign(ada.elsewhere(), { secret: begun.body.secret });
    const { body } = await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: fresh.code() }).expect(200);
    expect(body.backupCodes).toBeUndefined();
    expect((await host.mfa.api.factorsOf('user-ada')).backupCodesLeft).toBe(10);
    await ada.get('/payout').expect(200);
  });

  it('ends every other session and sign-in that was under way', async () => {
    const host = createHost({ mfa: { factors: [totp()] } });
    const ada = await new Person(host, 'ada').enrolsTotp();
    const [pending, other] = [await waits(ada.elsewhere()), await waits(ada.elsewhere())];
    await other.verify({ code: other.nextCode() }).expect(200);
    const begun = await ada.post('/mfa/factors/totp', { replaces: ada.factorId }).expect(201);
    const fresh = Object.assign(ada.elsewhere(), { secret: begun.body.secret });
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: fresh.code() }).expect(200);
    host.clock.advance(MINUTE);
    await pending.verify({ code: fresh.code() }).expect(401);
    expect((await other.get('/mfa/factors')).status).toBe(401);
  });

  it('is not for a factor of another kind, of somebody else, or that is not there', async () => {
    const host = createHost();
    const ada = await new Person(host, 'ada').enrolsTotp();
    const bob = await new Person(host, 'bob').enrolsTotp();
    for (const replaces of [bob.factorId, 'totp.x.y', 'constructor', `${ada.factorId}x`])
      await ada.post('/mfa/factors/totp', { replaces }).expect(404);
    await ada.post('/mfa/factors/sms', { replaces: ada.factorId, phone: '+12125550100' }).expect(404);
    expect(host.inbox.messages()).toEqual([]);
  });
});

describe('several authenticators', () => {
  it('have names, and a code of any of them will do', async () => {
    const host = createHost({ mfa: { factors: [totp()] } });
    const ada = await new Person(host, 'ada').enrolsTotp();
    const first = ada.elsewhere();
    host.clock.advance(1);
    await ada.addsTotp('Tablet');
    const tablet = ada.elsewhere();
    host.clock.advance(1);
    await ada.addsTotp();
    expect((await factorsOf(ada)).map(({ name }) => name)).toEqual([
      'Authenticator app',
      'Tablet',
      'Authenticator app 2',
    ]);
    host.clock.advance(MINUTE);
    for (const app of [first, tablet, ada]) {
      const browser = await waits(ada.elsewhere());
      const { body } = await browser.get('/mfa/challenge').expect(200);
      expect(body.factors).toMatchObject([{ factorId: 'totp', kind: 'totp' }]);
      await browser.verify({ code: app.code() }).expect(200);
    }
    const again = await waits(ada.elsewhere());
    for (const app of [first, tablet, ada]) await again.verify({ code: app.code() }).expect(422);
  });

  it('are removed one by one: the lost one no longer opens anything, the others do', async () => {
    const host = createHost({ mfa: { factors: [totp()] } });
    const ada = await new Person(host, 'ada').enrolsTotp();
    const lost = ada.elsewhere();
    await ada.addsTotp('Tablet');
    await ada.delete(`/mfa/factors/${lost.factorId}`).expect(200);
    host.clock.advance(MINUTE);
    const browser = await waits(ada.elsewhere());
    await browser.verify({ code: lost.code() }).expect(422);
    await browser.verify({ code: ada.code() }).expect(200);
  });

  it('are renamed to one line of at most 64 characters', async () => {
    const host = createHost({ mfa: { factors: [totp()] } });
    const ada = await new Person(host, 'ada').enrolsTotp();
    const rename = (name: unknown) =>
      ada.agent.patch(`/mfa/factors/${ada.factorId}`).set('Accept', 'application/json').send({ name });
    await rename('Work\r\nSet-Cookie: a=b').expect(200);
    expect((await factorsOf(ada))[0]?.name).toBe('Work  Set-Cookie: a=b');
    for (const name of ['x'.repeat(65), '', '   ', 7, ['x'], { toString: 1 }, null]) await rename(name).expect(422);
    await ada.verify({ code: ada.nextCode() }).expect(200);
  });
});

describe('L10 a forced set-up', () => {
  const forced: Mfa = { policy: () => 'required' };

  it('opens the set-up and nothing else, and ends in one sign-in with backup codes', async () => {
    const host = createHost({ mfa: forced });
    const ada = new Person(host, 'ada');
    const parked = await ada.password().expect(200);
    expect(parked.body).toMatchObject({ mfaRequired: true, next: { action: 'enrol' } });
    await ada.get('/app').expect(401);
    for (const name of ['renaming it', 'removing it', 'turning everything off', 'making new backup codes'])
      expect((await (CHANGES[name] as Send)(ada, 'totp.x.y')).body.code).toBe('mfa_required');
    await ada.verify({ code: '123456' }).expect(404);
    await ada.verify({ factorId: 'password', password: PASSWORD }).expect(404);

    const begun = await ada.post('/mfa/factors/totp').expect(201);
    ada.secret = begun.body.secret;
    const done = await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.code() }).expect(200);
    expect(done.body).toMatchObject({ authenticated: true, next: { action: 'save_backup_codes' } });
    expect(done.body.backupCodes).toHaveLength(10);
    await ada.get('/app').expect(200);
    await ada.get('/payout').expect(200);
    expect(host.events.filter(({ type }) => type === 'sign_in.completed')).toHaveLength(1);
    await waits(ada.elsewhere());
  });

  it('is refused at once, not sent round in a circle, where policy allows nothing that is configured', async () => {
    const host = createHost({ mfa: { policy: () => ({ mfa: 'required', factors: ['webauthn'] }) } });
    const ada = new Person(host, 'ada');
    const { body } = await ada.password().expect(403);
    expect(body.code).toBe('sign_in_refused');
    await ada.get('/app').expect(401);
    expect(host.events.at(-1)).toMatchObject({ type: 'sign_in.refused', reason: 'no_usable_factor' });
  });

  it('by text goes to the number that is being set up, within the budgets', async () => {
    const host = createHost({ mfa: forced });
    const ada = new Person(host, 'ada');
    await ada.password().expect(200);
    const begun = await ada.post('/mfa/factors/sms', { phone: '+12125550100' }).expect(201);
    host.clock.advance(5_000);
    await ada.post(`/mfa/factors/${begun.body.id}/resend`).expect(429);
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.texted() }).expect(200);
    await ada.get('/app').expect(200);
    expect(host.inbox.messages()).toHaveLength(1);
  });

  it('in a second browser is over as soon as the first has set a factor up', async () => {
    const host = createHost({ mfa: { ...forced, factors: [totp()] } });
    const ada = new Person(host, 'ada');
    await ada.password().expect(200);
    const other = ada.elsewhere();
    await other.password().expect(200);
    const begun = await other.post('/mfa/factors/totp').expect(201);
    const thief = Object.assign(ada.elsewhere(), { secret: begun.body.secret });
    await ada.addsTotp();
    const { body } = await other.post(`/mfa/factors/${begun.body.id}/confirm`, { code: thief.code() }).expect(401);
    expect(body.code).toBe('sign_in_again');
    await other.post('/mfa/factors/totp').expect(401);
    expect(await factorsOf(ada)).toHaveLength(1);
  });

  it('raced by two browsers sets one factor up and completes one sign-in', async () => {
    const host = await listening(createHost({ mfa: { ...forced, factors: [totp()] } }));
    const browsers = await together(5, async () => {
      const browser = new Person(host, 'ada');
      await browser.password().expect(200);
      const begun = await browser.post('/mfa/factors/totp');
      return Object.assign(browser, { secret: begun.body.secret ?? '', factorId: begun.body.id ?? '' });
    });
    const ready = browsers.filter(({ secret }) => secret !== '');
    const answers = await Promise.all(
      ready.map((browser) => browser.post(`/mfa/factors/${browser.factorId}/confirm`, { code: browser.code() })),
    );
    expect(statuses(answers)[200]).toBe(1);
    expect((await host.mfa.api.factorsOf('user-ada')).factors).toHaveLength(1);
    expect(host.events.filter(({ type }) => type === 'sign_in.completed')).toHaveLength(1);
  });
});

describe('one confirmation', () => {
  it('of many at once counts, with one set of backup codes, one row in the log and one notice', async () => {
    const notices: string[] = [];
    const host = await listening(
      createHost({
        mfa: { factors: [totp(), backupCodes()], notify: (_userId, event) => void notices.push(event.type) },
      }),
    );
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    const begun = await ada.post('/mfa/factors/totp').expect(201);
    ada.secret = begun.body.secret;
    const code = ada.code();
    const answers = await together(5, () => ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code }));
    expect(statuses(answers)[200]).toBe(1);
    expect((await host.mfa.api.factorsOf('user-ada')).backupCodesLeft).toBe(10);
    const { rows } = await host.store.scan({ types: ['factor.added', 'backup_codes.made'] });
    expect(rows).toHaveLength(2);
    expect(notices.sort()).toEqual(['backup_codes.made', 'factor.added']);
  });
});
