/** What the operator hears of a carrier that fails, over the wire: who, where, the class, and the vendor's status and code. */
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { telnyxMessages } from '../../src/delivery/telnyx.js';
import { twilioMessages } from '../../src/delivery/twilio.js';
import { type Delivery, inbox, sms, totp } from '../../src/index.js';
import { type TelnyxDouble, telnyxDouble, telnyxRefusal } from '../doubles/telnyx.js';
import { refusal } from '../doubles/twilio/wire.js';
import { type TwilioDouble, twilioDouble } from '../doubles/twilio.js';
import { createHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';

const OFFICE = '+12025550100';
let twilio: TwilioDouble;
let telnyx: TelnyxDouble;
beforeEach(async () => {
  [twilio, telnyx] = await Promise.all([twilioDouble(), telnyxDouble()]);
});
afterEach(() => Promise.all([twilio.close(), telnyx.close()]));

const byTwilio = () => twilioMessages({ client: twilio.client(), from: OFFICE });
const byTelnyx = () => telnyxMessages({ apiKey: telnyx.apiKey, baseUrl: telnyx.baseUrl, from: OFFICE });

function aHost(via: Delivery | readonly Delivery[]) {
  const host = createHost({ mfa: { factors: [totp(), sms({ via, countries: ['US'] })] } }, testClock(Date.now()));
  let numbers = 0;
  return {
    host,
    told: () => host.errors.map((error) => (error as Error).message),
    async asks() {
      numbers += 1;
      const somebody = await new Person(host, `n${numbers}`).enrolsTotp();
      return await somebody.post('/mfa/factors/sms', { phone: `+1${200 + numbers * 3}55501${10 + numbers}` });
    },
  };
}

describe('the operator hears', () => {
  it('of a carrier that is refused, though another brought the code', async () => {
    const { asks, told } = aHost([byTwilio(), byTelnyx()]);
    twilio.fault({ reply: refusal(401, 20003, `Authenticate ${OFFICE}`) });
    expect((await asks()).status).toBe(201);
    expect(told()).toEqual([
      'twilio-messages (sms, US): auth, status 401, code 20003. docs/carriers.md says what to do.',
    ]);
  });

  it('of each kind of failure once in ten minutes', async () => {
    const { asks, told, host } = aHost(byTelnyx());
    for (let times = 0; times < 2; times += 1) {
      telnyx.fault({ reply: telnyxRefusal(400, 10015) });
      expect((await asks()).status).toBe(503);
    }
    telnyx.fault({ reply: telnyxRefusal(400, 40309) });
    expect((await asks()).status).toBe(422);
    expect(told().map((one) => one.split('. ')[0])).toEqual([
      'telnyx-messages (sms, US): config, status 400, code 10015',
      'telnyx-messages (sms, US): blocked, status 400, code 40309',
    ]);
    host.clock.advance(601_000);
    telnyx.fault({ reply: telnyxRefusal(400, 10015) });
    await asks();
    expect(told()).toHaveLength(3);
  });

  it('of one that gives no clear answer', async () => {
    const { asks, told } = aHost(byTwilio());
    twilio.fault({ reset: true });
    expect((await asks()).status).toBe(201);
    expect(told()[0]).toMatch(/^twilio-messages \(sms, US\): no clear answer, code ECONNRESET\./);
  });

  it.each([21211, 21635, 21610, 30003])('nothing of what is about the number: %i', async (code) => {
    const { asks, told } = aHost(byTwilio());
    twilio.fault({ reply: refusal(400, code, 'Refused') });
    expect((await asks()).status).toBe(422);
    expect(told()).toEqual([]);
  });

  it('nothing of what a carrier of somebody else’s put where a code belongs', async () => {
    const chatty: Delivery = {
      ...inbox(),
      send: async ({ to, code = '' }) => ({
        sent: 'no',
        why: 'config',
        detail: { status: 1e9, code: `${to} ${code}` },
      }),
    };
    const digits: Delivery = {
      ...inbox(),
      send: async ({ code = '' }) => ({ sent: 'no', why: 'config', detail: { code } }),
    };
    for (const via of [chatty, digits]) {
      const { asks, told, host } = aHost(via);
      await asks();
      expect(told()).toEqual(['inbox (sms, US): config. docs/carriers.md says what to do.']);
      expect(inspect(host.errors, { depth: null })).not.toMatch(/\d{6}/);
    }
  });
});
