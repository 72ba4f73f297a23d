import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import twilio from 'twilio';
import type { FailureClass } from '../../src/core/delivery.js';
import { gaveUpWaiting, refusedBySdk, twilioFailure } from '../../src/delivery/twilio-errors.js';

/** Every documented code, as the tables of Twilio's own pages have it: code, HTTP status, class. */
const DOCUMENTED: readonly [number, number, FailureClass][] = [
  [60202, 429, 'resend_limit'],
  [60203, 429, 'resend_limit'],
  [60204, 403, 'config'],
  [60217, 403, 'config'],
  [60223, 403, 'channel_unavailable'],
  [60205, 403, 'landline'],
  [60207, 429, 'rate_limited'],
  [60212, 429, 'rate_limited'],
  [20429, 429, 'rate_limited'],
  [60220, 403, 'blocked'],
  [60238, 403, 'blocked'],
  [60410, 403, 'blocked'],
  [60413, 403, 'blocked'],
  [60605, 403, 'blocked'],
  [60500, 400, 'channel_unavailable'],
  [60519, 400, 'channel_unavailable'],
  [60540, 400, 'invalid_destination'],
  [20404, 404, 'config'],
  [20003, 401, 'auth'],
  [20008, 403, 'auth'],
  [10001, 401, 'auth'],
  [21211, 400, 'invalid_destination'],
  [21268, 400, 'invalid_destination'],
  [21614, 400, 'invalid_destination'],
  [30005, 400, 'invalid_destination'],
  [21635, 400, 'landline'],
  [30006, 400, 'landline'],
  [21612, 400, 'config'],
  [21606, 400, 'config'],
  [21603, 400, 'config'],
  [30007, 400, 'filtered'],
  [30034, 400, 'filtered'],
  [30042, 400, 'filtered'],
  [30450, 400, 'blocked'],
  [21408, 400, 'blocked'],
  [21215, 400, 'blocked'],
  [13227, 400, 'blocked'],
  [32205, 400, 'blocked'],
  [21610, 400, 'opted_out'],
  [30004, 400, 'opted_out'],
  [63014, 400, 'opted_out'],
  [30003, 400, 'unreachable'],
  [30008, 400, 'unreachable'],
  [30001, 429, 'rate_limited'],
  [14107, 429, 'rate_limited'],
  [63016, 400, 'config'],
];

describe('an error of Twilio’s', () => {
  it.each(DOCUMENTED)('%d (HTTP %d) is %s, and nothing was sent', (code, status, why) => {
    const expected = { sent: 'no', why, detail: { status, code: String(code) } };
    expect(twilioFailure(restException(status, { code, message: 'x' }))).toEqual(expected);
    expect(twilioFailure(serviceException(status, code))).toEqual(expected);
  });

  it('is read by its code where the status says something else', () => {
    expect(twilioFailure(restException(400, { code: 60410, message: 'x' }))).toMatchObject({ why: 'blocked' });
    expect(twilioFailure(restException(503, { code: 20429, message: 'x' }))).toMatchObject({
      sent: 'no',
      why: 'rate_limited',
    });
  });

  it.each([
    ['Invalid parameter `To`: +61491570156', 'invalid_destination'],
    ['Invalid parameter: To', 'invalid_destination'],
    ['Invalid parameter `Channel`', 'config'],
    ['Invalid parameter `Token`', 'config'],
    [undefined, 'config'],
  ])('60200 with "%s" is %s', (message, why) => {
    const error = restException(400, { code: 60200, message });
    expect(twilioFailure(error)).toEqual({ sent: 'no', why, detail: { status: 400, code: '60200' } });
  });

  it.each<[number, 'no' | 'unknown', FailureClass]>([
    [307, 'no', 'config'],
    [400, 'no', 'config'],
    [401, 'no', 'auth'],
    [403, 'no', 'config'],
    [404, 'no', 'config'],
    [408, 'unknown', 'timeout'],
    [422, 'no', 'config'],
    [429, 'no', 'rate_limited'],
    [500, 'unknown', 'unavailable'],
    [502, 'unknown', 'unavailable'],
    [503, 'unknown', 'unavailable'],
    [504, 'unknown', 'unavailable'],
  ])('with status %d and a code nobody knows: sent %s, %s', (status, sent, why) => {
    expect(twilioFailure(restException(status, { code: 99999, message: 'x' }))).toEqual({
      sent,
      why,
      detail: { status, code: '99999' },
    });
    expect(twilioFailure(restException(status, '<html>'))).toEqual({ sent, why, detail: { status } });
  });
});

describe('a connection that failed', () => {
  it.each<[string, object, 'no' | 'unknown', FailureClass]>([
    ['refused', { code: 'ECONNREFUSED', syscall: 'connect' }, 'no', 'unavailable'],
    ['no such host', { code: 'ENOTFOUND', syscall: 'getaddrinfo' }, 'no', 'unavailable'],
    ['resolver down', { code: 'EAI_AGAIN', syscall: 'getaddrinfo' }, 'no', 'unavailable'],
    ['no route', { code: 'EHOSTUNREACH', syscall: 'connect' }, 'no', 'unavailable'],
    ['a wrong certificate', { code: 'CERT_HAS_EXPIRED' }, 'no', 'unavailable'],
    ['timed out while connecting', { code: 'ETIMEDOUT', cause: { syscall: 'connect' } }, 'no', 'timeout'],
    [
      'timed out on every address',
      { code: 'ETIMEDOUT', cause: { errors: [connectError(), connectError()] } },
      'no',
      'timeout',
    ],
    ['timed out later', { code: 'ETIMEDOUT', syscall: 'read' }, 'unknown', 'timeout'],
    ['the SDK’s own time limit', { code: 'ECONNABORTED' }, 'unknown', 'timeout'],
    ['aborted by the host’s own client', { code: 'ERR_CANCELED', name: 'CanceledError' }, 'unknown', 'timeout'],
    ['reset', { code: 'ECONNRESET', syscall: 'read' }, 'unknown', 'unavailable'],
    ['broken pipe', { code: 'EPIPE', syscall: 'write' }, 'unknown', 'unavailable'],
    ['half an answer', { code: 'ERR_BAD_RESPONSE' }, 'unknown', 'unavailable'],
    ['an address Node does not take', { code: 'ERR_INVALID_URL' }, 'no', 'config'],
  ])('%s: sent is %s', (_what, properties, sent, why) => {
    const error = Object.assign(new Error('x'), { isAxiosError: true, config: { headers: {} } }, properties);
    expect(twilioFailure(error)).toMatchObject({ sent, why });
  });

  it.each<[string, unknown]>([
    ['a body that is not JSON', new SyntaxError('Unexpected token <')],
    ['a plain error', new Error('something')],
    ['undici’s', new TypeError('fetch failed')],
    ['text', 'no'],
    ['nothing', undefined],
    ['null', null],
    [
      'something that bites',
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('no');
          },
        },
      ),
    ],
  ])('%s: it may have been sent', (_what, error) => {
    expect(twilioFailure(error)).toEqual({ sent: 'unknown', why: 'unavailable' });
  });

  it.each(['AbortError', 'TimeoutError'])('an %s of the host’s own client is a time-out', (name) => {
    expect(twilioFailure(new DOMException('x', name))).toMatchObject({ sent: 'unknown', why: 'timeout' });
  });
});

describe('what becomes known without an error', () => {
  it('tells a refusal of the SDK from giving up', () => {
    expect(refusedBySdk()).toEqual({ sent: 'no', why: 'config' });
    expect(gaveUpWaiting()).toEqual({ sent: 'unknown', why: 'timeout' });
  });
});

describe('nothing but status and code', () => {
  it('leaves an error, whatever it holds', () => {
    const secret = 'f3a9c2d4e5b60718293a4b5c6d7e8f90';
    const holder = { config: { headers: { Authorization: secret }, data: secret }, details: secret, moreInfo: secret };
    const errors = [
      restException(400, { code: secret, message: secret, more_info: secret, details: { secret } }),
      restException(503, { code: 61491570156, message: secret }),
      Object.assign(new Error(secret, { cause: new Error(secret) }), holder, { code: secret.toUpperCase() }),
      Object.assign(new Error(secret), holder, { code: '048291' }),
    ];
    for (const error of errors) {
      const failure = twilioFailure(error);
      const seen = (inspect(failure, { depth: null, showHidden: true }) + JSON.stringify(failure)).toLowerCase();
      for (const word of [secret, '61491570156', '048291']) expect(seen).not.toContain(word);
    }
  });
});

function restException(statusCode: number, body: unknown): Error {
  return new twilio.RestException({ statusCode, body: typeof body === 'string' ? body : JSON.stringify(body) });
}

/** What the SDK makes of an RFC 9457 body; its class is not exported. */
function serviceException(status: number, code: number): Error {
  return Object.assign(new Error(`[HTTP ${status}] Refused`), { type: 'about:blank', title: 'Refused', status, code });
}

function connectError(): Error {
  return Object.assign(new Error('connect'), { code: 'ETIMEDOUT', syscall: 'connect' });
}
