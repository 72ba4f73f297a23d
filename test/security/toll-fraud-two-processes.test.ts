/** What the guards against toll fraud promise over two processes on one store. */
import { describe, expect, it } from '@jest/globals';
import { statuses } from '../support/listen.js';
import { sharedStores } from '../support/servers.js';
import { farNumberNo, numberNo } from '../support/texting.js';
import { type Rig, twoProcesses } from '../support/two-processes.js';

const WIDE = {
  sendsPerNumber10Min: 5,
  sendsPerIpHour: 10_000,
  sendsPerPrefix10Min: 10_000,
  sendsPerPrefixHour: 100_000,
  conversion: false,
} as const;

/** So many people, at both processes in turn and all at once, each asking for a text to a number of their own. */
async function allAtOnce(rig: Rig, count: number, phone: (index: number) => string) {
  const crowd = [];
  for (let index = 0; index < count; index += 1) {
    const somebody = await rig.person(`n${index}`);
    const place = rig.elsewhere(somebody, index % 2 === 0 ? rig.one : rig.two);
    await place.password().expect(302);
    crowd.push(place);
  }
  const answers = await Promise.all(crowd.map((one, index) => one.post('/mfa/factors/sms', { phone: phone(index) })));
  const texts = await Promise.all([rig.one, rig.two].map((process) => process.ask({ do: 'texts' })));
  const events = (await Promise.all([rig.one, rig.two].map((process) => process.ask({ do: 'events' })))).flat();
  return { answers, texts: texts.flat().length, events };
}

describe.each(await sharedStores())('P04 two processes on one %s', (on) => {
  it('send to four of seven neighbours between them', async () => {
    const rig = await twoProcesses(on, { limits: WIDE });
    const { answers, texts } = await allAtOnce(rig, 7, (index) => numberNo(10 + index));
    expect(statuses(answers)).toEqual({ 201: 4, 429: 3 });
    expect(texts).toBe(4);
  }, 60_000);

  it('spend what a cap by money allows and no more, less than a send left over, and tell once', async () => {
    const rig = await twoProcesses(on, {
      limits: { ...WIDE, numbersPerRun: 14, spendPerDay: '0.50' },
      prices: [{ carrier: 'inbox', channel: 'sms', perSend: '0.05', currency: 'USD' }],
    });
    const { answers, texts, events } = await allAtOnce(rig, 16, farNumberNo);
    expect(statuses(answers)).toEqual({ 201: 10, 429: 6 });
    expect(texts).toBe(10);
    expect(events.filter(({ type }) => type === 'sending.blocked')).toMatchObject([{ limit: 'money' }]);
  }, 60_000);
});
