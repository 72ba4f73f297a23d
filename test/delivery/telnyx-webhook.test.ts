/** Whether a call is Telnyx' own, and what it says; beside the official SDK. */
import type { KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import Telnyx from 'telnyx';
import type { CarrierCall } from '../../src/core/carrier-webhook.js';
import { telnyxPublicKey, telnyxWebhook } from '../../src/delivery/telnyx-webhook.js';
import { type SignedCall, telnyxMessageEvent, telnyxSigner, telnyxVerifyEvent } from '../doubles/callbacks.js';

const REF = '9c8c8b2e-3c9b-4a6e-8c1c-2f0a7d5b6e11';
const URL_OF_OURS = 'https://acme.example/webhooks/telnyx';
/** The SDK looks at the system's clock. */
const NOW = Date.now();

const signer = telnyxSigner();
const keyOf = ({ publicKey }: { publicKey: string }) => telnyxPublicKey(publicKey) as KeyObject;
const webhook = telnyxWebhook({ publicKeys: [keyOf(signer)] });
const sdk = new Telnyx({ apiKey: 'KEY', publicKey: signer.publicKey });
const genuine = signer.call(URL_OF_OURS, telnyxMessageEvent(REF, 'delivered'), NOW);

function arrived({ headers, body }: SignedCall, over: Partial<CarrierCall> = {}): CarrierCall {
  return { target: '/webhooks/telnyx', headers, body: Buffer.from(body), now: NOW, ...over };
}

async function sdkSays({ body, headers }: CarrierCall): Promise<boolean> {
  return await sdk.webhooks.unwrap(body.toString(), { headers: headers as Record<string, string> }).then(
    () => true,
    () => false,
  );
}

const withHeader = (name: string, value: string | string[]): CarrierCall => {
  return arrived(genuine, { headers: { ...genuine.headers, [name]: value } });
};
const SIGNATURE = 'telnyx-signature-ed25519';
const right = String(genuine.headers[SIGNATURE]);
const at = Number(genuine.headers['telnyx-timestamp']);

describe('I01 a signature is judged as the official SDK judges it', () => {
  it.each<[string, CarrierCall, boolean]>([
    ['a message', arrived(genuine), true],
    ['a verification', arrived(signer.call(URL_OF_OURS, telnyxVerifyEvent(REF), NOW)), true],
    [
      'another account’s key',
      arrived(telnyxSigner().call(URL_OF_OURS, telnyxMessageEvent(REF, 'delivered'), NOW)),
      false,
    ],
    ['another body', arrived(genuine, { body: Buffer.from(genuine.body.replace('delivered', 'expired')) }), false],
    [
      'the same body, written out again',
      arrived(genuine, { body: Buffer.from(JSON.stringify(JSON.parse(genuine.body), null, 1)) }),
      false,
    ],
    ['another time', withHeader('telnyx-timestamp', String(at + 1)), false],
    ['an empty signature', withHeader(SIGNATURE, ''), false],
    ['the signature twice', withHeader(SIGNATURE, `${right}, ${right}`), false],
    ['something else', withHeader(SIGNATURE, 'A'.repeat(88)), false],
  ])('%s', async (_, call, isGenuine) => {
    expect(await sdkSays(call)).toBe(isGenuine);
    expect(webhook.isGenuine(call) && webhook.looksSigned(call.headers)).toBe(isGenuine);
  });

  it.each([
    ['no headers, where the SDK looks at nothing', arrived(genuine, { headers: {} })],
    ['no signature', arrived(genuine, { headers: { 'telnyx-timestamp': String(at) } })],
    ['no time', arrived(genuine, { headers: { [SIGNATURE]: right } })],
    ['a list of signatures', withHeader(SIGNATURE, [right])],
    ['a list of times', withHeader('telnyx-timestamp', [String(at)])],
  ])('%s', (_, call) => {
    expect([webhook.isGenuine(call), webhook.looksSigned(call.headers)]).toEqual([false, false]);
  });
});

it('I01 a call is taken by either key while the account’s is being changed, and by no third', () => {
  const [newest, older, third] = [telnyxSigner(), signer, telnyxSigner()];
  const both = telnyxWebhook({ publicKeys: [keyOf(newest), keyOf(older)] });
  const taken = [newest, older, third].map((one) =>
    both.isGenuine(arrived(one.call(URL_OF_OURS, telnyxVerifyEvent(REF), NOW))),
  );
  expect(taken).toEqual([true, true, false]);
});

describe('I03 X06 a call is taken for five minutes, by the clock of the app', () => {
  it.each([
    [0, true],
    [300, true],
    [301, false],
    [-300, true],
    [-301, false],
    [86_400, false],
  ])('signed %i s ago', (seconds, taken) => {
    const now = 1_790_000_000_000;
    const call = signer.call(URL_OF_OURS, telnyxMessageEvent(REF, 'delivered'), now - seconds * 1_000);
    expect(webhook.isGenuine(arrived(call, { now }))).toBe(taken);
  });

  it.each(['NaN', '', '1e9', '-1', ' 1', '0x10', '1790000000.5', '9'.repeat(400)])('a time of "%s" is none', (time) => {
    const call = arrived(signer.call(URL_OF_OURS, telnyxMessageEvent(REF, 'delivered'), time));
    expect([webhook.isGenuine(call), webhook.looksSigned(call.headers)]).toEqual([false, false]);
  });
});

describe('what a call says', () => {
  const said = (event: object | string) => webhook.reportsOf(arrived(signer.call(URL_OF_OURS, event, NOW)));

  it.each([
    [telnyxMessageEvent(REF, 'delivered'), { state: 'delivered' }],
    [
      telnyxMessageEvent(REF, 'delivery_failed', { errors: [{ code: '40002' }] }),
      { state: 'undelivered', why: 'filtered' },
    ],
    [
      telnyxMessageEvent(REF, 'sending_failed', { errors: [{ code: '40300' }] }),
      { state: 'undelivered', why: 'opted_out' },
    ],
    [telnyxMessageEvent(REF, 'expired'), { state: 'undelivered', why: 'unreachable' }],
    [telnyxVerifyEvent(REF), { state: 'delivered' }],
    [telnyxVerifyEvent(REF, { delivery_status: 'delivery_failed' }), { state: 'undelivered', why: 'unreachable' }],
  ])('case %#', (event, report) => {
    expect(said(event)).toEqual([{ ref: REF, ...report, eventId: expect.any(String) }]);
  });

  it.each([
    telnyxMessageEvent(REF, 'sent'),
    telnyxMessageEvent(REF, 'delivery_unconfirmed'),
    telnyxMessageEvent('no id', 'delivered'),
    telnyxVerifyEvent(REF, { delivery_status: 'sent' }),
    telnyxVerifyEvent(REF, { delivery_status: undefined, status: 'accepted' }),
    { data: { event_type: 'a.new.one', payload: {} } },
    { data: null },
    [],
    'null',
    '"x"',
  ])('nothing: case %#', (event) => {
    expect(said(event)).toEqual([]);
  });

  it('goes by the status, whatever the event is called', () => {
    const { data } = telnyxVerifyEvent(REF) as { data: object };
    expect(said({ data: { ...data, event_type: 'verification.sent' } })).toHaveLength(1);
  });

  it('leaves code, number and text behind', () => {
    const texts = JSON.stringify([
      ...(said(telnyxVerifyEvent(REF)) ?? []),
      ...(said(telnyxMessageEvent(REF, 'delivered')) ?? []),
    ]);
    expect(texts).not.toMatch(/424242|2125550100/);
  });

  it('cannot be read where it is no JSON', () => {
    expect(said('{')).toBeUndefined();
  });
});

it.each([undefined, '', 'x', 5, ['A'.repeat(43)], 'A'.repeat(44), `${'A'.repeat(42)}==`])(
  '%j is no public key',
  (key) => {
    expect(telnyxPublicKey(key)).toBeUndefined();
  },
);
