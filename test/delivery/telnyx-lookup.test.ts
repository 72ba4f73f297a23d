import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { NumberFact } from '../../src/core/number-lookup.js';
import { telnyxLookup } from '../../src/delivery/telnyx.js';
import type { Fault } from '../doubles/faults.js';
import { type TelnyxDouble, telnyxDouble, telnyxRefusal } from '../doubles/telnyx.js';
import { ADA, patiently, within } from './sending.js';

let telnyx: TelnyxDouble;
beforeAll(async () => {
  telnyx = await telnyxDouble();
});
afterEach(() => {
  telnyx.exchanges.length = 0;
});
afterAll(() => telnyx.close());

async function lookedUp(wanted: readonly NumberFact[] = ['line'], call = patiently()) {
  const { apiKey, baseUrl } = telnyx;
  return await telnyxLookup({ apiKey, baseUrl }).look(ADA, { ...call, at: 0, wanted });
}

it.each([
  ['mobile', 'mobile'],
  ['fixed line', 'landline'],
  ['fixed line or mobile', 'mobile-or-landline'],
  ['voip', 'voip'],
  ['personal number', 'personal'],
  ['toll free', undefined],
  ['premium rate', undefined],
  ['shared cost', undefined],
  ['pager', undefined],
  ['uan', undefined],
  ['voicemail', undefined],
  ['unknown', undefined],
  ['', undefined],
])('%p is %p', async (type, line) => {
  telnyx.lines.set(ADA, type);
  expect(await lookedUp()).toEqual(line === undefined ? {} : { line });
});

it('knows nothing of SIM cards, and asks nothing of them', async () => {
  const { apiKey, baseUrl } = telnyx;
  expect(telnyxLookup({ apiKey, baseUrl }).knows).toEqual(['line']);
  expect(await lookedUp(['sim-swap'])).toEqual({});
  expect(telnyx.exchanges).toEqual([]);
});

describe('a lookup that fails says why, once, and throws nothing', () => {
  it.each<[string, Fault, object]>([
    ['a wrong key', { reply: telnyxRefusal(401, 10009) }, { why: 'auth' }],
    ['a number that is none', { reply: telnyxRefusal(422, 10002) }, { why: 'invalid_destination' }],
    ['too many at once', { reply: telnyxRefusal(429, 10011) }, { why: 'rate_limited' }],
    ['down', { reply: telnyxRefusal(500, 10007) }, { why: 'unavailable' }],
    ['a page of some gateway', { html: 502 }, { why: 'unavailable' }],
    ['the connection breaks', { reset: true }, { why: 'unavailable' }],
    ['half an answer', { cut: true }, { why: 'unavailable' }],
    ['an answer that is none', { reply: { status: 200, body: 'mobile' } }, { why: 'unavailable' }],
    ['no carrier in it', { reply: { status: 200, body: { data: { carrier: null } } } }, {}],
  ])('%s', async (_, fault, said) => {
    telnyx.fault(fault);
    expect(await lookedUp()).toEqual(said);
    expect(telnyx.exchanges).toHaveLength(1);
  });

  it('no answer in time', async () => {
    telnyx.fault({ hang: true });
    expect(await lookedUp(['line'], within(50))).toEqual({ why: 'timeout' });
  });
});

it.each<[string, object]>([
  ['no key', {}],
  ['an option that is not there', { apiKey: 'KEY0123456789', facts: ['line'] }],
])('%s is told at once', (_, options) => {
  expect(() => telnyxLookup(options as never)).toThrow(expect.objectContaining({ code: 'set_up' }));
});
