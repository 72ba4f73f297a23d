/** What must hold over two processes on one store and one store of sessions, kills included. */
import { describe, expect, it } from '@jest/globals';
import { addsPhoneAt, browsers, textsOf, withAda } from '../support/ada-at-two.js';
import { guesses, lockedFor, WIDE, WRONG_BACKUP_CODE, waits, wrongCode } from '../support/guess.js';
import { statuses } from '../support/listen.js';
import type { Person } from '../support/person.js';
import { sharedStores } from '../support/servers.js';
import { type HostProcess, type Rig, twoProcesses } from '../support/two-processes.js';

const verifyAll = (people: readonly Person[], body: (index: number) => object) =>
  Promise.all(people.map((person, index) => person.verify(body(index))));

async function events(rig: Rig, type: string): Promise<number> {
  const all = await Promise.all([rig.one, rig.two].map((process) => process.ask({ do: 'events' })));
  return all.flat().filter((event) => event.type === type).length;
}

async function backupCodesLeft(person: Person): Promise<number> {
  return Number((await person.get('/mfa/backup-codes').expect(200)).body.left);
}

/** Asks for something that the process does not live to answer. */
async function unanswered(process: HostProcess, asked: PromiseLike<unknown>): Promise<void> {
  await expect(Promise.resolve(asked)).rejects.toThrow();
  await process.gone;
}

describe.each(await sharedStores())('on one %s,', (on) => {
  describe('guessing at two processes', () => {
    it('G02 counts fifty wrong answers as fifty', async () => {
      const { rig, ada } = await withAda(on, { limits: WIDE });
      const people = await browsers(rig, ada, 50);
      expect(statuses(await verifyAll(people, () => ({ code: wrongCode(ada) })))).toEqual({ 422: 50 });
      const more = await browsers(rig, ada, 60);
      expect(statuses(await verifyAll(more, () => ({ code: wrongCode(ada) })))).toEqual({ 422: 50, 429: 10 });
      expect(await events(rig, 'user.locked')).toBe(1);
    }, 60_000);

    it('G02 compares ten of fifty, whichever process they go to', async () => {
      const { rig, ada } = await withAda(on);
      const people = await browsers(rig, ada, 50);
      expect(statuses(await verifyAll(people, () => ({ code: wrongCode(ada) })))).toEqual({ 422: 10, 429: 40 });
      for (const process of [rig.one, rig.two])
        await lockedFor((await waits(rig.elsewhere(ada, process))).verify({ code: ada.code() }));
    });

    it('G04 remembers nine wrong answers over a kill -9, and locks at the tenth', async () => {
      const { rig, ada } = await withAda(on);
      await guesses(await waits(rig.elsewhere(ada, rig.one)), 9);
      await rig.one.kill();
      const again = await rig.start();
      const there = await waits(rig.elsewhere(ada, rig.two));
      await guesses(there, 1);
      const back = await waits(rig.elsewhere(ada, again));
      expect(await lockedFor(back.verify({ code: ada.code() }))).toBe(900);
    });

    it('G06 takes one right code once', async () => {
      const { rig, ada } = await withAda(on, { limits: WIDE });
      const before = await events(rig, 'sign_in.completed');
      const people = await browsers(rig, ada, 50);
      expect(statuses(await verifyAll(people, () => ({ code: ada.code() })))).toEqual({ 200: 1, 422: 49 });
      expect((await events(rig, 'sign_in.completed')) - before).toBe(1);
      expect(statuses(await Promise.all(people.map((person) => person.get('/app'))))).toEqual({ 200: 1, 401: 49 });
    });

    it('G07 spends a backup code once, and ten different ones each', async () => {
      const { rig, ada } = await withAda(on, { limits: WIDE });
      const people = await browsers(rig, ada, 20);
      const [first, ...others] = ada.backupCodes;
      expect(statuses(await verifyAll(people, () => ({ code: first })))).toEqual({ 200: 1, 422: 19 });
      expect(await backupCodesLeft(ada)).toBe(9);
      const nine = await browsers(rig, ada, 9);
      expect(statuses(await verifyAll(nine, (index) => ({ code: others[index] })))).toEqual({ 200: 9 });
      expect(await backupCodesLeft(ada)).toBe(0);
    }, 60_000);

    it('G08 knows a used code in the other process, and after a restart', async () => {
      const { rig, ada } = await withAda(on);
      const code = ada.code();
      const [there] = await browsers(rig, ada, 1);
      await there?.verify({ code }).expect(200);
      await (await waits(rig.elsewhere(ada, rig.two))).verify({ code }).expect(422);
      await rig.one.kill();
      await rig.two.kill();
      const again = await rig.start();
      await (await waits(rig.elsewhere(ada, again))).verify({ code }).expect(422);
      await rig.advance(30_000);
      const later = rig.elsewhere(ada, again);
      await waits(later);
      await later.verify({ code }).expect(422);
      await later.verify({ code: ada.code() }).expect(200);
    });

    it('G09 keeps the locked user out of both, and a right backup code unspent', async () => {
      const { rig, ada } = await withAda(on);
      await guesses(await waits(rig.elsewhere(ada, rig.one)), 10, 'backup-codes');
      const there = await waits(rig.elsewhere(ada, rig.two));
      const [code] = ada.backupCodes;
      await lockedFor(there.verify({ factorId: 'backup-codes', code }));
      await lockedFor(there.verify({ factorId: 'backup-codes', code: WRONG_BACKUP_CODE }));
      await rig.advance(900_000);
      await (await waits(rig.elsewhere(ada, rig.two))).verify({ factorId: 'backup-codes', code }).expect(200);
    });
  });

  describe('a sign-in at two processes', () => {
    it('S06 is void everywhere when credentials change anywhere', async () => {
      const { rig, ada } = await withAda(on);
      const [at1, at2] = await browsers(rig, ada, 2);
      await rig.one.ask({ do: 'credentials changed', id: 'user-ada' });
      for (const person of [at1, at2]) {
        const { body } = (await person?.verify({ code: ada.code() }).expect(401)) ?? { body: undefined };
        expect(body.code).toBe('sign_in_again');
      }
      await ada.get('/mfa/factors').expect(401);
      await (await waits(rig.elsewhere(ada, rig.two))).verify({ code: ada.code() }).expect(200);
    });

    it('S06 is void when the user is disabled in the process that hears of it', async () => {
      const { rig, ada } = await withAda(on);
      const [, there] = await browsers(rig, ada, 2);
      await rig.everywhere({ do: 'change user', id: 'user-ada', to: { disabled: true } });
      await there?.verify({ code: ada.code() }).expect(401);
      await rig.everywhere({ do: 'change user', id: 'user-ada', to: { disabled: false } });
      await (await waits(rig.elsewhere(ada, rig.two))).verify({ code: ada.code() }).expect(200);
    });

    it('S06 cannot be completed by an answer that raced with a reset', async () => {
      const { rig, ada } = await withAda(on);
      const people = await browsers(rig, ada, 6);
      const [answers] = await Promise.all([
        verifyAll(people, () => ({ code: ada.code() })),
        rig.two.ask({ do: 'reset user', id: 'user-ada' }),
      ]);
      const passed = people.filter((_, index) => answers[index]?.status === 200);
      expect(passed.length).toBeLessThanOrEqual(1);
      // Whoever passed, passed before the reset: what it proved counts no more.
      for (const person of passed) expect((await person.post('/mfa/factors/totp')).status).not.toBe(201);
    });

    it('S08 completes once, with one browser at both processes at the same time', async () => {
      const { rig, ada } = await withAda(on);
      const before = await events(rig, 'sign_in.completed');
      const [here] = await browsers(rig, ada, 1);
      if (!here) throw new Error('no browser');
      const there = rig.at(here, rig.two);
      const code = ada.code();
      const answers = await Promise.all([here, there, here, there].map((person) => person.verify({ code })));
      const counted = statuses(answers);
      expect(counted[200]).toBe(1);
      for (const { status, body } of answers.filter(({ status }) => status !== 200)) {
        expect([401, 422]).toContain(status);
        expect(['sign_in_again', 'sign_in_required', 'code_wrong']).toContain(body.code);
      }
      expect((await events(rig, 'sign_in.completed')) - before).toBe(1);
    });
  });

  describe('texts from two processes', () => {
    it('P04 are one for a sign-in that asks for fifty, three for a user, and none for one who is locked', async () => {
      const { rig, ada } = await withAda(on);
      const phone = { factorId: await addsPhoneAt(rig, ada) };
      const before = (await textsOf(rig)).length;

      const [here] = await browsers(rig, ada, 1);
      if (!here) throw new Error('no browser');
      const both = [here, rig.at(here, rig.two)];
      const asked = Array.from({ length: 50 }, (_, index) => (both[index % 2] ?? here).post('/mfa/challenge', phone));
      expect(statuses(await Promise.all(asked))).toEqual({ 202: 50 });
      expect((await textsOf(rig)).length - before).toBe(1);

      const people = await browsers(rig, ada, 20);
      const answers = await Promise.all(people.map((person) => person.post('/mfa/challenge', phone)));
      expect(statuses(answers)).toEqual({ 202: 2, 429: 18 });
      expect((await textsOf(rig)).length - before).toBe(3);

      const right = (await textsOf(rig)).map((text) => text.code);
      const wrong = ['000000', '000001', '000002', '000003'].find((one) => !right.includes(one)) ?? '';
      const holders = people.filter((_, index) => answers[index]?.status === 202);
      for (const holder of holders)
        for (let guess = 0; guess < 5; guess += 1) await holder.verify({ ...phone, code: wrong }).expect(422);
      await rig.advance(600_000);
      const locked = await waits(rig.elsewhere(ada, rig.two));
      expect(await lockedFor(locked.post('/mfa/challenge', phone))).toBe(300);
      expect((await textsOf(rig)).length - before).toBe(3);
    });
  });

  describe('factors at two processes', () => {
    it('E08 two removals of the last two factors at once leave one, where policy asks for a factor', async () => {
      const { rig, ada } = await withAda(on, { required: ['user-ada'] });
      const first = ada.factorId;
      const phone = rig.at(ada, rig.one);
      await rig.advance(30_000);
      await ada.verify({ code: ada.code() }).expect(200);
      await ada.addsTotp('Tablet');
      const second = ada.factorId;
      await rig.advance(60_000);
      const people = [await waits(rig.elsewhere(ada, rig.one)), await waits(rig.elsewhere(ada, rig.two))];
      // Each proves itself by the factor that it does not remove: whoever wins has a proof that still counts.
      await people[0]?.verify({ code: ada.code() }).expect(200);
      await people[1]?.verify({ code: phone.code() }).expect(200);
      const answers = await Promise.all([
        people[0]?.delete(`/mfa/factors/${first}`),
        people[1]?.delete(`/mfa/factors/${second}`),
      ]);
      const outcome = answers.map((answer) => answer?.status).sort();
      expect(outcome[0]).toBe(200);
      expect([401, 409]).toContain(outcome[1]);
      expect(await events(rig, 'factor.removed')).toBe(1);
      const [winner] = people.filter((_, index) => answers[index]?.status === 200);
      const { body } = (await winner?.get('/mfa/factors').expect(200)) ?? { body: undefined };
      expect(body.factors).toHaveLength(1);
      const refused = await winner?.delete(`/mfa/factors/${body.factors[0].id}`).expect(409);
      expect(refused?.body.code).toBe('required_by_policy');
    });

    it('E09 two new sets of backup codes at once leave one, and the old set dead', async () => {
      const { rig, ada } = await withAda(on);
      const old = ada.backupCodes;
      const there = rig.at(ada, rig.two);
      const answers = await Promise.all([ada.post('/mfa/backup-codes'), there.post('/mfa/backup-codes')]);
      const made = answers.filter(({ status }) => status === 201);
      expect(made).toHaveLength(1);
      const works = async (code: string) => (await waits(rig.elsewhere(ada, rig.two))).verify({ code });
      expect((await works(old[0] ?? '')).status).toBe(422);
      expect((await works(made[0]?.body.codes[0])).status).toBe(200);
      expect(await events(rig, 'backup_codes.made')).toBe(2);
    });

    it.each(['before', 'after'] as const)(
      'E09 a process that dies %s the commit leaves one whole set',
      async (when) => {
        const { rig, ada } = await withAda(on);
        await rig.one.ask({ do: 'die', when, kind: 'backup' });
        await unanswered(rig.one, ada.post('/mfa/backup-codes'));
        const alive = await waits(rig.elsewhere(ada, rig.two));
        const { status } = await alive.verify({ code: ada.backupCodes[0] });
        expect(status).toBe(when === 'before' ? 200 : 422);
        if (when === 'after') {
          await rig.advance(30_000);
          await alive.verify({ code: ada.code() }).expect(200);
        }
        expect(await backupCodesLeft(alive)).toBe(when === 'before' ? 9 : 10);
      },
    );

    it.each(['before', 'after'] as const)(
      'E09 a process that dies %s the commit of a confirmation leaves all of the factor or nothing',
      async (when) => {
        const rig = await twoProcesses(on);
        const bob = await rig.person('bob');
        await bob.password().expect(302);
        const begun = await bob.post('/mfa/factors/totp').expect(201);
        bob.secret = begun.body.secret;
        await rig.one.ask({ do: 'die', when, kind: 'enrolment' });
        await unanswered(rig.one, bob.post(`/mfa/factors/${begun.body.id}/confirm`, { code: bob.code() }));
        await rig.advance(60_000);
        const there = rig.elsewhere(bob, rig.two);
        const { status } = await there.password();
        expect(status).toBe(when === 'before' ? 302 : 200);
        if (when === 'after') await there.verify({ code: bob.code() }).expect(200);
        const { body } = await there.get('/mfa/factors').expect(200);
        expect([body.factors.length, body.backupCodes?.left ?? 0]).toEqual(when === 'before' ? [0, 0] : [1, 10]);
      },
    );

    it('X03 a process that dies between the count and the comparison has counted', async () => {
      const { rig, ada } = await withAda(on);
      const [here] = await browsers(rig, ada, 1);
      if (!here) throw new Error('no browser');
      await guesses(here, 4);
      // The commit of a right answer is the first that writes when a factor was used.
      await rig.one.ask({ do: 'die', when: 'before', kind: 'last-used' });
      await unanswered(rig.one, here.verify({ code: ada.code() }));
      const same = rig.at(here, rig.two);
      await same.verify({ code: ada.code() }).expect(410);
      await same.post('/mfa/challenge', { factorId: 'totp' }).expect(202);
      await same.verify({ code: ada.code() }).expect(200);
    });

    it('X03 a process that dies after the commit of a right answer has signed nobody in, and has used the code', async () => {
      const { rig, ada } = await withAda(on);
      const [here] = await browsers(rig, ada, 1);
      if (!here) throw new Error('no browser');
      await rig.one.ask({ do: 'die', when: 'after', kind: 'last-used' });
      await unanswered(rig.one, here.verify({ code: ada.code() }));
      const same = rig.at(here, rig.two);
      await same.get('/app').expect(401);
      await same.verify({ code: ada.code() }).expect(401);
      const again = await waits(rig.elsewhere(ada, rig.two));
      await again.verify({ code: ada.code() }).expect(422);
      await rig.advance(30_000);
      await again.verify({ code: ada.code() }).expect(200);
    });
  });
});
