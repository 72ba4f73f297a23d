import { describe, expect, it } from '@jest/globals';
import {
  adaAndSpy,
  adaWaits,
  addsPhone,
  completed,
  guesses,
  hostOn,
  lockedFor,
  type Mfa,
  TOTP_ONLY,
  WIDE,
  waits,
  wrongCode,
} from '../support/guess.js';
import { createHost, testClock } from '../support/host.js';
import { listening, statuses, together } from '../support/listen.js';
import { Person } from '../support/person.js';
import { stores } from '../support/stores.js';

describe.each(stores)('one code once, on $name', ({ open }) => {
  const adaHost = (mfa?: Mfa) => hostOn(open, mfa);

  describe('G06 one right code, many submissions', () => {
    it('signs in once from one session', async () => {
      const host = await listening(adaHost({ ...TOTP_ONLY, limits: WIDE }));
      const ada = await adaWaits(host);
      const before = completed(host);
      const code = ada.code();
      const answers = await together(50, () => ada.verify({ code }));
      const counted = statuses(answers);
      expect(counted[200]).toBe(1);
      expect(Object.keys(counted).every((status) => ['200', '401', '410', '422'].includes(status))).toBe(true);
      expect(completed(host) - before).toBe(1);
    });

    it('signs in once from fifty sessions', async () => {
      const host = await listening(adaHost({ ...TOTP_ONLY, limits: WIDE }));
      const ada = await adaWaits(host);
      const before = completed(host);
      const others = await together(50, () => waits(ada.elsewhere()));
      const code = ada.code();
      const answers = await Promise.all(others.map((browser) => browser.verify({ code })));
      expect(statuses(answers)).toEqual({ 200: 1, 422: 49 });
      expect(completed(host) - before).toBe(1);
      expect(host.events.filter(({ type }) => type === 'challenge.passed')).toHaveLength(1);
      for (const answer of answers) {
        if (answer.status === 422) expect(answer.body).toMatchObject({ code: 'code_wrong' });
      }
    });

    it('takes a texted code once', async () => {
      const host = await listening(adaHost({ limits: WIDE }));
      const ada = await new Person(host, 'ada').enrolsTotp();
      const phone = await addsPhone(ada, '+1 212 555 0100');
      const before = completed(host);
      const browser = await waits(ada.elsewhere());
      await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
      const code = browser.texted();
      const answers = await together(50, () => browser.verify({ factorId: phone, code }));
      expect(statuses(answers)[200]).toBe(1);
      expect(completed(host) - before).toBe(1);
    });
  });

  describe('G07 backup codes', () => {
    it('spends one code once, sent fifty times at once', async () => {
      const host = await listening(adaHost({ limits: WIDE }));
      const ada = await adaWaits(host);
      const others = await together(50, () => waits(ada.elsewhere()));
      const [code] = ada.backupCodes;
      const answers = await Promise.all(others.map((browser) => browser.verify({ code })));
      expect(statuses(answers)).toEqual({ 200: 1, 422: 49 });
      expect((await host.mfa.api.factorsOf('user-ada')).backupCodesLeft).toBe(9);
    }, 60_000);

    it('spends ten different codes at once without losing one', async () => {
      const host = await listening(adaHost({ limits: WIDE }));
      const ada = await adaWaits(host);
      const others = await together(10, () => waits(ada.elsewhere()));
      const answers = await Promise.all(
        others.map((browser, index) => browser.verify({ code: ada.backupCodes[index] })),
      );
      expect(statuses(answers)).toEqual({ 200: 10 });
      expect((await host.mfa.api.factorsOf('user-ada')).backupCodesLeft).toBe(0);
    }, 60_000);
  });

  describe('G08 replay after success elsewhere', () => {
    it('takes a code for one sign-in, and for nothing afterwards: not a step-up, another browser, or after a restart', async () => {
      const clock = testClock();
      const store = open(clock);
      const host = createHost({ store, mfa: TOTP_ONLY }, clock);
      const ada = await adaWaits(host);
      const code = ada.code();
      await ada.verify({ code }).expect(200);
      await ada.verify({ code }).expect(422);
      await (await waits(ada.elsewhere())).verify({ code }).expect(422);
      const restarted = new Person(createHost({ store, mfa: TOTP_ONLY }, clock), 'ada');
      await waits(restarted);
      const refused = await restarted.verify({ code }).expect(422);
      expect(refused.body.code).toBe('code_wrong');
      clock.advance(30_000);
      await restarted.verify({ code }).expect(422);
    });

    it('takes no code of a step before the newest one it took', async () => {
      const host = adaHost();
      const ada = await adaWaits(host);
      const [previous, current, next] = [ada.code(-1), ada.code(0), ada.code(1)];
      await ada.verify({ code: next }).expect(200);
      const other = await waits(ada.elsewhere());
      await other.verify({ code: current }).expect(422);
      await other.verify({ code: previous }).expect(422);
      host.clock.advance(60_000);
      await other.verify({ code: other.code() }).expect(200);
    });

    it('does not take the code that confirmed the authenticator', async () => {
      const host = adaHost();
      const ada = await new Person(host, 'ada').enrolsTotp();
      const other = await waits(ada.elsewhere());
      await other.verify({ code: other.code() }).expect(422);
    });
  });

  describe('G09 the lock comes before the code', () => {
    it('answers a locked right code like a locked wrong one, and takes nothing', async () => {
      const host = adaHost({});
      const ada = await adaWaits(host);
      await guesses(ada, 10);
      const right = await ada.verify({ factorId: 'totp', code: ada.code() }).expect(429);
      const wrong = await ada.verify({ factorId: 'totp', code: wrongCode(ada) }).expect(429);
      expect({ ...right.body, instance: '' }).toEqual({ ...wrong.body, instance: '' });
      host.clock.advance(900_000 - 30_000);
      const later = await waits(ada.elsewhere());
      const code = later.code(1);
      await lockedFor(later.verify({ factorId: 'totp', code }));
      host.clock.advance(30_000);
      await later.verify({ factorId: 'totp', code }).expect(200);
    });

    it('keeps a right backup code that was given during the lock', async () => {
      const host = adaHost({});
      const ada = await adaWaits(host);
      await guesses(ada, 10, 'backup-codes');
      const [code] = ada.backupCodes;
      await lockedFor(ada.verify({ factorId: 'backup-codes', code }));
      expect((await host.mfa.api.factorsOf('user-ada')).backupCodesLeft).toBe(10);
      host.clock.advance(900_000);
      await (await waits(ada.elsewhere())).verify({ factorId: 'backup-codes', code }).expect(200);
    });

    it('asks no factor anything while the user is locked', async () => {
      const { ada, first, compared } = await adaAndSpy(open, { triesPerChallenge: 10 }, 1);
      for (let guess = 0; guess < 10; guess += 1) await first.verify({ code: '000000' }).expect(422);
      await lockedFor((await waits(ada.elsewhere())).verify({ code: '111111' }));
      expect(compared()).toHaveLength(10);
    });
  });
});
