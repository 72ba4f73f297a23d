/** The door of the carriers' webhooks: who is let in, with which bytes, and what a crowd in front of it costs. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import express from 'express';
import request from 'supertest';
import { createTurns } from '../../src/http/webhooks/crowd.js';
import { createMfa, MfaError, type MfaOptions, memoryStore, type Store, totp } from '../../src/index.js';
import { type SignedCall, twilioCallback, twilioEvents } from '../doubles/callbacks.js';
import { createHost, ORIGIN, type TestHost, type TestUser } from '../support/host.js';
import { raw } from '../support/raw.js';
import { AUTH_TOKEN, door, TELNYX_URL, TWILIO_URL, telnyx, WEBHOOKS } from '../support/webhooks.js';

const SID = `SM${'a1'.repeat(16)}`;
const DELIVERED = { MessageSid: SID, MessageStatus: 'delivered' };
const form = twilioCallback(AUTH_TOKEN, TWILIO_URL, DELIVERED);
const json = twilioEvents(AUTH_TOKEN, TWILIO_URL, [{ id: 'EZ1', data: { messageSid: SID, messageStatus: 'SENT' } }]);

/** Every verb but `close` that was called. */
function countingStore(): { readonly store: Store; readonly calls: string[] } {
  const calls: string[] = [];
  const store = new Proxy(memoryStore(), {
    get(inner, verb) {
      const value: unknown = Reflect.get(inner, verb);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => {
        calls.push(String(verb));
        return Reflect.apply(value, inner, given);
      };
    },
  });
  return { store, calls };
}

function scene(mfa: Partial<MfaOptions<TestUser>> = {}) {
  const { store, calls } = countingStore();
  const host = createHost({ mfa: { webhooks: WEBHOOKS, sweepEvery: false, ...mfa }, store });
  const knock = door(host);
  const ofTelnyx = (event: object | string = { data: {} }) => telnyx.call(TELNYX_URL, event, host.clock());
  return { host, knock, calls, ofTelnyx };
}

const saysOf = ({ errors }: TestHost) => errors.map((error) => (error as MfaError).message);
const changed = (call: SignedCall, headers: Record<string, string>, body = call.body): SignedCall => ({
  ...call,
  headers: { ...call.headers, ...headers },
  body,
});
const without = (call: SignedCall, name: string): SignedCall => ({
  ...call,
  headers: Object.fromEntries(Object.entries(call.headers).filter(([key]) => key !== name)),
});

describe('I01 a call that is not genuine is 403, and no store is asked', () => {
  const T = 'x-twilio-signature';
  const E = 'telnyx-signature-ed25519';

  it.each<[string, (genuine: SignedCall) => SignedCall]>([
    ['no signature', () => without(form, T)],
    ['an empty one', () => changed(form, { [T]: '' })],
    ['another account’s', () => twilioCallback('c'.repeat(32), TWILIO_URL, DELIVERED)],
    ['of another address', () => ({ ...twilioCallback(AUTH_TOKEN, TELNYX_URL, DELIVERED), url: TWILIO_URL })],
    ['of another body', () => changed(form, {}, 'MessageSid=x')],
    [
      'JSON under the signature of a bare address',
      () => changed(twilioCallback(AUTH_TOKEN, TWILIO_URL, {}), { 'content-type': 'application/json' }, '[]'),
    ],
    ['JSON of another body', () => changed(json, {}, '[]')],
    ['JSON that calls itself a form', () => changed(json, { 'content-type': 'application/x-www-form-urlencoded' })],
    ['JSON that calls itself text', () => changed(json, { 'content-type': 'text/plain' })],
    ['a form that calls itself JSON', () => changed(form, { 'content-type': 'application/json' })],
    ['a parameter twice', () => changed(form, {}, `${form.body}&MessageStatus=failed`)],
    ['a parameter as a list', () => changed(form, {}, form.body.replace('MessageStatus', 'MessageStatus[]'))],
    ['another query', () => ({ ...form, url: `${TWILIO_URL}?x=1` })],
    ['Telnyx: no signature', (genuine) => without(genuine, E)],
    ['Telnyx: no time', (genuine) => without(genuine, 'telnyx-timestamp')],
    ['Telnyx: neither', (genuine) => without(without(genuine, E), 'telnyx-timestamp')],
    ['Telnyx: another body', (genuine) => changed(genuine, {}, '{}')],
    ['Telnyx: NaN', (genuine) => changed(genuine, { 'telnyx-timestamp': 'NaN' })],
  ])('%s', async (_, make) => {
    const { knock, calls, ofTelnyx } = scene();
    const { body } = await knock(make(ofTelnyx())).expect(403);
    expect(body.code).toBe('forbidden');
    expect(calls).toEqual([]);
  });

  it('a signature that is there twice', async () => {
    const { host, calls } = scene();
    const app = express().use('/webhooks', host.mfa.webhookRouter());
    const head = (signatures: readonly string[]) =>
      [
        'POST /webhooks/twilio HTTP/1.1',
        'Host: acme.example',
        'Connection: close',
        'Content-Type: application/x-www-form-urlencoded',
        ...signatures.map((one) => `X-Twilio-Signature: ${one}`),
        `Content-Length: ${form.body.length}`,
        '',
        form.body,
      ].join('\r\n');
    const right = String(form.headers['x-twilio-signature']);
    expect(await raw(app, head([right, right]))).toMatch(/^HTTP\/1\.1 403 /);
    expect(await raw(app, head(['x', right]))).toMatch(/^HTTP\/1\.1 403 /);
    expect(calls).toEqual([]);
    expect(await raw(app, head([right]))).toMatch(/^HTTP\/1\.1 204 /);
  });

  it('is told to the host once, with what to look at', async () => {
    const { host, knock } = scene();
    const forged = changed(form, {}, 'MessageSid=x');
    await knock(forged).expect(403);
    await knock(forged).expect(403);
    expect(saysOf(host)).toEqual([expect.stringMatching(/publicUrl/)]);
  });
});

it.each<[string, SignedCall]>([
  ['the signed address of events, with a form of nothing', changed(json, { 'content-type': 'text/plain' }, '')],
  [
    'events that name nothing of their own',
    twilioEvents(AUTH_TOKEN, TWILIO_URL, [JSON.parse('{"__proto__":{"data":{}},"constructor":{"data":1},"data":[]}')]),
  ],
  [
    'a status that is a property of every object',
    twilioCallback(AUTH_TOKEN, TWILIO_URL, { ...DELIVERED, MessageStatus: '__proto__' }),
  ],
  ['a reference that is none', twilioCallback(AUTH_TOKEN, TWILIO_URL, { ...DELIVERED, MessageSid: `${SID}\0` })],
])('genuine and of no use, %s: 204, and no store is asked', async (_, call) => {
  const { knock, calls } = scene();
  await knock(call).expect(204);
  expect(calls).toEqual([]);
});

describe('B03 the address that is signed', () => {
  it('is the configured one, whatever the Host and X-Forwarded headers say', async () => {
    const { knock } = scene();
    const evil = twilioCallback(AUTH_TOKEN, 'https://evil.example/webhooks/twilio', DELIVERED);
    const headers = { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'https' };
    await knock(changed(evil, headers)).expect(403);
    await knock(changed(form, headers)).expect(204);
  });

  it('is `publicUrl` where a proxy changes the path; of the request only the query is taken', async () => {
    const publicUrl = 'https://hooks.acme.example/v1/twilio';
    const { knock } = scene({ webhooks: { twilio: { authTokens: [AUTH_TOKEN], publicUrl } } });
    await knock({ ...twilioCallback(AUTH_TOKEN, publicUrl, DELIVERED), url: TWILIO_URL }).expect(204);
    const events = twilioEvents(AUTH_TOKEN, publicUrl, []);
    await knock({ ...events, url: TWILIO_URL + new URL(events.url).search }).expect(204);
    await knock(form).expect(403);
  });
});

describe('the bytes', () => {
  it.each<[string, SignedCall, express.RequestHandler]>([
    ['express.json', json, express.json()],
    ['express.urlencoded', form, express.urlencoded({ extended: true })],
    ['express.text', json, express.text({ type: '*/*' })],
  ])('%s before the router has eaten them: 503, and the host is told what to write, once', async (_, call, parser) => {
    const { host, calls } = scene();
    const knock = door(host, [parser]);
    const { body } = await knock(call).expect(503);
    await knock(call).expect(503);
    expect(body.code).toBe('unavailable');
    expect(saysOf(host)).toEqual([expect.stringMatching(/before `express\.json\(\)`.*rawBody/)]);
    expect(calls).toEqual([]);
  });

  it.each<[string, SignedCall, express.RequestHandler]>([
    ['a parser that keeps them in `req.rawBody`', json, express.json({ verify: keepBytes })],
    ['a form’s', form, express.urlencoded({ extended: false, verify: keepBytes })],
    ['express.raw', json, express.raw({ type: '*/*' })],
    ['a parser for something else', json, express.urlencoded({ extended: true })],
  ])('%s is no trouble', async (_, call, parser) => {
    const { host } = scene();
    await door(host, [parser])(call).expect(204);
    await door(host, [parser])(changed(call, {}, `${call.body} `)).expect(403);
  });

  it('are those that were sent, also where they are no text', async () => {
    const { knock, ofTelnyx } = scene();
    await knock(ofTelnyx('{"data": {"payload" :{"text":"ä\\u0000😀"}}}\n')).expect(204);
  });

  it('F04 are at most 64 kB', async () => {
    const { knock, calls, ofTelnyx } = scene();
    await knock(ofTelnyx(JSON.stringify('x'.repeat(65_000)))).expect(204);
    expect((await knock(ofTelnyx(JSON.stringify('x'.repeat(66_000)))).expect(413)).body.code).toBe('body_too_large');
    expect(calls).toEqual([]);
  });

  it('F04 are not unpacked', async () => {
    const { host } = scene();
    const app = express().use('/webhooks', host.mfa.webhookRouter());
    const packed = gzipSync(Buffer.alloc(1_000_000));
    const headers = { ...json.headers, 'Content-Encoding': 'gzip' };
    const { pathname, search } = new URL(json.url);
    const { status } = await request(app)
      .post(pathname + search)
      .set(headers)
      .serialize((body) => body)
      .send(packed as never);
    expect(status).toBe(415);
  });

  it('F04 that are signed and no JSON are 400', async () => {
    const { knock, calls, ofTelnyx } = scene();
    await knock(ofTelnyx('{"data":')).expect(400);
    expect(calls).toEqual([]);
  });
});

function keepBytes(req: object, _res: unknown, bytes: Buffer): void {
  Object.assign(req, { rawBody: bytes });
}

describe('F04 a crowd at the door', () => {
  it('sixty forged calls of an address are enough for a minute; what others send is looked at', async () => {
    const { host, calls } = scene();
    const app = express().set('trust proxy', 1).use('/webhooks', host.mfa.webhookRouter());
    const from = (address: string, call: SignedCall) =>
      request(app).post('/webhooks/twilio').set(call.headers).set('X-Forwarded-For', address).send(call.body);
    const forged = changed(form, {}, 'MessageSid=x');
    for (let count = 0; count < 60; count += 1) await from('192.0.2.1', forged).expect(403);
    const tired = await from('192.0.2.1', forged).expect(429);
    expect(tired.body.code).toBe('rate_limited');
    expect(tired.headers['retry-after']).toBe('60');
    await from('198.51.100.7', form).expect(204);
    host.clock.advance(60_000);
    await from('192.0.2.1', form).expect(204);
    // The two genuine ones asked whose the send was.
    expect(calls).toEqual(['read', 'read']);
  });

  it('eight calls at a time are at the store, a thousand wait for their turn, and no more', async () => {
    const turns = createTurns();
    const ends: (() => void)[] = [];
    const order: number[] = [];
    const takes = Array.from({ length: 1_008 }, (_, index) =>
      turns.take(async () => {
        order.push(index);
        await new Promise<void>((resolve) => ends.push(resolve));
        if (index === 3) throw new Error('no store');
      }),
    );
    const settled = Promise.allSettled(takes);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(await turns.take(() => Promise.resolve())).toBe(false);
    for (let ended = 0; ended < takes.length; ended += 1) {
      ends[ended]?.();
      while (ends.length < Math.min(ended + 9, takes.length)) await Promise.resolve();
      expect(order).toHaveLength(Math.min(ended + 9, takes.length));
    }
    expect((await settled).filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(order).toEqual(takes.map((_, index) => index));
    expect(await turns.take(() => Promise.resolve())).toBe(true);
  });
});

it('other methods are 405, other carriers not there', async () => {
  const { host } = scene({ webhooks: { twilio: WEBHOOKS.twilio } });
  const app = express().use('/webhooks', host.mfa.webhookRouter());
  const { headers } = await request(app).get('/webhooks/twilio').expect(405);
  expect(headers.allow).toBe('POST');
  await request(app).post('/webhooks/telnyx').expect(404);
  await request(app).post('/webhooks').expect(404);
});

it('a store that fails is 503, and the host is told', async () => {
  const inner = memoryStore();
  const broken: Store = { ...inner, read: () => Promise.reject(new Error('no store')) };
  const host = createHost({ mfa: { webhooks: WEBHOOKS, sweepEvery: false }, store: broken });
  const { headers, body } = await door(host)(form).expect(503);
  expect([headers['retry-after'], body.code]).toEqual(['1', 'unavailable']);
  expect(host.errors).toHaveLength(1);
});

describe('what is set up wrongly is said when the app starts', () => {
  const make = (webhooks: unknown, more: object = { baseUrl: ORIGIN }) => {
    const options = {
      issuer: 'Acme',
      secrets: ['test secret of at least thirty-two characters'],
      users: { findById: () => undefined },
      factors: [totp()],
      store: memoryStore(),
      sweepEvery: false,
      ...more,
      webhooks,
    };
    return () => createMfa(options as unknown as MfaOptions<TestUser>);
  };

  it.each<[unknown, RegExp]>([
    [{ twillio: {} }, /Did you mean `twilio`/],
    [{ twilio: {} }, /authTokens/],
    [{ twilio: { authTokens: [] } }, /authTokens/],
    [{ twilio: { authTokens: [undefined] } }, /authTokens/],
    [{ twilio: { authTokens: [''] } }, /authTokens/],
    [{ twilio: { authTokens: ['short'] } }, /auth token/],
    [{ twilio: { authTokens: [AUTH_TOKEN, AUTH_TOKEN, AUTH_TOKEN] } }, /authTokens/],
    [{ twilio: { authTokens: AUTH_TOKEN } }, /authTokens/],
    [{ twilio: { authTokens: [AUTH_TOKEN], publicUrl: '/webhooks/twilio' } }, /publicUrl/],
    [{ twilio: { authTokens: [AUTH_TOKEN], publicUrl: 'https://acme.example/x?y' } }, /publicUrl/],
    [{ twilio: { authToken: AUTH_TOKEN } }, /Did you mean `authTokens`/],
    [{ telnyx: {} }, /publicKey/],
    [{ telnyx: { publicKey: 'x' } }, /publicKey/],
    [{ telnyx: { publicKey: [] } }, /publicKey/],
    [{ telnyx: { publicKey: [telnyx.publicKey, 'x'] } }, /publicKey/],
    [{ telnyx: { publicKey: Array(3).fill(telnyx.publicKey) } }, /publicKey/],
    [{ twilio: true }, /twilio/],
    [true, /webhooks/],
  ])('%j', (webhooks, advice) => {
    expect(make(webhooks)).toThrow(MfaError);
    expect(make(webhooks)).toThrow(advice);
  });

  it('Twilio signs an address, so there has to be one', () => {
    const twilio = { authTokens: [AUTH_TOKEN] };
    expect(make({ twilio }, {})).toThrow(/baseUrl/);
    expect(make({ twilio: { ...twilio, publicUrl: TWILIO_URL } }, {})).not.toThrow();
  });

  it.each([undefined, {}, { twilio: undefined }])('a router without any carrier: %j', (webhooks) => {
    const mfa = make(webhooks)();
    expect(() => mfa.webhookRouter()).toThrow(/no carrier is on/);
  });
});
