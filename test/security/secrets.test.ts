/** What is secret stays secret: at rest, in answers, events, logs and errors, and in the work a guess sets off. */

import { createHook } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import { backupCodes, type Delivery, inbox, type Json, memoryStore, type Store, sms, totp } from '../../src/index.js';
import { sqliteStore } from '../../src/stores/sqlite.js';
import { faultyStore } from '../support/faulty-store.js';
import { createHost, type HostOptions, PASSWORD, type TestHost, testClock } from '../support/host.js';
import { type LeakWatch, type Secret, spellingsOf, watchForLeaks } from '../support/leaks.js';
import { Person } from '../support/person.js';
import { type SpyStore, spyStore } from '../support/spy-store.js';

const PHONE = '+12125550100';
const folder = mkdtempSync(join(tmpdir(), 'express-mfa-secrets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Vault {
  readonly name: string;
  open(clock: () => number): { readonly store: Store; bytes(): Buffer };
}

let files = 0;
const VAULTS: readonly Vault[] = [
  {
    name: 'memory',
    open(clock) {
      const store = spyStore(memoryStore({ clock }));
      return { store, bytes: () => Buffer.from(store.dump()) };
    },
  },
  {
    name: 'sqlite',
    open(clock) {
      files += 1;
      const path = join(folder, `${files}.db`);
      const store = spyStore(sqliteStore({ path, clock }));
      const parts = [path, `${path}-wal`, `${path}-journal`];
      return {
        store,
        bytes: () =>
          Buffer.concat([
            Buffer.from(store.dump()),
            ...parts.filter((one) => existsSync(one)).map((one) => readFileSync(one)),
          ]),
      };
    },
  },
];

/** Every way of signing in, every change, wrong answers between; as JSON and as pages. Gives back all that was secret on the way. */
async function wholeJourney(host: TestHost): Promise<readonly Secret[]> {
  const ada = new Person(host, 'ada');
  const codes: string[] = [];
  const used = (code: string) => {
    codes.push(code);
    return code;
  };
  await ada.password('a wrong password of hers').expect(302);
  await ada.password().expect(302);
  const begun = await ada.post('/mfa/factors/totp', { name: 'Phone app' }).expect(201);
  ada.secret = begun.body.secret;
  await ada.agent.get(`/mfa/factors/${begun.body.id}`).set('Accept', 'text/html').expect(200);
  await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: used('135792') }).expect(422);
  const confirmed = await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: used(ada.code()) }).expect(200);
  const firstCodes: string[] = confirmed.body.backupCodes;
  await ada.agent.get('/mfa/backup-codes').set('Accept', 'text/html').expect(200);
  await ada.agent.get('/mfa/backup-codes/download').expect(200);
  const phone = await ada.post('/mfa/factors/sms', { phone: '+1 (212) 555-0100' }).expect(201);
  await ada.agent.get(`/mfa/factors/${phone.body.id}`).set('Accept', 'text/html').expect(200);
  await ada.post(`/mfa/factors/${phone.body.id}/confirm`, { code: used(ada.texted()) }).expect(200);

  await ada.signsOut();
  await ada.password().expect(200);
  await ada.agent.get('/mfa/challenge').set('Accept', 'text/html').expect(200);
  await ada.verify({ code: used('246801'), factorId: 'totp' }).expect(422);
  await ada.submits('/mfa/challenge?factor=totp', '/mfa/challenge/verify', { code: used('975310') });
  await ada.verify({ code: used(ada.nextCode()) }).expect(200);
  await ada.signsOut();
  host.clock.advance(61_000);
  await ada.password().expect(200);
  const sent = await ada.post('/mfa/challenge', { factorId: phone.body.id }).expect(202);
  await ada.verify({ code: used('864209'), factorId: phone.body.id }).expect(422);
  await ada
    .verify({ code: used(ada.texted()), factorId: phone.body.id, challengeId: sent.body.challengeId })
    .expect(200);
  await ada.signsOut();
  await ada.password().expect(200);
  await ada.verify({ code: 'ABCDE-FGHJK-MNP' }).expect(422);
  await ada.verify({ code: firstCodes[0] }).expect(200);
  const again = await ada.post('/mfa/backup-codes').expect(201);
  const secondCodes: string[] = again.body.codes;
  await ada.get('/mfa/status').expect(200);
  await ada.post(`/mfa/factors/${phone.body.id}/rename`, { name: 'Old phone' }).expect(200);
  await ada.delete(`/mfa/factors/${phone.body.id}`).expect(200);
  await ada.get('/payout').expect(200);
  await host.mfa.api.resetUser(ada.user.id, { reason: 'lost phone', actor: 'admin' });

  const seedBytes = base32Bytes(ada.secret);
  return [
    { what: 'seed', text: ada.secret, shownBy: /(POST \/mfa\/factors\/totp|GET \/mfa\/factors\/totp\.\S+)$/ },
    { what: 'seed bytes', text: seedBytes.toString('hex') },
    { what: 'seed bytes', text: seedBytes.toString('base64url') },
    ...codes.map((text) => ({ what: 'code', text })),
    ...[...firstCodes, ...secondCodes, 'ABCDE-FGHJK-MNP'].map((text) => ({
      what: 'backup code',
      text,
      shownBy: /(\/confirm|GET \/mfa\/backup-codes|GET \/mfa\/backup-codes\/download|POST \/mfa\/backup-codes)$/,
    })),
    { what: 'phone', text: PHONE },
    { what: 'phone as typed', text: '+1 (212) 555-0100' },
    { what: 'password', text: PASSWORD },
    { what: 'password', text: 'a wrong password of hers' },
    { what: 'key', text: 'test secret of at least thirty-two characters' },
  ];
}

function base32Bytes(text: string): Buffer {
  const bits = [...text]
    .map((one) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(one).toString(2).padStart(5, '0'))
    .join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

describe.each(VAULTS)('K01 what a dump of the $name store holds', ({ open }) => {
  it('is no seed, code, number or password in clear, nor a hash that anybody can make', async () => {
    const clock = testClock();
    const { store, bytes } = open(clock);
    const host = createHost({ store }, clock);
    const secrets = await wholeJourney(host);
    const dump = bytes().toString('latin1');
    expect(dump.length).toBeGreaterThan(5_000);
    expect(dump).toContain('s1.');
    for (const { what, text } of secrets) {
      const found = spellingsOf(text).find((one) => one.test(dump));
      expect([what, found]).toEqual([what, undefined]);
      for (const bare of [text, text.replace(/-/g, '')]) {
        for (const encoding of ['hex', 'base64', 'base64url'] as const) {
          const hash = createHash('sha256').update(bare).digest(encoding);
          expect([what, dump.includes(hash)]).toEqual([what, false]);
        }
      }
    }
    await host.mfa.close();
  });

  it('cannot be used for another user: B’s sealed secret in A’s row opens nothing, and lets nobody in', async () => {
    const clock = testClock();
    const { store } = open(clock);
    const host = createHost({ store }, clock);
    const ada = await new Person(host, 'ada').enrolsTotp();
    const eve = await new Person(host, 'eve').enrolsTotp();
    const secretOf = async (name: string) => {
      const [rows = []] = await store.read(`u:user-${name}`, [{ kind: 'enrolment' }]);
      const [row] = rows;
      return { id: row?.id ?? '', data: row?.data as { data: { secret: string } } & Record<string, Json> };
    };
    const [hers, theirs] = [await secretOf('ada'), await secretOf('eve')];
    const forged = { ...hers.data, data: { ...hers.data.data, secret: theirs.data.data.secret } };
    await store.commit('u:user-ada', { writes: [{ do: 'put', kind: 'enrolment', id: hers.id, data: forged }] });
    await ada.signsOut();
    await ada.password().expect(200);
    const tried = await ada.verify({ code: eve.nextCode(), factorId: 'totp' });
    expect([tried.status, tried.body.code]).toEqual([503, 'unavailable']);
    await ada.get('/app').expect(401);
    // And with the very row put back, all is well.
    await store.commit('u:user-ada', { writes: [{ do: 'put', kind: 'enrolment', id: hers.id, data: hers.data }] });
    await ada.verify({ code: ada.nextCode(), factorId: 'totp' }).expect(200);
    await host.mfa.close();
  });

  it('nor for another purpose or session: a code’s hash moved to another challenge matches nothing', async () => {
    const clock = testClock();
    const { store } = open(clock);
    const host = createHost({ store }, clock);
    const [ada, bob] = await Promise.all(
      ['ada', 'bob'].map(async (name, index) => {
        const person = await new Person(host, name).enrolsTotp();
        const begun = await person.post('/mfa/factors/sms', { phone: `+1212555010${index}` }).expect(201);
        const text = host.inbox.messages().find(({ to }) => to === `+1212555010${index}`);
        await person.post(`/mfa/factors/${begun.body.id}/confirm`, { code: text?.code }).expect(200);
        await person.signsOut();
        await person.password().expect(200);
        person.factorId = begun.body.id;
        return person;
      }),
    );
    if (!ada || !bob) throw new Error('Two people are needed.');
    await ada.post('/mfa/challenge', { factorId: ada.factorId }).expect(202);
    await bob.post('/mfa/challenge', { factorId: bob.factorId }).expect(202);
    const bobsCode = ada.texted();
    const challengeOf = async (name: string) => (await store.read(`u:user-${name}`, [{ kind: 'challenge' }]))[0]?.[0];
    const [adas, bobs] = [await challengeOf('ada'), await challengeOf('bob')];
    const data = { ...(adas?.data as object), data: (bobs?.data as { data?: Json } | undefined)?.data ?? null };
    await store.commit('u:user-ada', {
      writes: [{ do: 'put', kind: 'challenge', id: adas?.id ?? '', data, ttlMs: 60_000 }],
    });
    await ada.verify({ code: bobsCode, factorId: ada.factorId }).expect(422);
    await ada.get('/app').expect(401);
    await host.mfa.close();
  });
});

describe('K01 changing the secrets', () => {
  const OLD = 'test secret of at least thirty-two characters';
  const NEW = 'another secret of at least thirty-two characters';

  function restarted(host: TestHost, secrets: readonly string[]): TestHost {
    const next = smallHost({ store: host.store, mfa: { secrets } }, host.clock);
    for (const user of host.users.values()) next.users.set(user.id, user);
    return next;
  }

  async function keyIds(host: TestHost): Promise<readonly (string | undefined)[]> {
    const [rows = []] = await host.store.read('u:user-ada', [{ kind: 'enrolment' }]);
    return rows.map((row) => JSON.stringify(row.data).match(/s1\.([\w-]{8})\./)?.[1]);
  }

  it('the older one still opens, everything new is sealed with the newest, and the record says with which', async () => {
    const host = smallHost();
    const ada = await new Person(host, 'ada').enrolsTotp();
    const [oldKey] = await keyIds(host);
    const both = restarted(host, [NEW, OLD]);
    const again = Object.assign(new Person(both, 'ada'), { secret: ada.secret, backupCodes: ada.backupCodes });
    await again.password().expect(200);
    await again.verify({ code: ada.backupCodes[0] }).expect(200);
    await again.addsTotp('Second');
    const keys = await keyIds(host);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(2);
    expect(keys).toContain(oldKey);
  });

  it('what is used is sealed anew, so that the older one can go', async () => {
    const host = smallHost();
    const ada = await new Person(host, 'ada').enrolsTotp();
    const [before] = await host.store.read('u:user-ada', [{ kind: 'enrolment' }]);
    const [oldKey] = await keyIds(host);
    const both = restarted(host, [NEW, OLD]);
    await Object.assign(new Person(both, 'ada'), { secret: ada.secret }).signsIn();
    const [newKey] = await keyIds(host);
    expect(newKey).not.toBe(oldKey);
    const onlyNew = restarted(host, [NEW]);
    const later = await Object.assign(new Person(onlyNew, 'ada'), { secret: ada.secret }).signsIn();
    await later.get('/app').expect(200);
    // Its name, its age and the codes that were used are as they were; and once is enough.
    const [after] = await host.store.read('u:user-ada', [{ kind: 'enrolment' }]);
    expect(after?.[0]).toMatchObject({ createdAt: before?.[0]?.createdAt, version: 2 });
    expect(after?.[0]?.mark).toBeGreaterThan(before?.[0]?.mark ?? 0);
    expect((await onlyNew.mfa.api.factorsOf('user-ada')).factors[0]?.name).toBe('Authenticator app');
  });

  it('a store that cannot take it does not stop a sign-in', async () => {
    const clock = testClock();
    const store = faultyStore(memoryStore({ clock }));
    const host = smallHost({ store }, clock);
    const ada = await new Person(host, 'ada').enrolsTotp();
    const [oldKey] = await keyIds(host);
    const again = Object.assign(new Person(restarted(host, [NEW, OLD]), 'ada'), { secret: ada.secret });
    await again.password().expect(200);
    // The try, what the right code used up, and then this.
    store.arm('error', 3, ['commit']);
    await again.verify({ code: again.nextCode(), factorId: 'totp' }).expect(200);
    expect(store.struck).toBe(true);
    await store.heal();
    expect(await keyIds(host)).toEqual([oldKey]);
    await again.get('/app').expect(200);
  });

  it('without the older one nobody gets in by mistake: 503, and not "no factor"', async () => {
    const host = smallHost();
    const ada = await new Person(host, 'ada').enrolsTotp();
    const broken = restarted(host, [NEW]);
    const again = Object.assign(new Person(broken, 'ada'), { secret: ada.secret });
    await again.password().expect(200);
    const tried = await again.verify({ code: again.nextCode(), factorId: 'totp' });
    expect([tried.status, tried.body.code]).toEqual([503, 'unavailable']);
    expect(tried.text).not.toMatch(/secrets|sealed|key/i);
    await again.get('/app').expect(401);
    await again.verify({ code: ada.backupCodes[0] }).expect(200);
  });
});

describe('K02 codes at rest', () => {
  it('are keyed and salted: the same code is never the same record', async () => {
    const clock = testClock();
    const store = spyStore(memoryStore({ clock }));
    const host = smallHost({ store }, clock);
    const ada = await new Person(host, 'ada').enrolsTotp();
    await ada.post('/mfa/backup-codes').expect(201);
    await ada.post('/mfa/factors/sms', { phone: PHONE }).expect(201);
    const hashes = [...store.dump().matchAll(/"hash":"([\w-]+)"/g)].map(([, hash]) => String(hash));
    expect(hashes.length).toBeGreaterThan(10);
    expect(hashes.every((hash) => Buffer.from(hash, 'base64url').length === 32)).toBe(true);
    const salts = [...store.dump().matchAll(/"salt":"([\w-]+)"/g)].map(([, salt]) => String(salt));
    expect(new Set(salts).size).toBe(2);
    expect(salts.every((salt) => Buffer.from(salt, 'base64url').length === 16)).toBe(true);
  });

  it('fresh backup codes can be seen for ten minutes by the session that made them, then by nobody', async () => {
    const host = smallHost();
    const ada = await new Person(host, 'ada').enrolsTotp();
    const elsewhere = await ada.elsewhere().signsIn();
    const page = (person: Person) => person.agent.get('/mfa/backup-codes').set('Accept', 'text/html');
    const [first = ''] = ada.backupCodes;
    expect((await page(ada).expect(200)).text).toContain(first);
    expect((await page(elsewhere).expect(200)).text).not.toContain(first);
    await elsewhere.agent.get('/mfa/backup-codes/download').expect(404);
    host.clock.advance(10 * 60_000 + 1);
    expect((await page(ada).expect(200)).text).not.toContain(first);
    const [rows = []] = await host.store.read('u:user-ada', [{ kind: 'fresh-codes' }]);
    expect(rows).toEqual([]);
  });
});

describe('the whole run', () => {
  let watch: LeakWatch | undefined;
  afterEach(() => watch?.stop());

  it('I5 lets no secret out: not in answers that do not show it, events, the audit log, sessions, logs or errors', async () => {
    watch = watchForLeaks();
    const host = createHost({ sessionStore: watch.sessions, before: watch.before });
    const secrets = await wholeJourney(host);
    expect(watch.count()).toBeGreaterThan(40);
    expect(await watch.search(host, secrets)).toEqual([]);
  });

  it('the search would find one', async () => {
    watch = watchForLeaks();
    const host = createHost({ sessionStore: watch.sessions, before: watch.before });
    const ada = await new Person(host, 'ada').enrolsTotp();
    console.log(`${ada.secret} ${ada.code()}`);
    const found = await watch.search(host, [
      { what: 'seed', text: ada.secret },
      { what: 'code', text: ada.code() },
    ]);
    expect(found).toEqual(['seed in POST /mfa/factors/totp', 'seed in console.log', 'code in console.log']);
  });
});

describe('K04 errors', () => {
  const WORDS = `Twilio says: could not send 482910 to ${PHONE}, auth token 0123456789abcdef\r\nX-Evil: 1`;

  afterEach(() => {
    jest.restoreAllMocks();
  });

  it.each(['throws', 'rejects', 'answers with its own words'])(
    'a carrier that %s says nothing to anybody',
    async (how) => {
      const via: Delivery = {
        name: 'evil',
        offers: [{ channel: 'sms', code: 'ours' }],
        send: (() => {
          if (how === 'throws') throw new Error(WORDS);
          if (how === 'rejects') return Promise.reject(new Error(WORDS));
          return Promise.resolve({ sent: 'no', why: WORDS, detail: { code: WORDS } });
        }) as never,
      };
      const watch = watchForLeaks();
      const host = createHost({
        sessionStore: watch.sessions,
        before: watch.before,
        mfa: { factors: [totp(), sms({ via, countries: ['US'] })] },
      });
      const ada = await new Person(host, 'ada').enrolsTotp();
      const failed = await ada.post('/mfa/factors/sms', { phone: PHONE }).expect(503);
      expect(failed.body.code).toBe('delivery_unavailable');
      expect(failed.headers['retry-after']).toMatch(/^\d+$/);
      // Sooner it would be a second click.
      host.clock.advance(5_000);
      const page = await ada.submits('/mfa/factors/new/sms', '/mfa/factors/sms', { phone: PHONE });
      expect(page.status).toBe(503);
      const found = await watch.search(host, [
        { what: 'token', text: '0123456789abcdef' },
        { what: 'code', text: '482910' },
        { what: 'words', text: 'Twilio says' },
      ]);
      watch.stop();
      expect(found).toEqual([]);
    },
  );

  it.each([null, 'text', 7, [], {}, { kind: 'totp' }, { kind: 'totp', name: 'x', data: { secret: 'not sealed' } }])(
    'a record that was damaged is a fault, not a way in: %j',
    async (data) => {
      const host = smallHost();
      const ada = await new Person(host, 'ada').enrolsTotp();
      const [rows = []] = await host.store.read('u:user-ada', [{ kind: 'enrolment' }]);
      await host.store.commit('u:user-ada', {
        writes: [{ do: 'put', kind: 'enrolment', id: rows[0]?.id ?? '', data }],
      });
      await ada.signsOut();
      const answers = [await ada.password(), await ada.verify({ code: ada.nextCode(), factorId: 'totp' })];
      for (const answer of answers) {
        expect(answer.text).not.toMatch(/TypeError|undefined|\.ts|\.js|node_modules/);
        expect(answer.headers.location).not.toBe('/app');
      }
      await ada.get('/app').expect(401);
    },
  );

  it('a fault has a number that the client and the host both know, and nothing else', async () => {
    const about: unknown[] = [];
    let isBroken = false;
    const host = smallHost({
      mfa: {
        policy() {
          if (isBroken) throw new Error(WORDS);
          return 'optional';
        },
        onError: (error, place) => about.push({ error, ...place }),
      },
      before: (app) => void app.use((req, _res, next) => next(void Object.assign(req, { id: 'req-7\r\nevil' }))),
    });
    const ada = await new Person(host, 'ada').enrolsTotp();
    isBroken = true;
    const failed = await ada.get('/mfa/status?code=123456').expect(503);
    expect(failed.body).toEqual({
      type: 'urn:express-mfa:error:unavailable',
      title: expect.any(String),
      status: 503,
      code: 'unavailable',
      instance: expect.stringMatching(/^urn:uuid:[0-9a-f-]{36}$/),
    });
    expect(about).toEqual([
      {
        error: expect.any(Error),
        method: 'GET',
        path: '/mfa/status',
        requestId: 'req-7  evil',
        reference: failed.body.instance,
      },
    ]);
  });

  it('the line on stderr is one line, without the error’s own words', async () => {
    const lines: string[] = [];
    jest.spyOn(console, 'error').mockImplementation((...given: unknown[]) => void lines.push(given.join(' ')));
    const host = smallHost({ mfa: { policy: () => Promise.reject(new Error(WORDS)), onError: undefined as never } });
    await new Person(host, 'ada').password().expect(503);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^express-mfa: Error POST \/login urn:uuid:[0-9a-f-]{36}$/);
  });

  it('what people can choose makes no second line in anybody’s log', async () => {
    const host = smallHost();
    const evil = 'x\r\n2026-01-01 admin signed in\u2028\u0007';
    const ada = new Person(host, 'ada');
    await ada.password().set('User-Agent', 'a\tb').expect(302);
    await ada.addsTotp(evil);
    await ada.post(`/mfa/factors/${ada.factorId}/rename`, { name: evil }).expect(200);
    const { events } = await host.mfa.api.audit.search();
    for (const event of [...host.events, ...events]) {
      for (const value of Object.values(event)) expect(String(value)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    }
  });
});

describe('K05 the same answer for the same work', () => {
  /** Slow hashes that were begun while the work ran. */
  async function slowHashes(work: () => Promise<unknown>): Promise<number> {
    let count = 0;
    const hook = createHook({
      init(_id, type) {
        if (type === 'SCRYPTREQUEST') count += 1;
      },
    }).enable();
    await work();
    hook.disable();
    return count;
  }

  async function pendingAda(options: HostOptions = {}): Promise<{ host: TestHost; ada: Person; store: SpyStore }> {
    const clock = testClock();
    const store = spyStore(memoryStore({ clock }));
    const host = smallHost({ store, ...options }, clock);
    const ada = await new Person(host, 'ada').enrolsTotp();
    await ada.signsOut();
    await ada.password().expect(200);
    return { host, ada, store };
  }

  it('D04 one slow hash for each backup code that is tried, wherever it stands, used, unknown or right', async () => {
    const { ada } = await pendingAda({ mfa: { limits: { triesPerChallenge: 10 } } });
    const [first, , third, , last] = ada.backupCodes;
    const tried = async (code: string | undefined, status: number) => {
      const hashes = await slowHashes(() => ada.verify({ code, factorId: 'backup-codes' }).expect(status));
      expect([code, hashes]).toEqual([code, 1]);
    };
    await tried('00000-00000-000', 422);
    for (const right of [first, third, last]) {
      await tried(right, 200);
      await ada.signsOut();
      await ada.password().expect(200);
      await tried(right, 422);
    }
    expect(await slowHashes(() => ada.verify({ code: 'too short', factorId: 'backup-codes' }).expect(422))).toBe(0);
  });

  it('a locked or exhausted answer costs nothing, and says nothing about the code', async () => {
    const { ada } = await pendingAda({ mfa: { limits: { triesPerChallenge: 2 } } });
    const [right] = ada.backupCodes;
    for (const _ of [1, 2]) await ada.verify({ code: '00000-00000-000', factorId: 'backup-codes' }).expect(422);
    const answers: object[] = [];
    const hashes = await slowHashes(async () => {
      for (const code of ['00000-00000-000', right]) {
        const { body, status } = await ada.verify({ code, factorId: 'backup-codes' });
        answers.push({ ...body, status, instance: '' });
      }
    });
    expect(hashes).toBe(0);
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toMatchObject({ code: 'challenge_exhausted', status: 410 });
  });

  it('wrong from the first digit or the last, and used: one body, one status, the same calls to the store', async () => {
    const seen: object[] = [];
    for (const spoil of ['first', 'last', 'used'] as const) {
      const { ada, store } = await pendingAda();
      const right = ada.nextCode();
      if (spoil === 'used') {
        await ada.verify({ code: right, factorId: 'totp' }).expect(200);
        await ada.signsOut();
        await ada.password().expect(200);
      }
      const at = spoil === 'first' ? 0 : 5;
      const digit = (Number(right[at]) + 5) % 10;
      const code = spoil === 'used' ? right : right.slice(0, at) + digit + right.slice(at + 1);
      store.clear();
      const { body, status } = await ada.verify({ code, factorId: 'totp' });
      seen.push({ ...body, status, instance: '', changes: store.changes.length });
    }
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
    expect(seen[0]).toMatchObject({ code: 'code_wrong', status: 422 });
  });

  it('a foreign challenge is as unknown as one that never was', async () => {
    const { host, ada } = await pendingAda();
    const bob = await new Person(host, 'bob').enrolsTotp();
    const begun = await bob.post('/mfa/factors/sms', { phone: PHONE }).expect(201);
    await bob.post(`/mfa/factors/${begun.body.id}/confirm`, { code: bob.texted() }).expect(200);
    await bob.signsOut();
    await bob.password().expect(200);
    const sent = await bob.post('/mfa/challenge', { factorId: begun.body.id }).expect(202);
    const ask = async (factorId: string, challengeId: string) => {
      const { body, status } = await ada.verify({ code: bob.texted(), factorId, challengeId });
      return { ...body, status, instance: '' };
    };
    const foreign = await ask(begun.body.id, sent.body.challengeId);
    expect(foreign).toEqual(await ask('sms.AAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBB', 'nothing.ever'));
    expect(foreign).toMatchObject({ status: 404, code: 'not_found' });
    await bob.verify({ code: bob.texted(), factorId: begun.body.id, challengeId: sent.body.challengeId }).expect(200);
  });

  it('before the password is right nothing tells who has a second factor, and the store is not even asked', async () => {
    const { host, store } = await pendingAda();
    new Person(host, 'bob');
    const answers: object[] = [];
    for (const username of ['ada@acme.example', 'bob@acme.example', 'nobody@acme.example']) {
      const stranger = new Person(host, 'stranger');
      store.clear();
      const login = await stranger.agent.post('/login').send({ username, password: 'wrong' });
      const verify = await stranger.verify({ code: '123456' });
      const status = await stranger.get('/mfa/status');
      answers.push({
        login: [login.status, login.headers.location, login.text],
        verify: [verify.status, { ...verify.body, instance: '' }],
        status: [status.status, { ...status.body, instance: '' }],
        changes: store.changes.length,
      });
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ changes: 0, verify: [401, { code: 'sign_in_required' }] });
  });
});

/** Fewer backup codes: a set costs a slow hash each. */
function smallHost(options: HostOptions = {}, clock = testClock()): TestHost {
  const texts = inbox({ now: clock });
  const factors = [totp(), sms({ via: texts, countries: ['US'] }), backupCodes({ count: 5 })];
  return { ...createHost({ ...options, mfa: { factors, ...options.mfa } }, clock), inbox: texts };
}
