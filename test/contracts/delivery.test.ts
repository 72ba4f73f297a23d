import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Delivery, SendJob } from '../../src/core/delivery.js';
import { httpCarrier } from '../../src/delivery/http-carrier.js';
import { type Inbox, inbox } from '../../src/delivery/inbox.js';
import { smtp } from '../../src/delivery/smtp.js';
import { telnyxMessages, telnyxVerify } from '../../src/delivery/telnyx.js';
import { twilioCalls, twilioMessages, twilioVerify } from '../../src/delivery/twilio.js';
import { deliveryContract } from '../../src/testing/delivery-contract.js';
import type { Fault } from '../doubles/faults.js';
import { type MailFault, type MailServer, mailServer } from '../doubles/mail-server.js';
import { type TelnyxDouble, telnyxDouble, telnyxRefusal } from '../doubles/telnyx.js';
import { type TextServer, textServer } from '../doubles/text-server.js';
import { refusal } from '../doubles/twilio/wire.js';
import { type TwilioDouble, twilioDouble } from '../doubles/twilio.js';

const OFFICE = '+12025550100';
let used = 0;

/** A reserved number nobody was sent to yet: 100 each in a row of real area codes. */
function freshNumber(): string {
  used += 1;
  const area = [202, 212, 303, 312, 404, 415, 503, 602, 617, 702][Math.floor(used / 100) % 10];
  return `+1${area}55501${String(used % 100).padStart(2, '0')}`;
}

let twilio: TwilioDouble;
beforeEach(async () => {
  twilio = await twilioDouble();
});
afterEach(() => twilio.close());

const deliveries: Readonly<Record<string, () => Delivery>> = {
  'Twilio Verify': () => twilioVerify({ client: twilio.client(), serviceSid: twilio.serviceSid }),
  'Twilio Messages': () => twilioMessages({ client: twilio.client(), from: OFFICE, whatsappFrom: OFFICE }),
  'Twilio Calls': () => twilioCalls({ client: twilio.client(), from: OFFICE }),
};
const failures: readonly Fault[] = [
  { reply: refusal(400, 21211, 'Invalid number') },
  { reply: refusal(500, 20500, 'Internal error') },
  { reply: { status: 201, body: {} } },
  { reply: { status: 201, body: null } },
  { html: 503 },
  { reset: true },
  { cut: true },
];

describe.each(Object.entries(deliveries))('the delivery contract: %s', (_name, create) => {
  const over = (fault: Fault) => () => {
    twilio.fault({ ...fault, times: 100 });
    return create();
  };
  const cases = deliveryContract({
    create,
    destination: freshNumber,
    arrived: (to) => twilio.codeFor(to),
    createHanging: over({ hang: true }),
    createFailing: failures.map(over),
  });
  it.each(cases)('$name', ({ run }) => run());
});

describe.each(['theirs', 'ours', 'messages'] as const)('the delivery contract: Telnyx, %s', (which) => {
  let telnyx: TelnyxDouble;
  beforeEach(async () => {
    telnyx = await telnyxDouble();
  });
  afterEach(() => telnyx.close());

  function create(): Delivery {
    const { apiKey, baseUrl, verifyProfileId } = telnyx;
    if (which === 'messages') return telnyxMessages({ apiKey, baseUrl, from: OFFICE });
    const channels = ['sms', 'voice', 'whatsapp', ...(which === 'theirs' ? (['flash-call'] as const) : [])] as const;
    return telnyxVerify({ apiKey, baseUrl, verifyProfileId, channels, customCode: which === 'ours' });
  }
  const over = (fault: Fault) => () => {
    telnyx.fault({ ...fault, times: 100 });
    return create();
  };
  const broken: readonly Fault[] = [
    { reply: telnyxRefusal(400, 10016) },
    { reply: telnyxRefusal(500, 10007) },
    ...failures.slice(2),
  ];
  const cases = deliveryContract({
    create,
    destination: freshNumber,
    arrived: (to) => telnyx.codeFor(to),
    createHanging: over({ hang: true }),
    createFailing: broken.map(over),
  });
  it.each(cases)('$name', ({ run }) => run());
});

describe('the delivery contract: any HTTP', () => {
  let server: TextServer;
  beforeEach(async () => {
    server = await textServer();
  });
  afterEach(() => server.close());
  const create = () => httpCarrier(server.options());
  const over = (fault: Fault) => () => {
    server.fault({ ...fault, times: 100 });
    return create();
  };
  const broken: readonly Fault[] = [
    { reply: { status: 400, body: {} } },
    { reply: { status: 500, body: {} } },
    { reply: { status: 200, body: null } },
    { html: 503 },
    { reset: true },
    { cut: true },
  ];
  const cases = deliveryContract({
    create,
    destination: freshNumber,
    arrived: (to) => server.codeFor(to),
    createHanging: over({ hang: true }),
    createFailing: broken.map(over),
  });
  it.each(cases)('$name', ({ run }) => run());
});

describe('the delivery contract: SMTP', () => {
  let server: MailServer;
  beforeEach(async () => {
    server = await mailServer();
  });
  afterEach(() => server.close());
  const create = () => smtp({ transport: server.transport(), from: 'no-reply@acme.example' });
  let used = 0;
  const over = (fault: MailFault) => () => {
    for (let times = 0; times < 3; times += 1) server.fault(fault);
    return create();
  };
  const cases = deliveryContract({
    create,
    destination() {
      used += 1;
      return `n${used}@mail.example`;
    },
    arrived: (to) => server.codeFor(to),
    createHanging: over({ at: 'data', hang: true }),
    createFailing: [
      over({ at: 'rcpt', status: 550 }),
      over({ at: 'data', status: 451 }),
      over({ at: 'data', cut: true }),
    ],
  });
  it.each(cases)('$name', ({ run }) => run());
});

describe('the delivery contract: the inbox', () => {
  let box: Inbox;
  const cases = deliveryContract({
    create() {
      box = inbox();
      return box;
    },
    destination: freshNumber,
    arrived: (to) => box.messages().find((message) => message.to === to)?.code,
  });
  it.each(cases)('$name', ({ run }) => run());
});

describe('the delivery contract catches a delivery that', () => {
  const good = () => inbox({ channels: ['sms'] });
  const sends = (send: Delivery['send']) => ({ ...good(), send });

  it.each<[string, () => Delivery]>([
    ['has no name', () => ({ ...good(), name: '' })],
    ['offers nothing', () => ({ ...good(), offers: [] })],
    ['checks codes that are ours', () => ({ ...good(), check: async () => ({ verdict: 'correct' }) })],
    ['cannot check codes that are theirs', () => ({ ...good(), offers: [{ channel: 'sms', code: 'theirs' }] })],
    ['throws', () => sends(async () => assert.fail('no'))],
    ['has no reference', () => sends(async () => ({ sent: 'yes', ref: '', codeOwner: 'ours' }))],
    ['says that a code is whose it is not', () => sends(async () => ({ sent: 'yes', ref: '1', codeOwner: 'theirs' }))],
    ['writes into the job', () => sends(async (job, context) => good().send(Object.assign(job, { to: 'x' }), context))],
    [
      'takes no notice of the signal',
      () => sends(async () => ({ sent: 'yes', ref: String(Math.random()), codeOwner: 'ours' })),
    ],
    ['gives every send one name', () => sends(async (_job, { signal }) => oneName(signal))],
  ])('%s', async (_what, create) => {
    const cases = deliveryContract({ create, destination: freshNumber });
    const outcomes = await Promise.allSettled(cases.map(({ run }) => run()));
    expect(outcomes.filter(({ status }) => status === 'rejected')).not.toEqual([]);
  });

  it('brings something else than it was given', async () => {
    const seen = new Map<string, string>();
    const create = () =>
      sends(async (job: SendJob, context) => {
        seen.set(job.to, '000000');
        return good().send(job, context);
      });
    const cases = deliveryContract({ create, destination: freshNumber, arrived: (to) => seen.get(to) });
    const outcomes = await Promise.allSettled(cases.map(({ run }) => run()));
    expect(outcomes.filter(({ status }) => status === 'rejected')).not.toEqual([]);
  });

  it('lets its vendor’s words out, or waits for ever', async () => {
    const chatty = () => sends(async ({ to }) => ({ sent: 'no', why: 'config', detail: { code: `bad number ${to}` } }));
    const wordy = () => sends(async () => Object.assign({ sent: 'no', why: 'config' } as const, { message: 'no' }));
    const endless = () => sends(() => new Promise(() => undefined));
    const cases = deliveryContract({
      create: good,
      destination: freshNumber,
      createHanging: endless,
      createFailing: [chatty, wordy],
    });
    const outcomes = await Promise.allSettled(cases.map(({ run }) => run()));
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(3);
  });
});

function oneName(signal: AbortSignal) {
  return signal.aborted
    ? ({ sent: 'no', why: 'timeout' } as const)
    : ({ sent: 'yes', ref: '1', codeOwner: 'ours' } as const);
}
