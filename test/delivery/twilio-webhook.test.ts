/** Whether a call is Twilio's own, and what it says; beside the official SDK, which has to agree. */
import { describe, expect, it } from '@jest/globals';
import twilio from 'twilio';
import type { CarrierCall } from '../../src/core/carrier-webhook.js';
import { twilioWebhook } from '../../src/delivery/twilio-webhook.js';
import { type SignedCall, twilioCallback, twilioEvents } from '../doubles/callbacks.js';

const TOKEN = '0123456789abcdef0123456789abcdef';
const OLDER = 'fedcba9876543210fedcba9876543210';
const URL_OF_OURS = 'https://acme.example/webhooks/twilio';
const SID = `SM${'a1'.repeat(16)}`;
const DELIVERED = {
  MessageSid: SID,
  MessageStatus: 'delivered',
  To: '+12125550100',
  AccountSid: `AC${'b'.repeat(32)}`,
};

const webhook = twilioWebhook({ authTokens: [TOKEN, OLDER], publicUrl: (target) => `https://acme.example${target}` });

function arrived({ url, headers, body }: SignedCall, over: Partial<CarrierCall> = {}): CarrierCall {
  const { pathname, search } = new URL(url);
  return { target: pathname + search, headers, body: Buffer.from(body), now: 0, ...over };
}

/** What the official SDK says of the same call. */
function sdkSays(call: CarrierCall, url = `https://acme.example${call.target}`): boolean {
  const signature = String(call.headers['x-twilio-signature'] ?? '');
  const text = call.body.toString();
  if (call.headers['content-type']?.includes('json'))
    return twilio.validateRequestWithBody(TOKEN, signature, url, text);
  const form: Record<string, string | string[]> = {};
  for (const name of new Set(new URLSearchParams(text).keys())) {
    const values = [...new URLSearchParams(text).getAll(name)];
    form[name] = values.length === 1 ? String(values[0]) : values;
  }
  return twilio.validateRequest(TOKEN, signature, url, form);
}

it('takes the signature that Twilio publishes as its example', () => {
  const url = 'https://mycompany.com/myapp.php?foo=1&bar=2';
  const form = {
    CallSid: 'CA1234567890ABCDE',
    Caller: '+14158675309',
    Digits: '1234',
    From: '+14158675309',
    To: '+18005551212',
  };
  const published = 'RSOYDt4T1cUTdK1PDd93/VVr8B8=';
  const theirs = twilioWebhook({ authTokens: ['12345'], publicUrl: () => url });
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': published };
  const call = { target: '/', headers, body: Buffer.from(new URLSearchParams(form).toString()), now: 0 };
  expect(theirs.isGenuine(call)).toBe(true);
  expect(theirs.isGenuine({ ...call, body: Buffer.from(`${call.body}&Digits=1235`) })).toBe(false);
});

describe('I01 a signature is judged as the official SDK judges it', () => {
  const form = twilioCallback(TOKEN, URL_OF_OURS, DELIVERED);
  const events = twilioEvents(TOKEN, URL_OF_OURS, [
    { id: 'EZ1', data: { messageSid: SID, messageStatus: 'DELIVERED' } },
  ]);
  const signed = (signature: string) => ({ headers: { ...form.headers, 'x-twilio-signature': signature } });
  const right = String(form.headers['x-twilio-signature']);

  it.each<[string, CarrierCall, boolean]>([
    ['a form', arrived(form), true],
    ['a form, to an address with a query', arrived(twilioCallback(TOKEN, `${URL_OF_OURS}?a=1&b=%27`, DELIVERED)), true],
    [
      'a form, signed with the port',
      arrived(twilioCallback(TOKEN, 'https://acme.example:443/webhooks/twilio', DELIVERED), {
        target: '/webhooks/twilio',
      }),
      true,
    ],
    [
      'a form whose values hold anything',
      arrived(twilioCallback(TOKEN, URL_OF_OURS, { ...DELIVERED, Body: 'ä +&=%20\r\n😀', a: '', Z: '1' })),
      true,
    ],
    ['a form without a parameter', arrived(twilioCallback(TOKEN, URL_OF_OURS, {})), true],
    ['JSON', arrived(events), true],
    ['another account’s token', arrived(twilioCallback('c'.repeat(32), URL_OF_OURS, DELIVERED)), false],
    [
      'the signature of another address',
      arrived(twilioCallback(TOKEN, 'https://acme.example/other', DELIVERED), { target: '/webhooks/twilio' }),
      false,
    ],
    [
      'the signature of another host',
      arrived(twilioCallback(TOKEN, 'https://evil.example/webhooks/twilio', DELIVERED)),
      false,
    ],
    [
      'the signature of another body',
      arrived(form, { body: Buffer.from(form.body.replace('delivered', 'failed')) }),
      false,
    ],
    ['one parameter more', arrived(form, { body: Buffer.from(`${form.body}&a=1`) }), false],
    ['JSON of another body', arrived(events, { body: Buffer.from(events.body.replace('DELIVERED', 'FAILED')) }), false],
    ['JSON with another hash', arrived(events, { target: `/webhooks/twilio?bodySHA256=${'0'.repeat(64)}` }), false],
    ['JSON with a hash that is none', arrived(events, { target: '/webhooks/twilio?bodySHA256=zz' }), false],
    ['no signature', arrived(form, { headers: { 'content-type': 'application/x-www-form-urlencoded' } }), false],
    ['an empty signature', arrived(form, signed('')), false],
    ['the signature twice', arrived(form, signed(`${right}, ${right}`)), false],
    ['the signature and a little', arrived(form, signed(`${right}A`)), false],
    ['something else', arrived(form, signed('\u0000'.repeat(28))), false],
  ])('%s', (_, call, genuine) => {
    expect(sdkSays(call)).toBe(genuine);
    expect(webhook.isGenuine(call) && webhook.looksSigned(call.headers)).toBe(genuine);
  });

  it('a parameter that comes twice', () => {
    const body = 'MediaUrl=b&MediaUrl=a&MediaUrl=b&A=1';
    const signature = twilio.getExpectedTwilioSignature(TOKEN, URL_OF_OURS, {
      A: '1',
      MediaUrl: ['b', 'a', 'b'],
    } as never);
    const call = arrived({ ...form, body }, signed(signature));
    expect([sdkSays(call), webhook.isGenuine(call)]).toEqual([true, true]);
  });

  it('is not looked for in a form of thousands of parameters, which would have to be sorted first', () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, '1']));
    const call = (count: number) => arrived(twilioCallback(TOKEN, URL_OF_OURS, many(count)));
    expect([sdkSays(call(500)), webhook.isGenuine(call(500)), webhook.isGenuine(call(501))]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('as JSON without the hash in the address it is refused, though the address is signed', () => {
    const call = arrived(twilioCallback(TOKEN, URL_OF_OURS, {}), { body: Buffer.from('[]') });
    const asJson = { ...call, headers: { ...call.headers, 'content-type': 'application/cloudevents-batch+json' } };
    expect(webhook.isGenuine(asJson)).toBe(false);
  });

  it('by the token before as well, while it is being changed', () => {
    expect(webhook.isGenuine(arrived(twilioCallback(OLDER, URL_OF_OURS, DELIVERED)))).toBe(true);
    expect(webhook.isGenuine(arrived(twilioEvents(OLDER, URL_OF_OURS, [])))).toBe(true);
  });

  it('a list of signatures is none', () => {
    expect(webhook.looksSigned({ 'x-twilio-signature': [right] })).toBe(false);
    expect(webhook.isGenuine(arrived(form, { headers: { ...form.headers, 'x-twilio-signature': [right] } }))).toBe(
      false,
    );
  });
});

describe('what a call says', () => {
  const ofForm = (form: Record<string, string>) => webhook.reportsOf(arrived(twilioCallback(TOKEN, URL_OF_OURS, form)));
  const CALL = `CA${'c'.repeat(32)}`;

  it.each([
    [
      { MessageSid: SID, MessageStatus: 'delivered' },
      { ref: SID, state: 'delivered' },
    ],
    [
      { MessageSid: SID, MessageStatus: 'read' },
      { ref: SID, state: 'delivered' },
    ],
    [
      { MessageSid: SID, MessageStatus: 'undelivered', ErrorCode: '30007' },
      { ref: SID, state: 'undelivered', why: 'filtered' },
    ],
    [
      { MessageSid: SID, MessageStatus: 'failed', ErrorCode: '30006' },
      { ref: SID, state: 'undelivered', why: 'landline' },
    ],
    [
      { MessageSid: SID, MessageStatus: 'failed' },
      { ref: SID, state: 'undelivered', why: 'unreachable' },
    ],
    [
      { MessageSid: SID, MessageStatus: 'failed', ErrorCode: 'x' },
      { ref: SID, state: 'undelivered', why: 'unreachable' },
    ],
    [
      { CallSid: CALL, CallStatus: 'completed' },
      { ref: CALL, state: 'delivered' },
    ],
    [
      { CallSid: CALL, CallStatus: 'no-answer' },
      { ref: CALL, state: 'undelivered', why: 'unreachable' },
    ],
  ] as const)('%j', (form, said) => {
    expect(ofForm(form)).toEqual([{ ...said, eventId: expect.any(String) }]);
  });

  it.each([
    [{ MessageSid: SID, MessageStatus: 'sent' }],
    [{ MessageSid: SID, MessageStatus: 'toString' }],
    [{ MessageSid: 'SM1', MessageStatus: 'delivered' }],
    [{ CallSid: CALL, CallStatus: 'ringing' }],
    [{ MessageStatus: 'delivered' }],
    [{}],
  ])('%j says nothing', (form) => {
    expect(ofForm(form as Record<string, string>)).toEqual([]);
  });

  const ofEvents = (body: unknown) =>
    webhook.reportsOf(arrived({ ...twilioEvents(TOKEN, URL_OF_OURS, []), body: JSON.stringify(body) }));
  const VERIFICATION = `VE${'d'.repeat(32)}`;

  it('Event Streams tell of messages and of verifications, several at once', () => {
    const said = ofEvents([
      {
        id: 'EZ1',
        type: 'com.twilio.messaging.message.delivered',
        data: { messageSid: SID, messageStatus: 'DELIVERED' },
      },
      { id: 'EZ2', type: 'com.twilio.something.new', data: { anything: true } },
      {
        id: 'EZ3',
        type: 'com.twilio.accountsecurity.verify.message.failed',
        data: { verification_sid: VERIFICATION, message_status: 'FAILED', error_code: '30007', to: '+12125550100' },
      },
    ]);
    expect(said).toEqual([
      { ref: SID, state: 'delivered', eventId: 'EZ1' },
      { ref: VERIFICATION, state: 'undelivered', why: 'filtered', eventId: 'EZ3' },
    ]);
  });

  it.each([null, 1, 'x', [], [null, 1, [], { data: 5 }], {}, { data: { messageSid: [SID], messageStatus: {} } }])(
    '%j is about something else',
    (body) => {
      expect(ofEvents(body)).toEqual([]);
    },
  );

  it('cannot be read where it is no JSON', () => {
    expect(webhook.reportsOf(arrived({ ...twilioEvents(TOKEN, URL_OF_OURS, []), body: '[{' }))).toBeUndefined();
  });
});
