/** X02: every class of failure, of every carrier, with another one behind it and without. Each vendor's own words for a class go over the wire. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Channel, FailureClass } from '../../src/core/delivery.js';
import { httpCarrier } from '../../src/delivery/http-carrier.js';
import { smtp } from '../../src/delivery/smtp.js';
import { telnyxMessages, telnyxVerify } from '../../src/delivery/telnyx.js';
import { twilioCalls, twilioMessages, twilioVerify } from '../../src/delivery/twilio.js';
import { type Delivery, email, type Factor, inbox, sms, totp, voice } from '../../src/index.js';
import { type MailFault, type MailServer, mailServer } from '../doubles/mail-server.js';
import { type TelnyxDouble, telnyxDouble, telnyxRefusal } from '../doubles/telnyx.js';
import { type TextServer, textServer } from '../doubles/text-server.js';
import { refusal } from '../doubles/twilio/wire.js';
import { type TwilioDouble, twilioDouble } from '../doubles/twilio.js';
import { createHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';

let twilio: TwilioDouble;
let telnyx: TelnyxDouble;
let texts: TextServer;
let mails: MailServer;

beforeAll(async () => {
  [twilio, telnyx, texts, mails] = await Promise.all([twilioDouble(), telnyxDouble(), textServer(), mailServer()]);
});
afterAll(() => Promise.all([twilio, telnyx, texts, mails].map((one) => one?.close())));

const OFFICE = '+12025550100';

/** A way to fail, and what it is called here. `unknown`: nobody can say whether it was sent. */
type Failure = readonly [why: FailureClass | 'unknown', fail: () => void];

interface Carrier {
  readonly channel: Channel;
  readonly theirs?: true;
  readonly delivery: () => Delivery;
  readonly failures: readonly Failure[];
}

const byTwilio = (status: number, code: number) => () => twilio.fault({ reply: refusal(status, code, 'Refused') });
const byTelnyx = (status: number, code: number) => () => telnyx.fault({ reply: telnyxRefusal(status, code) });
const byText = (status: number) => () => texts.fault({ reply: { status, body: {} } });
const byMail = (fault: MailFault) => () => mails.fault(fault);

const TWILIO_TEXTS: readonly Failure[] = [
  ['invalid_destination', byTwilio(400, 21211)],
  ['landline', byTwilio(400, 21635)],
  ['opted_out', byTwilio(400, 21610)],
  ['blocked', byTwilio(400, 21408)],
  ['filtered', byTwilio(400, 30034)],
  ['rate_limited', byTwilio(429, 20429)],
  ['config', byTwilio(400, 21606)],
  ['auth', byTwilio(401, 20003)],
  ['unknown', () => twilio.fault({ html: 503 })],
  ['unknown', () => twilio.fault({ reset: true })],
];
const TWILIO_VERIFY: readonly Failure[] = [
  ['invalid_destination', byTwilio(400, 60540)],
  ['landline', byTwilio(403, 60205)],
  ['blocked', byTwilio(403, 60410)],
  ['rate_limited', byTwilio(429, 60212)],
  ['resend_limit', byTwilio(429, 60203)],
  ['channel_unavailable', byTwilio(403, 60223)],
  ['config', byTwilio(403, 60204)],
  ['auth', byTwilio(401, 20003)],
];
const TELNYX: readonly Failure[] = [
  ['invalid_destination', byTelnyx(400, 10016)],
  ['landline', byTelnyx(400, 40001)],
  ['unreachable', byTelnyx(400, 40005)],
  ['opted_out', byTelnyx(400, 40300)],
  ['blocked', byTelnyx(400, 40309)],
  ['filtered', byTelnyx(400, 40002)],
  ['rate_limited', byTelnyx(429, 10011)],
  ['spend_limit', byTelnyx(400, 40333)],
  ['config', byTelnyx(400, 10004)],
  ['auth', byTelnyx(401, 10009)],
  ['unavailable', byTelnyx(400, 10007)],
  ['unknown', byTelnyx(500, 10007)],
  ['unknown', () => telnyx.fault({ reset: true })],
];

const telnyxOptions = (customCode: boolean) => {
  const { apiKey, baseUrl, verifyProfileId } = telnyx;
  return { apiKey, baseUrl, verifyProfileId, customCode };
};

const CARRIERS: Readonly<Record<string, Carrier>> = {
  'Twilio Messages': {
    channel: 'sms',
    delivery: () => twilioMessages({ client: twilio.client(), from: OFFICE }),
    failures: TWILIO_TEXTS,
  },
  'Twilio Calls': {
    channel: 'voice',
    delivery: () => twilioCalls({ client: twilio.client(), from: OFFICE }),
    failures: TWILIO_TEXTS.filter(([why]) => !['landline', 'opted_out', 'filtered'].includes(why)),
  },
  'Twilio Verify': {
    channel: 'sms',
    theirs: true,
    delivery: () => twilioVerify({ client: twilio.client(), serviceSid: twilio.serviceSid }),
    failures: [...TWILIO_VERIFY, ['unknown', () => twilio.fault({ reset: true })]],
  },
  'Twilio Verify with codes of ours': {
    channel: 'sms',
    delivery: () => twilioVerify({ client: twilio.client(), serviceSid: twilio.serviceSid, customCode: true }),
    failures: [
      ...TWILIO_VERIFY.map(([why, fail]): Failure => [why, freedThen(fail)]),
      ['unknown', freedThen(() => twilio.fault({ reset: true }))],
    ],
  },
  'Telnyx Verify': {
    channel: 'sms',
    theirs: true,
    delivery: () => telnyxVerify({ ...telnyxOptions(false), codeLength: 5 }),
    failures: TELNYX,
  },
  'Telnyx Verify with codes of ours': {
    channel: 'voice',
    delivery: () => telnyxVerify(telnyxOptions(true)),
    failures: TELNYX,
  },
  'Telnyx messages': {
    channel: 'sms',
    delivery: () => telnyxMessages({ apiKey: telnyx.apiKey, baseUrl: telnyx.baseUrl, from: OFFICE }),
    failures: TELNYX,
  },
  'a carrier over HTTP': {
    channel: 'sms',
    delivery: () => httpCarrier(texts.options()),
    failures: [
      ['auth', byText(401)],
      ['rate_limited', byText(429)],
      ['unknown', byText(500)],
      ['unknown', () => texts.fault({ reset: true })],
    ],
  },
  SMTP: {
    channel: 'email',
    delivery: () => smtp({ transport: mails.transport(), from: 'no-reply@acme.example' }),
    failures: [
      ['invalid_destination', byMail({ at: 'rcpt', status: 550 })],
      ['filtered', byMail({ at: 'data', status: 554 })],
      ['rate_limited', byMail({ at: 'mail', status: 452 })],
      ['auth', byMail({ at: 'mail', status: 530 })],
      ['unavailable', byMail({ at: 'mail', status: 421 })],
      ['config', byMail({ at: 'mail', status: 500 })],
      ['unknown', byMail({ at: 'data', cut: true })],
    ],
  },
};

/** The live verification of the number is cancelled before each send: that call goes well. */
function freedThen(fail: () => void): () => void {
  return () => {
    twilio.fault({ reply: refusal(404, 20404, 'Gone') });
    fail();
  };
}

/** What the person is told where nobody else is asked. */
const TOLD: Readonly<Record<FailureClass | 'unknown', [number, string]>> = {
  invalid_destination: [422, 'destination_refused'],
  landline: [422, 'destination_refused'],
  opted_out: [422, 'destination_refused'],
  blocked: [422, 'destination_refused'],
  unreachable: [422, 'destination_refused'],
  rate_limited: [429, 'send_limited'],
  resend_limit: [429, 'send_limited'],
  spend_limit: [429, 'send_limited'],
  filtered: [503, 'delivery_unavailable'],
  channel_unavailable: [503, 'delivery_unavailable'],
  config: [503, 'delivery_unavailable'],
  auth: [503, 'delivery_unavailable'],
  unavailable: [503, 'delivery_unavailable'],
  timeout: [503, 'delivery_unavailable'],
  unknown: [503, 'delivery_unavailable'],
};
/** Nobody else is asked after these: the number, the person or the carrier's guard said no. */
const FINAL: readonly string[] = [
  'invalid_destination',
  'landline',
  'opted_out',
  'blocked',
  'unreachable',
  'resend_limit',
  'filtered',
];

function factorOver(channel: Channel, via: Delivery | readonly Delivery[]): Factor {
  if (channel === 'email') return email({ via, resetAddresses: () => [] });
  return channel === 'voice' ? voice({ via, countries: ['US'] }) : sms({ via, countries: ['US'] });
}

let numbers = 0;

/** Somebody new sets a number or mailbox of their own up, and the first code for it fails. */
async function asks({ channel, delivery }: Carrier, backup: Delivery | undefined) {
  const made = delivery();
  const factor = factorOver(channel, backup ? [made, backup] : made);
  const clock = testClock(Date.now());
  const host = createHost({ mfa: { factors: [totp(), factor] } }, clock);
  const ada = new Person(host, 'ada');
  await ada.password().expect(302);
  numbers += 1;
  const number = `+1${['212', '303', '404', '503'][numbers % 4]}55501${String(numbers % 100).padStart(2, '0')}`;
  const place = channel === 'email' ? { email: `n${numbers}@mail.example` } : { phone: number };
  return { host, ada, answer: await ada.post(`/mfa/factors/${factor.kind}`, place) };
}

describe.each(Object.entries(CARRIERS))('X02 %s', (_name, carrier) => {
  it.each(carrier.failures)('fails with %s, and is alone', async (why, fail) => {
    fail();
    const { answer, host } = await asks(carrier, undefined);
    // A code of ours that may have gone out works if it arrives: that is as good as sent.
    if (why === 'unknown' && !carrier.theirs) return expect(answer.status).toBe(201);
    const [status, code] = TOLD[why];
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    if (status !== 422) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(host.events.filter(({ type }) => type === 'challenge.send_failed')).toHaveLength(1);
  });

  if (carrier.theirs) return;
  it.each(carrier.failures)('fails with %s, and has another behind it', async (why, fail) => {
    const box = inbox();
    fail();
    const { ada, answer } = await asks(carrier, box);
    const [status, code] = TOLD[why];
    if (FINAL.includes(why)) {
      expect([answer.status, answer.body.code]).toEqual([status, code]);
      return expect(box.messages()).toEqual([]);
    }
    expect(answer.status).toBe(201);
    expect(box.messages()).toHaveLength(1);
    await ada.post(`/mfa/factors/${answer.body.id}/confirm`, { code: box.messages()[0]?.code }).expect(200);
  });
});
