import { describe, expect, it } from '@jest/globals';
import {
  adaAndSpy,
  adaWaits,
  addsPhone,
  guesses,
  hostOn,
  lockedFor,
  type Mfa,
  standing,
  TOTP_ONLY,
  WIDE,
  waits,
  wrongCode,
} from '../support/guess.js';
import { createHost, type TestHost, testClock } from '../support/host.js';
import { listening, statuses, together } from '../support/listen.js';
import { Person } from '../support/person.js';
import { spyFactor } from '../support/spy-factor.js';
import { stores } from '../support/stores.js';

describe.each(stores)('guessing, on $name', ({ open }) => {
  const adaHost = (mfa?: Mfa) => hostOn(open, mfa);

  describe('G01 the sequential wall', () => {
    it('compares five wrong answers to a challenge, and not the sixth, right as it may be', async () => {
      const host = adaHost();
      const ada = await adaWaits(host);
      for (const left of [4, 3, 2, 1, 0]) {
        const { body } = await ada.verify({ code: wrongCode(ada) }).expect(422);
        expect(body).toMatchObject({ code: 'code_wrong', attemptsLeft: left });
      }
      const sixth = await ada.verify({ code: ada.code() }).expect(410);
      expect(sixth.body.code).toBe('challenge_exhausted');
      expect(await standing(host, 'user-ada', 'totp')).toBe(5);
    });

    it('locks the kind for fifteen minutes after ten, whatever challenge they were given to', async () => {
      const host = adaHost();
      const ada = await adaWaits(host);
      await guesses(ada, 5);
      await ada.post('/mfa/challenge', { factorId: 'totp' }).expect(202);
      await guesses(ada, 5);
      expect(await lockedFor(ada.verify({ code: ada.code() }))).toBe(900);
      expect(await standing(host, 'user-ada', 'totp')).toBe(10);
      expect(host.events.filter(({ type }) => type === 'user.locked')).toEqual([
        expect.objectContaining({ factor: 'totp', until: host.clock() + 900_000, userId: 'user-ada' }),
      ]);
    });

    it('begins a new challenge only for what is set up, and for nobody who is locked', async () => {
      const ada = await adaWaits(adaHost());
      for (const factorId of ['backup-codes', 'sms', 'constructor', '__proto__', 'totp.x.y'])
        await ada.post('/mfa/challenge', { factorId }).expect(404);
      await guesses(ada, 10);
      expect(await lockedFor(ada.post('/mfa/challenge', { factorId: 'totp' }))).toBe(900);
    });

    it('doubles the lock from 15 minutes to an hour, and ends after a hundred until an admin opens it', async () => {
      const host = adaHost();
      const ada = await adaWaits(host);
      const locks: number[] = [];
      for (let round = 0; round < 9; round += 1) {
        await guesses(ada, 10);
        const seconds = await lockedFor(ada.verify({ code: ada.code() }));
        locks.push(seconds / 60);
        host.clock.advance(seconds * 1000 - 1);
        const early = await waits(ada.elsewhere());
        expect(await lockedFor(early.verify({ code: ada.code() }))).toBe(1);
        host.clock.advance(1);
        await waits(ada);
      }
      expect(locks).toEqual([15, 30, 60, 60, 60, 60, 60, 60, 60]);
      await guesses(ada, 10);
      expect(await lockedFor(ada.verify({ code: ada.code() }))).toBe(86_400);
      host.clock.advance(30 * 86_400_000);
      await lockedFor((await waits(ada.elsewhere())).verify({ code: ada.code() }));

      await host.mfa.api.unlockUser('user-ada', { factor: 'totp', actor: 'admin' });
      const free = await waits(ada.elsewhere());
      await free.verify({ code: ada.code() }).expect(200);
      expect(await standing(host, 'user-ada', 'totp')).toBe(0);
    }, 60_000);
  });

  describe('G02 guesses in parallel', () => {
    it('G02a counts fifty wrong ones of fifty browsers as fifty', async () => {
      const { host, waiting, compared } = await adaAndSpy(open, WIDE, 50);
      const answers = await Promise.all(waiting.map((browser) => browser.verify({ code: '000000' })));
      expect(statuses(answers)).toEqual({ 422: 50 });
      expect(compared()).toHaveLength(50);
      expect(await standing(host, 'user-ada', 'spy')).toBe(50);
    });

    it('G02b compares five of fifty at one challenge, and refused ones move nothing', async () => {
      const { host, first, compared } = await adaAndSpy(open, { triesPerChallenge: 5 }, 1);
      const answers = await together(50, () => first.verify({ code: '000000' }));
      expect(statuses(answers)).toEqual({ 410: 45, 422: 5 });
      expect(compared()).toHaveLength(5);
      expect(await standing(host, 'user-ada', 'spy')).toBe(5);
    });

    it('G02b compares ten of fifty over fifty browsers: a new session buys no guess', async () => {
      const { host, waiting, compared } = await adaAndSpy(open, {}, 50);
      const answers = await Promise.all(waiting.map((browser) => browser.verify({ code: '000000' })));
      expect(statuses(answers)).toEqual({ 422: 10, 429: 40 });
      expect(compared()).toHaveLength(10);
      expect(await standing(host, 'user-ada', 'spy')).toBe(10);
    });

    it('G02c lets the right one among fifty in only if it was one of the five that were compared', async () => {
      for (const place of [0, 25, 49]) {
        const { first, compared } = await adaAndSpy(open, { triesPerChallenge: 5 }, 1);
        const answers = await together(50, (index) => first.verify({ code: index === place ? '111111' : '000000' }));
        const passed = statuses(answers)[200] ?? 0;
        expect(compared().length).toBeLessThanOrEqual(5);
        expect(passed).toBe(compared().includes('111111') ? 1 : 0);
      }
    });
  });

  describe('G04 what gives no guess back', () => {
    const ways: Record<string, (ada: Person, host: TestHost) => Promise<Person>> = {
      'a new challenge': async (ada) => {
        await ada.post('/mfa/challenge', { factorId: 'totp' }).expect(202);
        return ada;
      },
      'cancelling and signing in again': async (ada) => {
        await ada.post('/mfa/challenge/cancel').expect(200);
        return await waits(ada);
      },
      'signing out and in again': async (ada) => {
        await ada.post('/logout').expect(302);
        return await waits(ada);
      },
      'another browser': async (ada) => await waits(ada.elsewhere()),
      'a right answer with another kind': async (ada) => {
        await ada.verify({ code: ada.backupCodes[0] }).expect(200);
        return await waits(ada.elsewhere());
      },
      'a new password': async (ada, host) => {
        ada.user.password = 'another password';
        await host.mfa.api.credentialsChanged('user-ada');
        const again = ada.elsewhere();
        await again.password('another password').expect(200);
        return again;
      },
      'a malformed answer': async (ada) => {
        await ada.verify({ factorId: 'totp', code: '12345' }).expect(422);
        return ada;
      },
      'a new backup set': async (ada) => {
        await ada.verify({ code: ada.backupCodes[0] }).expect(200);
        await ada.post('/mfa/backup-codes').expect(201);
        return await waits(ada.elsewhere());
      },
      'another authenticator': async (ada) => {
        await ada.verify({ code: ada.backupCodes[0] }).expect(200);
        const { secret } = ada;
        await ada.addsTotp('Tablet');
        ada.secret = secret;
        return await waits(ada.elsewhere());
      },
    };

    it.each(Object.entries(ways))('%s', async (_name, way) => {
      const host = adaHost({});
      const ada = await adaWaits(host);
      await guesses(ada, 9);
      const later = await way(ada, host);
      expect(await standing(host, 'user-ada', 'totp')).toBe(9);
      await guesses(later, 1);
      await lockedFor(later.verify({ factorId: 'totp', code: later.code() }));
    });

    it('a restart', async () => {
      const clock = testClock();
      const store = open(clock);
      const host = createHost({ store, mfa: TOTP_ONLY }, clock);
      const ada = await adaWaits(host);
      await guesses(ada, 9);
      const restarted = createHost({ store, mfa: TOTP_ONLY }, clock);
      const later = new Person(restarted, 'ada');
      later.secret = ada.secret;
      await waits(later);
      await guesses(later, 1);
      await lockedFor(later.verify({ code: later.code() }));
    });

    it('a resent text, and another phone in place of the old', async () => {
      const host = adaHost({});
      const ada = await new Person(host, 'ada').enrolsTotp();
      const phone = await addsPhone(ada, '+1 212 555 0100');
      const guesser = await waits(ada.elsewhere());
      await guesser.post('/mfa/challenge', { factorId: phone }).expect(202);
      await guesses(guesser, 4, phone);
      host.clock.advance(31_000);
      await guesser.post('/mfa/challenge', { factorId: phone }).expect(202);
      const { body } = await guesser.verify({ factorId: phone, code: wrongCode(guesser) }).expect(422);
      expect(body.attemptsLeft).toBe(0);
      expect(await standing(host, 'user-ada', 'sms')).toBe(5);

      host.clock.advance(600_000);
      await ada.verify({ factorId: 'totp', code: ada.code() }).expect(200);
      const moved = await addsPhone(ada, '+1 212 555 0199', phone);
      expect(await standing(host, 'user-ada', 'sms')).toBe(5);
      const again = await waits(ada.elsewhere());
      await again.post('/mfa/challenge', { factorId: moved }).expect(202);
      await guesses(again, 5, moved);
      expect(await lockedFor(again.verify({ factorId: moved, code: ada.texted() }))).toBe(900);
    });

    it('but a right answer of that very kind, an admin, or nothing else does', async () => {
      const host = adaHost({});
      const ada = await adaWaits(host);
      await guesses(ada, 9);
      await (await waits(ada.elsewhere())).verify({ factorId: 'totp', code: ada.code() }).expect(200);
      expect(await standing(host, 'user-ada', 'totp')).toBe(0);
      await guesses(await waits(ada.elsewhere()), 3);
      await host.mfa.api.unlockUser('user-ada', { factor: 'sms' });
      expect(await standing(host, 'user-ada', 'totp')).toBe(3);
      await host.mfa.api.unlockUser('user-ada');
      expect(await standing(host, 'user-ada', 'totp')).toBe(0);
    });

    it('the end of a lock forgives nothing: the next lock is longer', async () => {
      const host = adaHost();
      const ada = await adaWaits(host);
      await guesses(ada, 10);
      host.clock.advance(900_000);
      await waits(ada);
      expect(await standing(host, 'user-ada', 'totp')).toBe(10);
      await guesses(ada, 10);
      expect(await lockedFor(ada.verify({ code: ada.code() }))).toBe(1800);
    });

    it('a right answer that was counted before wrong ones leaves those standing', async () => {
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      let isHeld = false;
      const spy = spyFactor('spy', () => {
        const wait = isHeld ? held : undefined;
        isHeld = false;
        return wait;
      });
      const clock = testClock();
      const host = await listening(createHost({ store: open(clock), mfa: { factors: [spy] } }, clock));
      const ada = new Person(host, 'ada');
      await ada.password().expect(302);
      const { body } = await ada.post('/mfa/factors/spy').expect(201);
      await ada.post(`/mfa/factors/${body.id}/confirm`, { code: '111111' }).expect(200);
      const [honest, thief] = [await waits(ada.elsewhere()), await waits(ada.elsewhere())];
      isHeld = true;
      const right = honest.verify({ code: '111111' }).then((answer) => answer);
      while (isHeld) await new Promise((resolve) => setImmediate(resolve));
      for (let guess = 0; guess < 3; guess += 1) await thief.verify({ code: '000000' }).expect(422);
      release();
      expect((await right).status).toBe(200);
      expect(await standing(host, 'user-ada', 'spy')).toBe(3);
    });
  });
});
