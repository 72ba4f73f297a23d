import { describe, expect, it } from '@jest/globals';
import { backupCodes, totp } from '../../src/index.js';
import {
  adaWaits,
  addsPhone,
  guesses,
  hostOn,
  lockedFor,
  type Mfa,
  standing,
  TOTP_ONLY,
  WRONG_BACKUP_CODE,
  waits,
  wrongCode,
} from '../support/guess.js';
import { createHost, PASSWORD, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { spyFactor } from '../support/spy-factor.js';
import { stores } from '../support/stores.js';

describe.each(stores)('locks, on $name', ({ open }) => {
  const adaHost = (mfa?: Mfa) => hostOn(open, mfa);

  describe('D01 the victim is not locked out', () => {
    it('locks one kind, and leaves the others, the signed-in sessions and the password alone', async () => {
      const host = adaHost({});
      const ada = await new Person(host, 'ada').enrolsTotp();
      const phone = await addsPhone(ada, '+1 212 555 0100');
      host.clock.advance(60_000);
      const thief = await waits(ada.elsewhere());
      await guesses(thief, 10);
      await ada.get('/app').expect(200);
      const honest = await waits(ada.elsewhere());
      await lockedFor(honest.verify({ factorId: 'totp', code: honest.code() }));
      await honest.post('/mfa/challenge', { factorId: phone }).expect(202);
      await honest.verify({ factorId: phone, code: ada.texted() }).expect(200);
      const other = await waits(ada.elsewhere());
      await other.verify({ code: ada.backupCodes[0] }).expect(200);
      expect(host.events.filter(({ type }) => type === 'user.locked')).toHaveLength(1);
      await host.mfa.api.unlockUser('user-ada', { actor: 'admin' });
      const free = await waits(ada.elsewhere());
      await free.verify({ factorId: 'totp', code: free.code() }).expect(200);
    });

    it('opens one kind exactly: a kind whose name begins the same stays locked', async () => {
      const clock = testClock();
      const [spy, spyglass] = [spyFactor('spy'), spyFactor('spyglass')];
      const host = createHost({ store: open(clock), mfa: { factors: [spy, spyglass] } }, clock);
      const ada = new Person(host, 'ada');
      await ada.password().expect(302);
      for (const kind of ['spy', 'spyglass']) {
        const { body } = await ada.post(`/mfa/factors/${kind}`).expect(201);
        await ada.post(`/mfa/factors/${body.id}/confirm`, { code: '111111' }).expect(200);
      }
      const thief = await waits(ada.elsewhere());
      await guesses(thief, 10, 'spy');
      await guesses(thief, 10, 'spyglass');
      await host.mfa.api.unlockUser('user-ada', { factor: 'spy' });
      expect([await standing(host, 'user-ada', 'spy'), await standing(host, 'user-ada', 'spyglass')]).toEqual([0, 10]);
    });
  });
});

describe('D01 without the password', () => {
  it('moves no counter and keeps no record, at every route and with everything an attacker knows', async () => {
    const clock = testClock();
    const host = createHost({}, clock);
    const ada = await new Person(host, 'ada').enrolsTotp();
    let commits = 0;
    const { commit } = host.store;
    Object.assign(host.store, {
      commit(...args: Parameters<typeof commit>) {
        commits += 1;
        return commit(...args);
      },
    });
    const stranger = new Person(host, 'ada');
    const bodies = [
      { code: '000000', factorId: ada.factorId, userId: 'user-ada', username: ada.user.email },
      { code: ada.code(), factorId: 'totp', owner: 'u:user-ada' },
      { code: ada.backupCodes[0], factorId: 'backup-codes' },
      { factorId: ada.factorId, phone: '+12125550100' },
    ];
    const paths = ['challenge', 'challenge/verify', 'challenge/cancel', 'factors/totp', 'factors/sms', 'backup-codes'];
    for (let round = 0; round < 5; round += 1) {
      await stranger.password('wrong').expect(302);
      for (const path of [...paths, 'disable', `factors/${ada.factorId}/confirm`, `factors/${ada.factorId}/remove`]) {
        for (const body of bodies) await stranger.post(`/mfa/${path}`, body).expect(401);
      }
    }
    expect(commits).toBe(0);
    expect(host.inbox.messages()).toEqual([]);
    await (await waits(ada.elsewhere())).verify({ code: ada.nextCode() }).expect(200);
  });
});

describe('G10 whose bucket it is', () => {
  const TRUSTING = {
    before: (app: { set(name: string, value: unknown): unknown }) => void app.set('trust proxy', 1),
  };

  it('counts against the user whatever the address, the browser and the name that was typed', async () => {
    const host = createHost({
      ...TRUSTING,
      mfa: TOTP_ONLY,
      routes: (app, { users }) =>
        void app.post('/alias', (req, res) => {
          const user = [...users.values()].find(
            ({ email }) => email === String(req.body.username).trim().toLowerCase(),
          );
          if (!user) return void res.sendStatus(401);
          req.logIn(user, () => res.sendStatus(200));
        }),
    });
    const ada = await new Person(host, 'ada').enrolsTotp();
    const names = ['ada@acme.example', 'ADA@acme.example', ' Ada@Acme.Example ', 'ada@ACME.example'];
    for (let guess = 0; guess < 10; guess += 1) {
      const thief = ada.elsewhere();
      await thief.post('/alias', { username: names[guess % names.length] }).expect(200);
      await thief
        .verify({ code: wrongCode(ada, guess * 1000) })
        .set('X-Forwarded-For', `198.51.100.${guess}`)
        .set('User-Agent', `browser ${guess}`)
        .expect(422);
    }
    expect(await standing(host, 'user-ada', 'totp')).toBe(10);
    await lockedFor((await waits(ada.elsewhere())).verify({ code: ada.code() }));
  });

  it('takes an id as a number and as digits for one user', async () => {
    let asText = false;
    const host = createHost({ mfa: { ...TOTP_ONLY, users: byNumber() } });
    function byNumber() {
      return {
        findById: () => host.users.get('user-ada'),
        idOf: () => (asText ? '7' : 7),
      };
    }
    const ada = await new Person(host, 'ada').enrolsTotp();
    await guesses(await waits(ada.elsewhere()), 5);
    asText = true;
    await guesses(await waits(ada.elsewhere()), 5);
    await lockedFor((await waits(ada.elsewhere())).verify({ code: ada.code() }));
  });

  /** How many of the addresses could each have one text sent, when an address has one an hour. */
  async function sendsFrom(addresses: readonly string[], trusting: boolean): Promise<number> {
    const host = createHost({ ...(trusting ? TRUSTING : {}), mfa: { limits: { sendsPerIpHour: 1 } } });
    let sent = 0;
    for (const [index, address] of addresses.entries()) {
      const somebody = new Person(host, `n${index}`);
      await somebody.password().expect(302);
      const phone = `+1 ${[212, 303, 415, 503, 617, 702][index % 6]} 555 01${String(10 + index)}`;
      const answer = await somebody.post('/mfa/factors/sms', { phone }).set('X-Forwarded-For', address);
      sent += answer.status === 201 ? 1 : 0;
    }
    expect(host.inbox.messages()).toHaveLength(sent);
    return sent;
  }

  it('gives each address its own budget of texts', async () => {
    expect(await sendsFrom(['198.51.100.1', '198.51.100.2', '2001:db8:0:1::1', '2001:db8:0:2::1'], true)).toBe(4);
  });

  it('gives a whole IPv6 /64 one', async () => {
    const neighbours = [
      '2001:db8:0:1::1',
      '2001:db8:0:1:ffff::2',
      '2001:0DB8:0000:0001:1:2:3:4',
      '[2001:db8:0:1::9]:443',
    ];
    expect(await sendsFrom(neighbours, true)).toBe(1);
  });

  it('gives an IPv4 address one however it is written', async () => {
    const same = [
      '198.51.100.7',
      '::ffff:198.51.100.7',
      '::FFFF:c633:6407',
      '0:0:0:0:0:ffff:198.51.100.7',
      '198.51.100.7:4711',
    ];
    expect(await sendsFrom(same, true)).toBe(1);
  });

  it('believes the hop the host trusts, and nothing a client writes in front of it', async () => {
    expect(
      await sendsFrom(['1.1.1.1, 198.51.100.7', '2.2.2.2, 198.51.100.7', '3.3.3.3,4.4.4.4, 198.51.100.7'], true),
    ).toBe(1);
    expect(await sendsFrom(['1.1.1.1', '2.2.2.2', '3.3.3.3'], false)).toBe(1);
  });
});

describe('G11 one budget at every prompt', () => {
  it('counts a step-up, a choice by kind or by id, and a strategy of the host’s own together', async () => {
    const host = createHost({
      mfa: { factors: [totp(), backupCodes()] },
      routes(app, { passport, mfa }) {
        passport.use(mfa.strategy('mfa-totp'));
        app.post('/own/verify', passport.authenticate('mfa-totp'), (_req, res) => void res.sendStatus(204));
      },
    });
    const ada = await new Person(host, 'ada').enrolsTotp();
    const code = wrongCode(ada);
    const pending = await waits(ada.elsewhere());
    await ada.verify({ factorId: 'totp', code }).expect(422);
    await ada.verify({ factorId: ada.factorId, code }).expect(422);
    await ada.verify({ code }).expect(422);
    await pending.verify({ factorId: 'totp', code }).expect(422);
    await pending.verify({ factorId: ada.factorId, code }).expect(422);
    await pending.post('/own/verify', { code }).expect(422);
    await pending.post('/own/verify', { factorId: ada.factorId, code }).expect(422);
    expect(await standing(host, 'user-ada', 'totp')).toBe(7);
    await guesses(pending, 3, ada.factorId);
    host.clock.advance(30_000);
    await lockedFor(ada.verify({ code: ada.code() }));
    await lockedFor(pending.verify({ factorId: ada.factorId, code: ada.code() }));
    await pending.post('/own/verify', { code: ada.code() }).expect(429);
  });

  it('gives the set-up five tries of its own, then the set-up dies, and the user is not locked', async () => {
    const host = createHost({ mfa: TOTP_ONLY });
    const ada = await new Person(host, 'ada').enrolsTotp();
    const begun = await ada.post('/mfa/factors/totp', { name: 'Tablet' }).expect(201);
    const other = Object.assign(ada.elsewhere(), { secret: begun.body.secret });
    for (const left of [4, 3, 2, 1, 0]) {
      const { body } = await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: wrongCode(other) }).expect(422);
      expect(body).toMatchObject({ code: 'code_wrong', attemptsLeft: left });
    }
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: other.code() }).expect(410);
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: other.code() }).expect(410);
    expect(await standing(host, 'user-ada', 'totp')).toBe(0);
    await ada.verify({ code: ada.nextCode() }).expect(200);
  });

  it('counts wrong passwords at the prompt that asks for the password again, apart from the factors', async () => {
    const host = createHost({ mfa: TOTP_ONLY });
    const bob = new Person(host, 'bob');
    await bob.password().expect(302);
    for (let guess = 0; guess < 5; guess += 1)
      await bob.verify({ factorId: 'password', password: `wrong ${guess}` }).expect(422);
    await bob.verify({ factorId: 'password', password: PASSWORD }).expect(410);
    expect(await standing(host, 'user-bob', 'password')).toBe(5);
    expect(await standing(host, 'user-bob', 'totp')).toBe(0);
  });

  it('spends a slow hash only on an admitted backup code', async () => {
    const host = createHost();
    const ada = await adaWaits(host);
    await guesses(ada, 5, 'backup-codes');
    await ada.verify({ factorId: 'backup-codes', code: WRONG_BACKUP_CODE }).expect(410);
    expect(await standing(host, 'user-ada', 'backup-codes')).toBe(5);
  });
});
