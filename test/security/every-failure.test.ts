/** X02: every class of failure, of every carrier, with another one behind it and without. Each vendor's own words for a class go over the wire. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Channel, FailureClass } from '../../src/core/delivery.js';
import { httpCarrier } from '../../src/delivery/http-carrier.js';
import { smtp } from '../../src/delivery/smtp.js';
import { telnyxMessages, telnyxVerify } from '../../src/delivery/telnyx.js';
import { twilioCalls, twilioMessages, twilioVerify } from '../../src/delivery/twilio.js';
import { type Delivery, email, type Factor, type Inbox, inbox, sms, totp, voice } from '../../src/index.js';
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
/** The same four, and nobody is there any more. */
let gone: { twilio: TwilioDouble; telnyx: TelnyxDouble; texts: TextServer; mails: MailServer };

/** Takes connections and never says a word. */
const quiet = createServer(() => undefined);
let silent: { readonly port: number };

beforeAll(async () => {
  const start = () => Promise.all([twilioDouble(), telnyxDouble(), textServer(), mailServer()]);
  [twilio, telnyx, texts, mails] = await start();
  const others = await start();
  gone = { twilio: others[0], telnyx: others[1], texts: others[2], mails: others[3] };
  await Promise.all(others.map((one) => one.close()));
  quiet.listen(0, '127.0.0.1');
  await once(quiet, 'listening');
  silent = quiet.address() as AddressInfo;
});
afterAll(async () => {
  quiet.close();
  await Promise.all([twilio, telnyx, texts, mails].map((one) => one?.close()));
});

const OFFICE = '+12025550100';

/** Makes the next send fail: at the other side, or by being another delivery. */
type Fail = () => undefined | Delivery;
/** Their API has no word for it. */
const NEVER = undefined;

interface Carrier {
  readonly channel: Channel;
  readonly theirs?: true;
  readonly delivery: () => Delivery;
  /** Every class there is: in their words, as the wire has them, or never. */
  readonly failures: Readonly<Record<FailureClass, Fail | typeof NEVER>>;
  /** Nobody can say whether it was sent. The last one: no answer at all. */
  readonly unknown: readonly [broken: Fail, breaks: Fail, hangs: Fail];
}

const byTwilio = (status: number, code: number) => () => void twilio.fault({ reply: refusal(status, code, 'Refused') });
const byTelnyx = (status: number, code: number) => () => void telnyx.fault({ reply: telnyxRefusal(status, code) });
const byText = (status: number, why?: FailureClass) => () => void texts.fault({ reply: { status, body: { why } } });
const byMail = (fault: MailFault) => () => void mails.fault(fault);

const byMessages = (double: TwilioDouble) => twilioMessages({ client: double.client(), from: OFFICE });
const byCalls = (double: TwilioDouble) => twilioCalls({ client: double.client(), from: OFFICE });
const byVerify = (double: TwilioDouble, customCode: boolean) =>
  twilioVerify({ client: double.client(), serviceSid: double.serviceSid, customCode });
const bySmtp = (double: MailServer, more: object = {}) =>
  smtp({ transport: double.transport(undefined, more), from: 'no-reply@acme.example' });
/** A carrier's guide would have a reader that says their words in ours. */
const byHttp = (server: TextServer) =>
  httpCarrier({
    ...server.options(),
    read({ status, json }) {
      const { id, why } = json as { id?: string; why?: FailureClass };
      if (why !== undefined) return { sent: 'no', why };
      return id === undefined || status > 299 ? undefined : { sent: 'yes', ref: id };
    },
  });

const TWILIO_TEXTS = {
  invalid_destination: byTwilio(400, 21211),
  landline: byTwilio(400, 21635),
  unreachable: byTwilio(400, 30003),
  opted_out: byTwilio(400, 21610),
  blocked: byTwilio(400, 21408),
  filtered: byTwilio(400, 30034),
  rate_limited: byTwilio(429, 20429),
  resend_limit: NEVER,
  spend_limit: NEVER,
  channel_unavailable: NEVER,
  config: byTwilio(400, 21606),
  auth: byTwilio(401, 20003),
  unavailable: () => byMessages(gone.twilio),
  timeout: NEVER,
} satisfies Carrier['failures'];
const TWILIO_UNKNOWN: Carrier['unknown'] = [
  () => void twilio.fault({ html: 503 }),
  () => void twilio.fault({ reset: true }),
  () => void twilio.fault({ hang: true }),
];
const TWILIO_VERIFY = {
  invalid_destination: byTwilio(400, 60540),
  landline: byTwilio(403, 60205),
  unreachable: NEVER,
  opted_out: NEVER,
  blocked: byTwilio(403, 60410),
  filtered: NEVER,
  rate_limited: byTwilio(429, 20429),
  resend_limit: byTwilio(429, 60203),
  spend_limit: NEVER,
  channel_unavailable: byTwilio(403, 60223),
  config: byTwilio(403, 60204),
  auth: byTwilio(401, 20003),
  unavailable: () => byVerify(gone.twilio, false),
  timeout: NEVER,
} satisfies Carrier['failures'];
const TELNYX = {
  invalid_destination: byTelnyx(400, 10016),
  landline: byTelnyx(400, 40001),
  unreachable: byTelnyx(400, 40005),
  opted_out: byTelnyx(400, 40300),
  blocked: byTelnyx(400, 40309),
  filtered: byTelnyx(400, 40002),
  rate_limited: byTelnyx(429, 10011),
  resend_limit: NEVER,
  spend_limit: byTelnyx(400, 40333),
  channel_unavailable: NEVER,
  config: byTelnyx(400, 10004),
  auth: byTelnyx(401, 10009),
  unavailable: byTelnyx(400, 10007),
  timeout: NEVER,
} satisfies Carrier['failures'];
const TELNYX_UNKNOWN: Carrier['unknown'] = [
  byTelnyx(500, 10007),
  () => void telnyx.fault({ reset: true }),
  () => void telnyx.fault({ hang: true }),
];

function byTelnyxVerify({ apiKey, baseUrl, verifyProfileId }: TelnyxDouble, customCode: boolean) {
  return telnyxVerify({ apiKey, baseUrl, verifyProfileId, customCode });
}

const CARRIERS: Readonly<Record<string, Carrier>> = {
  'Twilio Messages': {
    channel: 'sms',
    delivery: () => byMessages(twilio),
    failures: TWILIO_TEXTS,
    unknown: TWILIO_UNKNOWN,
  },
  'Twilio Calls': {
    channel: 'voice',
    delivery: () => byCalls(twilio),
    failures: {
      ...TWILIO_TEXTS,
      landline: NEVER,
      opted_out: NEVER,
      filtered: NEVER,
      unavailable: () => byCalls(gone.twilio),
    },
    unknown: TWILIO_UNKNOWN,
  },
  'Twilio Verify': {
    channel: 'sms',
    theirs: true,
    delivery: () => byVerify(twilio, false),
    failures: TWILIO_VERIFY,
    unknown: TWILIO_UNKNOWN,
  },
  'Twilio Verify with codes of ours': {
    channel: 'sms',
    delivery: () => byVerify(twilio, true),
    failures: {
      ...freedFirst(TWILIO_VERIFY),
      unavailable: () => byVerify(gone.twilio, true),
    },
    unknown: [freedThen(TWILIO_UNKNOWN[0]), freedThen(TWILIO_UNKNOWN[1]), freedThen(TWILIO_UNKNOWN[2])],
  },
  'Telnyx Verify': {
    channel: 'sms',
    theirs: true,
    delivery: () => byTelnyxVerify(telnyx, false),
    failures: TELNYX,
    unknown: TELNYX_UNKNOWN,
  },
  'Telnyx Verify with codes of ours': {
    channel: 'voice',
    delivery: () => byTelnyxVerify(telnyx, true),
    failures: TELNYX,
    unknown: TELNYX_UNKNOWN,
  },
  'Telnyx messages': {
    channel: 'sms',
    delivery: () => telnyxMessages({ apiKey: telnyx.apiKey, baseUrl: telnyx.baseUrl, from: OFFICE }),
    failures: TELNYX,
    unknown: TELNYX_UNKNOWN,
  },
  'a carrier over HTTP': {
    channel: 'sms',
    delivery: () => byHttp(texts),
    failures: {
      invalid_destination: byText(400, 'invalid_destination'),
      landline: byText(400, 'landline'),
      unreachable: byText(400, 'unreachable'),
      opted_out: byText(400, 'opted_out'),
      blocked: byText(403, 'blocked'),
      filtered: byText(400, 'filtered'),
      rate_limited: byText(429),
      resend_limit: byText(400, 'resend_limit'),
      spend_limit: byText(402, 'spend_limit'),
      channel_unavailable: byText(400, 'channel_unavailable'),
      config: byText(400),
      auth: byText(401),
      unavailable: () => byHttp(gone.texts),
      timeout: byText(400, 'timeout'),
    },
    unknown: [byText(500), () => void texts.fault({ reset: true }), () => void texts.fault({ hang: true })],
  },
  SMTP: {
    channel: 'email',
    delivery: () => bySmtp(mails),
    failures: {
      invalid_destination: byMail({ at: 'rcpt', status: 550 }),
      landline: NEVER,
      unreachable: byMail({ at: 'rcpt', status: 450 }),
      opted_out: NEVER,
      blocked: NEVER,
      filtered: byMail({ at: 'data', status: 554 }),
      rate_limited: byMail({ at: 'mail', status: 452 }),
      resend_limit: NEVER,
      spend_limit: NEVER,
      channel_unavailable: NEVER,
      config: byMail({ at: 'mail', status: 500 }),
      auth: byMail({ at: 'mail', status: 530 }),
      unavailable: () => bySmtp(gone.mails),
      timeout: () => bySmtp(mails, { port: silent.port, greetingTimeout: 50 }),
    },
    unknown: [byMail({ at: 'data', cut: true }), byMail({ at: 'data', cut: true }), byMail({ at: 'data', hang: true })],
  },
};

/** The live verification of the number is cancelled before each send: that call goes well. */
function freedThen(fail: Fail): Fail {
  return () => {
    twilio.fault({ reply: refusal(404, 20404, 'Gone') });
    return fail();
  };
}

function freedFirst(failures: Carrier['failures']): Carrier['failures'] {
  const entries = Object.entries(failures) as [FailureClass, Fail | typeof NEVER][];
  return Object.fromEntries(entries.map(([why, fail]) => [why, fail && freedThen(fail)])) as Carrier['failures'];
}

/** What the person is told where nobody else is asked. */
const TOLD: Readonly<Record<FailureClass, [number, string]>> = {
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
async function asks(
  { channel, delivery }: Carrier,
  fail: Fail,
  backup?: Delivery,
  sendTimeout: `${number}${'ms' | 's'}` = '10s',
) {
  const made = fail() ?? delivery();
  const factor = factorOver(channel, backup ? [made, backup] : made);
  const clock = testClock(Date.now());
  const host = createHost({ mfa: { factors: [totp(), factor], sendTimeout } }, clock);
  const ada = new Person(host, 'ada');
  await ada.password().expect(302);
  numbers += 1;
  const number = `+1${['212', '303', '404', '503'][numbers % 4]}55501${String(numbers % 100).padStart(2, '0')}`;
  const place = channel === 'email' ? { email: `n${numbers}@mail.example` } : { phone: number };
  return { host, ada, answer: await ada.post(`/mfa/factors/${factor.kind}`, place) };
}

function failuresOf({ failures }: Carrier): readonly [FailureClass, Fail][] {
  return Object.entries(failures).flatMap(([why, fail]) => (fail === NEVER ? [] : [[why as FailureClass, fail]]));
}

describe.each(Object.entries(CARRIERS))('X02 %s', (_name, carrier) => {
  it.each(failuresOf(carrier))('fails with %s, and is alone', async (why, fail) => {
    const { answer, host } = await asks(carrier, fail);
    const [status, code] = TOLD[why];
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    if (status !== 422) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(host.events.filter(({ type }) => type === 'challenge.send_failed')).toMatchObject([{ why }]);
  });

  it.each([
    ['breaks', carrier.unknown[0], '10s'],
    ['breaks off', carrier.unknown[1], '10s'],
    ['never answers', carrier.unknown[2], '500ms'],
  ] as const)(
    '%s, and is alone: a code of ours works if it arrives, which is as good as sent',
    async (_what, fail, time) => {
      const { answer } = await asks(carrier, fail, undefined, time);
      const told = carrier.theirs ? [503, 'delivery_unavailable'] : [201, undefined];
      expect([answer.status, answer.body.code]).toEqual(told);
    },
  );

  if (carrier.theirs) return;
  it.each(failuresOf(carrier))('fails with %s, and has another behind it', async (why, fail) => {
    const box = inbox();
    const { ada, answer } = await asks(carrier, fail, box);
    const [status, code] = TOLD[why];
    if (FINAL.includes(why)) {
      expect([answer.status, answer.body.code]).toEqual([status, code]);
      return expect(box.messages()).toEqual([]);
    }
    await expectBrought(box, ada, answer);
  });

  it.each([
    ['breaks', carrier.unknown[0], '10s'],
    ['breaks off', carrier.unknown[1], '10s'],
    ['never answers', carrier.unknown[2], '3s'],
  ] as const)('%s, and has another behind it, which brings the same code', async (_what, fail, time) => {
    const box = inbox();
    const { ada, answer } = await asks(carrier, fail, box, time);
    await expectBrought(box, ada, answer);
  });
});

async function expectBrought(box: Inbox, ada: Person, answer: Awaited<ReturnType<typeof asks>>['answer']) {
  expect(answer.status).toBe(201);
  expect(box.messages()).toHaveLength(1);
  await ada.post(`/mfa/factors/${answer.body.id}/confirm`, { code: box.messages()[0]?.code }).expect(200);
}
