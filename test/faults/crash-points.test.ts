/**
 * X03: between every two steps of every flow the process is killed with -9. The steps are not listed here: a first request goes
 * through and tells them (reads, commits, session store, the answer's head and body), and then one request for each is stopped there.
 * Where a step only looks, the point after it is as the one before, and is left out.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endProcesses } from '../support/asked-process.js';
import { testClock } from '../support/host.js';
import { inNewBrowser, moved, personAt } from '../support/person-at.js';
import { startApp } from './support/apps.js';
import { type Crashed, crash, inBatches } from './support/crash.js';
import { CRASH_FLOWS } from './support/flows.js';
import { open, SHARED } from './support/places.js';
import { type Servers, startServers } from './support/servers.js';

const servers: Servers | undefined = await startServers();

afterAll(async () => {
  await endProcesses();
  await servers?.stop();
});

const HOSTS = [
  ['with an authenticator and a phone', CRASH_FLOWS.filter(({ withBackupCodes }) => !withBackupCodes)],
  ['with backup codes too', CRASH_FLOWS.filter(({ withBackupCodes }) => withBackupCodes)],
] as const;

describe.each(servers ? SHARED : [])('X03 a process that is killed with -9, on %s', (store) => {
  describe.each(HOSTS)('%s', (_, flows) => {
    let crashed: Crashed;

    beforeAll(async () => {
      if (servers) crashed = await crash(servers.place(store), flows);
    }, 120_000);
    afterAll(() => crashed?.end());

    /** Says at which points it does not hold. */
    async function atEachPoint(holds: (stopped: Crashed['stopped'][number]) => Promise<void>): Promise<void> {
      const wrong: string[] = [];
      await inBatches(crashed.stopped, async (stopped) => {
        const { flow, point } = stopped;
        await holds(stopped).catch((error: unknown) => {
          wrong.push(`${flow.flow}, killed ${point}: ${String(error)}`);
        });
      });
      expect(wrong).toEqual([]);
    }

    it('was stopped wherever something had been done and something was still to do', () => {
      for (const { flow } of flows) {
        const stopped = crashed.stopped.filter((one) => one.flow.flow === flow);
        const last = stopped.at(-1)?.after.done ?? [];
        expect(last.some((step) => step.startsWith(store === 'tiered' ? 'postgres:' : `${store}:`))).toBe(true);
        expect(stopped.length).toBeGreaterThan(3);
        expect(stopped.at(0)?.after.done).toEqual([]);
        expect(stopped.slice(-2).map(({ point }) => point)).toEqual([
          'before answer: the head, with the cookie',
          'before answer: the body',
        ]);
      }
    });

    it('has nobody signed in without a row that says so', async () => {
      await atEachPoint(async ({ flow, after: { person, happened } }) => {
        const { status } = await person.get('/app');
        if (!flow.signedIn && status === 200) expect(happened).toBe(true);
        if (status !== 200) expect(status).toBe(401);
      });
    });

    it('has done each thing once or not at all, and spent its code or not', async () => {
      await atEachPoint(async ({ flow, after }) => {
        await flow.check?.(after);
      });
    });

    it('leaves nothing that waits for ever', async () => {
      await atEachPoint(async ({ after: { person, store: kept } }) => {
        const kinds = ['pending', 'challenge', 'draft', 'fresh-codes'].map((kind) => ({ kind }));
        const records = (await kept.read(`u:${person.user.id}`, kinds)).flat();
        expect(records.filter(({ expiresAt }) => expiresAt === undefined)).toEqual([]);
      });
    });

    it('lets everybody in by a new code', async () => {
      await crashed.advance(60_000);
      await atEachPoint(({ flow, after }) => flow.entersBy(after));
    });
  });
});

describe.each(servers ? SHARED : [])('X03 a process that dies while it tells the user, on %s', (store) => {
  it('has done what it tells of, with its row, and nobody is signed in by the answer that never came', async () => {
    const place = servers?.place(store);
    if (!place) return;
    const clock = testClock(Date.now());
    const dying = await startApp({ place, now: clock(), required: 'user-ada' });
    await dying.ask({ do: 'add user', name: 'ada' });
    const ada = personAt(dying, clock, 'ada');
    await ada.password().expect(200);
    await dying.ask({ do: 'die when told of', type: 'factor.added' });
    await expect(ada.addsTotp()).rejects.toThrow();
    await dying.gone;

    const living = await startApp({ place, now: clock() + 60_000, required: 'user-ada' });
    await living.ask({ do: 'add user', name: 'ada' });
    clock.advance(60_000);
    await moved(ada, living).get('/app').expect(401);
    const opened = await open(place);
    const { rows } = await opened.store.scan({ owner: 'u:user-ada', types: ['factor.added', 'sign_in.completed'] });
    await opened.end();
    expect(rows.map(({ type }) => type).sort()).toEqual(['factor.added', 'sign_in.completed']);
    const again = inNewBrowser(ada, living);
    await again.password().expect(200);
    await again.verify({ code: again.code() }).expect(200);
    await living.kill();
  });
});
