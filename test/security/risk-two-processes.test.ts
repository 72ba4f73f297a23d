/** What `risk` remembers, over two processes on one store. */
import { describe, expect, it } from '@jest/globals';
import { waits } from '../support/guess.js';
import type { Person } from '../support/person.js';
import { sharedStores } from '../support/servers.js';
import { type HostProcess, type Rig, twoProcesses } from '../support/two-processes.js';

const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0';
const HOME = '198.51.100.7';

/** What the process said of sign-ins, since it began. */
async function reasonsAt(process: HostProcess) {
  const events = await process.ask({ do: 'events' });
  return events.flatMap((event) => (event.type === 'risk.scored' ? [event.reasons] : []));
}

const from = (test: ReturnType<Person['post']>, ip: string) =>
  test.set('X-Forwarded-For', ip).set('User-Agent', BROWSER);

async function withAda(rig: Rig): Promise<Person> {
  const ada = await rig.person('ada');
  await from(ada.password(), HOME);
  return await ada.addsTotp();
}

describe.each(await sharedStores())('two processes on one %s', (on) => {
  it('know the networks of a user from each other', async () => {
    const rig = await twoProcesses(on, { risk: { dryRun: true } });
    const ada = await withAda(rig);
    await rig.advance(11 * 60_000);
    const home = rig.elsewhere(ada, rig.one);
    await from(home.password(), HOME).expect(200);
    await from(home.verify({ code: ada.code() }), HOME).expect(200);
    await from(rig.elsewhere(ada, rig.two).password(), HOME).expect(200);
    expect(await reasonsAt(rig.two)).toEqual([]);
    await from(rig.elsewhere(ada, rig.two).password(), '203.0.113.9').expect(200);
    expect(await reasonsAt(rig.two)).toMatchObject([[{ signal: 'new-network', value: 1 }]]);
  });

  it('count sign-ins of a user and an address, and wrong answers, together', async () => {
    const rig = await twoProcesses(on, { risk: { dryRun: true } });
    const ada = await withAda(rig);
    await rig.advance(11 * 60_000);
    for (let time = 0; time < 4; time += 1) {
      const thief = await waits(rig.elsewhere(ada, time % 2 === 0 ? rig.one : rig.two));
      await thief.verify({ factorId: 'totp', code: '000000' }).expect(422);
    }
    await from(rig.elsewhere(ada, rig.two).password(), HOME).expect(200);
    const last = (await reasonsAt(rig.two)).at(-1);
    expect(last?.map(({ signal, value }) => [signal, Number(value.toFixed(2))])).toEqual([
      ['velocity', 0.29],
      ['failures', 0.25],
    ]);
    expect((await reasonsAt(rig.one)).flat().every(({ signal }) => signal === 'bot-agent')).toBe(true);
  });
});
