import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SendJob, SendResult } from '../../src/core/delivery.js';
import { type HttpCarrierOptions, httpCarrier } from '../../src/delivery/http-carrier.js';
import { type TextServer, textServer } from '../doubles/text-server.js';

const JOB: SendJob = {
  sendId: 'send.1',
  channel: 'sms',
  to: '+12025550100',
  country: 'US',
  code: '048291',
  ttlMs: 300_000,
  issuer: 'Acme',
  text: '048291 is your Acme code.',
};

let server: TextServer;
beforeEach(async () => {
  server = await textServer();
});
afterEach(() => server.close());

const sends = (changes: Partial<HttpCarrierOptions> = {}, job: Partial<SendJob> = {}) =>
  httpCarrier({ ...server.options(), ...changes }).send({ ...JOB, ...job }, { signal: AbortSignal.timeout(2_000) });

describe('a carrier over HTTP', () => {
  it('sends an object as JSON, with the headers it is given', async () => {
    const headers = ({ sendId }: SendJob) => ({ ...server.options().headers, 'Idempotency-Key': sendId });
    expect(await sends({ headers })).toEqual({ sent: 'yes', ref: 'm1', codeOwner: 'ours' });
    const [request] = server.requests;
    expect(JSON.parse(request?.body ?? '')).toEqual({ recipient: JOB.to, message: JOB.text });
    expect(request?.headers).toMatchObject({ 'content-type': 'application/json', 'idempotency-key': 'send.1' });
  });

  it('sends a form, or a text with a type of its own', async () => {
    await sends({ body: ({ to, text = '' }) => new URLSearchParams({ to, text }) });
    await sends({
      headers: { ...server.options().headers, 'Content-Type': 'text/xml' },
      body: ({ to }) => `<to>${to}</to>`,
    });
    expect(server.requests.map(({ headers, body }) => [headers['content-type'], body])).toEqual([
      ['application/x-www-form-urlencoded;charset=UTF-8', 'to=%2B12025550100&text=048291+is+your+Acme+code.'],
      ['text/xml', '<to>+12025550100</to>'],
    ]);
  });

  it.each<[number, SendResult]>([
    [200, { sent: 'yes', ref: 'send.1', codeOwner: 'ours' }],
    [204, { sent: 'yes', ref: 'send.1', codeOwner: 'ours' }],
    [301, { sent: 'no', why: 'config', detail: { status: 301 } }],
    [400, { sent: 'no', why: 'config', detail: { status: 400 } }],
    [401, { sent: 'no', why: 'auth', detail: { status: 401 } }],
    [403, { sent: 'no', why: 'config', detail: { status: 403 } }],
    [408, { sent: 'unknown', why: 'timeout', detail: { status: 408 } }],
    [429, { sent: 'no', why: 'rate_limited', detail: { status: 429 } }],
    [500, { sent: 'unknown', why: 'unavailable', detail: { status: 500 } }],
    [503, { sent: 'unknown', why: 'unavailable', detail: { status: 503 } }],
  ])('%i, where nobody reads it', async (status, result) => {
    server.fault({ reply: { status, body: { error: `${JOB.to} ${JOB.code}` } } });
    expect(await sends({ read: () => undefined })).toEqual(result);
    expect(server.requests).toHaveLength(1);
  });

  it.each<[string, unknown]>([
    ['fails', undefined],
    ['says nothing of ours', { sent: 'maybe' }],
    ['uses a word of theirs', { sent: 'no', why: 'carrier_violation_+12025550100' }],
    ['gives no reference', { sent: 'yes' }],
    ['gives an empty one', { sent: 'yes', ref: '' }],
    ['gives lines of text for one', { sent: 'yes', ref: 'a\nb' }],
  ])('of a reader that %s it is unknown whether anything was sent', async (_, said) => {
    const read = () => {
      if (said === undefined) throw new Error(`${JOB.to}`);
      return said as never;
    };
    const result = await sends({ read });
    expect(result).toEqual({ sent: 'unknown', why: 'unavailable', detail: { status: 202 } });
    expect(inspect(result)).not.toContain(JOB.to);
  });

  it('takes a class and a wait from the reader', async () => {
    const read = () => ({ sent: 'no', why: 'blocked', retryAfterMs: 60_000 }) as const;
    const blocked = { sent: 'no', why: 'blocked', retryAfterMs: 60_000, detail: { status: 202 } };
    expect(await sends({ read })).toEqual(blocked);
  });

  it('says that nothing was sent where nothing was written', async () => {
    const { url } = server;
    const gone = await textServer();
    await gone.close();
    expect(await sends({ url: gone.url })).toMatchObject({ sent: 'no', why: 'unavailable' });
    expect(
      await sends({
        url,
        body() {
          throw new Error('no');
        },
      }),
    ).toEqual({ sent: 'no', why: 'config' });
    expect(await sends({ headers: { 'x-y': 'a\nb' } })).toMatchObject({ sent: 'no', why: 'config' });
    expect(await sends({}, { channel: 'voice' })).toEqual({ sent: 'no', why: 'channel_unavailable' });
    expect(server.requests).toHaveLength(0);
  });

  it('does not know what became of a request without an answer', async () => {
    server.fault({ reset: true });
    expect(await sends()).toEqual({ sent: 'unknown', why: 'unavailable' });
    expect(server.requests).toHaveLength(1);
  });

  it('is asked where it reaches only', () => {
    const { offers } = httpCarrier({ ...server.options(), channels: ['sms', 'voice'], countries: ['US'] });
    expect(offers).toEqual([
      { channel: 'sms', code: 'ours', countries: ['US'] },
      { channel: 'voice', code: 'ours', countries: ['US'] },
    ]);
  });

  it.each<[string, object, RegExp]>([
    ['no name', { name: undefined }, /httpCarrier: `name` is lower-case letters/],
    ['plain http elsewhere', { url: 'http://carrier.example/' }, /httpCarrier: `url` is not an https address/],
    ['a password in the address', { url: 'https://a:b@carrier.example/' }, /go into `headers`/],
    ['no body', { body: undefined }, /httpCarrier: `body` is not a function/],
    ['a reader that is none', { read: 'ok' }, /httpCarrier: `read` is not a function/],
    ['a misspelt option', { chanels: [] }, /httpCarrier: `chanels` is not an option. Did you mean `channels`/],
  ])('advises on %s', (_, changes, advice) => {
    expect(() => httpCarrier({ ...server.options(), ...changes })).toThrow(advice);
  });
});
