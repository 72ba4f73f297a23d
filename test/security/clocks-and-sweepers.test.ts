/** What must hold over two processes whose clocks differ or go back, and that both clear up. */
import { describe, expect, it } from '@jest/globals';
import { addsPhoneAt, browsers, textsOf, withAda } from '../support/ada-at-two.js';
import { guesses, lockedFor, WRONG_BACKUP_CODE, waits } from '../support/guess.js';
import { statuses } from '../support/listen.js';
import type { Person } from '../support/person.js';
import { sharedStores } from '../support/servers.js';
import type { HostProcess } from '../support/two-processes.js';

const MINUTE = 60_000;
const AHEAD = 90_000;

const skew = async (process: HostProcess, ms: number) => await process.ask({ do: 'advance', ms, whose: 'process' });

describe.each(await sharedStores())('on one %s,', (on) => {
  describe('X06 a process that is 90 s ahead of the other', () => {
    it('ends no lock sooner, and no later', async () => {
      const { rig, ada } = await withAda(on);
      await skew(rig.two, AHEAD);
      await guesses(await waits(rig.elsewhere(ada, rig.one)), 10, 'backup-codes');
      const right = { factorId: 'backup-codes', code: ada.backupCodes[0] };
      for (const process of [rig.one, rig.two])
        expect(await lockedFor((await waits(rig.elsewhere(ada, process))).verify(right))).toBe(900);
      await rig.advance(15 * MINUTE - 1);
      expect(await lockedFor((await waits(rig.elsewhere(ada, rig.two))).verify(right))).toBe(1);
      await rig.advance(1);
      await (await waits(rig.elsewhere(ada, rig.one))).verify(right).expect(200);
    });

    it('neither ends the other’s pending sign-ins, nor makes its own last longer', async () => {
      const { rig, ada } = await withAda(on);
      await skew(rig.two, AHEAD);
      const [begunAt1, begunAt2] = await browsers(rig, ada, 2);
      if (!begunAt1 || !begunAt2) throw new Error('no browsers');
      await rig.advance(9 * MINUTE);
      await rig.at(begunAt1, rig.two).get('/mfa/challenge').expect(200);
      await begunAt2.get('/mfa/challenge').expect(200);
      await rig.advance(MINUTE + 1000);
      for (const browser of [begunAt1, rig.at(begunAt1, rig.two), begunAt2, rig.at(begunAt2, rig.one)])
        await browser.get('/mfa/challenge').expect(401);
    });

    it('sends no second text before its time', async () => {
      const { rig, ada } = await withAda(on);
      const phone = { factorId: await addsPhoneAt(rig, ada) };
      await skew(rig.two, AHEAD);
      const [here] = await browsers(rig, ada, 1);
      if (!here) throw new Error('no browser');
      await here.post('/mfa/challenge', phone).expect(202);
      const refused = await rig.at(here, rig.two).post('/mfa/challenge', phone).expect(429);
      expect(refused.headers['retry-after']).toBe('30');
      await rig.advance(30_000);
      await rig.at(here, rig.two).post('/mfa/challenge', phone).expect(202);
    });

    it('takes a code for which the other is too late already, and the other takes it no more', async () => {
      const { rig, ada } = await withAda(on);
      await skew(rig.two, AHEAD);
      const [here, there] = await browsers(rig, ada, 2);
      const early = ada.code(3);
      await here?.verify({ code: early }).expect(422);
      await there?.verify({ code: early }).expect(200);
      await rig.advance(AHEAD);
      for (const browser of await browsers(rig, ada, 2)) await browser.verify({ code: early }).expect(422);
      await rig.advance(30_000);
      await here?.verify({ code: ada.code() }).expect(200);
    });
  });

  describe('X06 a clock that goes back ten minutes', () => {
    it('brings no used code back, whichever clocks go back', async () => {
      const { rig, ada } = await withAda(on);
      await rig.advance(10 * MINUTE);
      const used = ada.code();
      const [here] = await browsers(rig, ada, 1);
      await here?.verify({ code: used }).expect(200);
      for (const process of [rig.one, rig.two]) await skew(process, -10 * MINUTE);
      const refusedBy = async (code: string) => {
        for (const browser of await browsers(rig, ada, 2)) await browser.verify({ code }).expect(422);
      };
      await refusedBy(used);
      // What the app shows if its own clock went back as well.
      await refusedBy(ada.code(-20));
      await rig.advanceStore(-10 * MINUTE);
      await refusedBy(used);
    });

    it('brings no expired text and no ended sign-in back', async () => {
      const { rig, ada } = await withAda(on);
      const factorId = await addsPhoneAt(rig, ada);
      const [here, other] = await browsers(rig, ada, 2);
      if (!here || !other) throw new Error('no browsers');
      await rig.advance(6 * MINUTE);
      await here.password().expect(200);
      await here.post('/mfa/challenge', { factorId }).expect(202);
      const code = (await textsOf(rig)).at(-1)?.code;
      await rig.advance(5 * MINUTE);
      const everywhere = (browser: Person) => [rig.at(browser, rig.one), rig.at(browser, rig.two)];
      const areOver = async () => {
        for (const browser of everywhere(here)) await browser.verify({ factorId, code }).expect(410);
        for (const browser of everywhere(other)) await browser.verify({ code: ada.code() }).expect(401);
      };
      await areOver();
      await rig.advance(-10 * MINUTE);
      await areOver();
    });
  });

  it('X09 two that sweep at once, again and again, delete nothing that lives', async () => {
    const { rig, ada } = await withAda(on);
    const factorId = await addsPhoneAt(rig, ada);
    const bob = await rig.person('bob');
    await bob.password().expect(302);
    await bob.addsTotp();
    await browsers(rig, bob, 20);
    await rig.advance(11 * MINUTE);
    // Of Bob's sign-ins nothing lives any more; of what follows, everything.
    await guesses(await waits(rig.elsewhere(ada, rig.two)), 10, 'backup-codes');
    const [texted, ...waiting] = await browsers(rig, ada, 9);
    await texted?.post('/mfa/challenge', { factorId }).expect(202);
    const code = (await textsOf(rig)).at(-1)?.code;
    await ada.verify({ factorId: 'totp', code: ada.code() }).expect(200);
    const draft = await ada.post('/mfa/factors/totp', { name: 'Tablet' }).expect(201);

    const removed: number[] = [];
    const sweeps = [rig.one, rig.two].map(async (process) => {
      for (let round = 0; round < 10; round += 1) removed.push((await process.ask({ do: 'sweep' })).removed);
    });
    const meanwhile = waiting.map((browser) => browser.get('/mfa/challenge'));
    await Promise.all(sweeps);
    expect(statuses(await Promise.all(meanwhile))).toEqual({ 200: 8 });
    // Redis drops by itself what expires.
    if (on === 'sqlite' || on === 'postgres')
      expect(removed.reduce((sum, gone) => sum + gone, 0)).toBeGreaterThanOrEqual(20);
    expect(await rig.two.ask({ do: 'sweep' })).toEqual({ removed: 0 });

    await lockedFor((await waits(rig.elsewhere(ada, rig.two))).verify({ code: WRONG_BACKUP_CODE }));
    await texted?.verify({ factorId, code }).expect(200);
    const tablet = Object.assign(rig.at(ada, rig.two), { secret: draft.body.secret });
    await tablet.post(`/mfa/factors/${draft.body.id}/confirm`, { code: tablet.code() }).expect(200);
    await rig.advance(30_000);
    const again = await waits(rig.elsewhere(ada, rig.two));
    await again.verify({ factorId: 'totp', code: tablet.code() }).expect(200);
    expect((await again.get('/mfa/backup-codes').expect(200)).body.left).toBe(10);
    await again.verify({ factorId: 'backup-codes', code: ada.backupCodes[0] }).expect(429);
  });
});
