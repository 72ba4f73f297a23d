/** What one process has learned of a channel, or of a person, the other one suggests by. */
import { describe, expect, it } from '@jest/globals';
import type { Person } from '../support/person.js';
import { sharedStores } from '../support/servers.js';
import { PHONE } from '../support/texting.js';
import { twoProcesses } from '../support/two-processes.js';

const HALF_AN_HOUR = 31 * 60_000;
const price = (channel: 'sms' | 'whatsapp', perSend: string) => ({
  carrier: 'inbox',
  channel,
  perSend,
  currency: 'USD',
});

async function suggestedTo(ada: Person): Promise<unknown> {
  const { body } = await ada.get('/mfa/challenge').expect(200);
  return body.factors.find(({ kind }: { kind: string }) => kind === 'phone')?.suggestedChannel;
}

describe.each(await sharedStores())('on %s', (on) => {
  it('a channel whose codes are not answered at one process is suggested by neither; what a person chose at one is, by both', async () => {
    const rig = await twoProcesses(on, {
      channels: ['sms', 'whatsapp'],
      prices: [price('sms', '0.05'), price('whatsapp', '0.04')],
    });
    const ada = await (await rig.person('ada')).enrolsTotp();
    const begun = await ada.post('/mfa/factors/phone', { phone: PHONE }).expect(201);
    const newest = async () => (await rig.one.ask({ do: 'texts' })).at(-1)?.code;
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: await newest() }).expect(200);
    await rig.advance(HALF_AN_HOUR);
    const factorId = String(begun.body.id);
    const arrivesAt = async (process: typeof rig.one) => {
      const browser = rig.elsewhere(ada, process);
      await browser.password().expect(200);
      return browser;
    };
    expect(await suggestedTo(await arrivesAt(rig.two))).toBe('whatsapp');
    for (let sends = 0; sends < 6; sends += 1) {
      await (await arrivesAt(rig.one)).post('/mfa/challenge', { factorId }).expect(202);
      await rig.advance(HALF_AN_HOUR);
    }
    expect(await suggestedTo(await arrivesAt(rig.two))).toBe('sms');
    const chosen = await arrivesAt(rig.one);
    await chosen.post('/mfa/challenge', { factorId, channel: 'whatsapp' }).expect(202);
    await chosen.verify({ factorId, code: await newest() }).expect(200);
    expect(await suggestedTo(await arrivesAt(rig.two))).toBe('whatsapp');
  }, 60_000);
});
