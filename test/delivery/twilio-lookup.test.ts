import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { NumberFact } from '../../src/core/number-lookup.js';
import { twilioLookup } from '../../src/delivery/twilio.js';
import type { Fault } from '../doubles/faults.js';
import type { KnownNumber } from '../doubles/twilio/lookups.js';
import { type TwilioDouble, twilioDouble } from '../doubles/twilio.js';
import { ADA, patiently, tooLate, within } from './sending.js';

const NOW = Date.UTC(2026, 10, 21);
const BOTH: readonly NumberFact[] = ['line', 'sim-swap'];

let twilio: TwilioDouble;
beforeAll(async () => {
  twilio = await twilioDouble();
});
afterEach(() => {
  twilio.numbers.clear();
  twilio.exchanges.length = 0;
});
afterAll(() => twilio.close());

const asking = (wanted = BOTH, call = patiently()) => ({ ...call, at: NOW, wanted });

async function lookedUp(known: KnownNumber, wanted = BOTH) {
  twilio.numbers.set(ADA, known);
  return await twilioLookup({ client: twilio.client() }).look(ADA, asking(wanted));
}

describe('the line', () => {
  it.each([
    ['mobile', 'mobile'],
    ['landline', 'landline'],
    ['fixedVoip', 'landline'],
    ['nonFixedVoip', 'voip'],
    ['personal', 'personal'],
  ])('%s is %s', async (line, ours) => {
    expect(await lookedUp({ line }, ['line'])).toEqual({ line: ours });
  });

  it.each([['tollFree'], ['premium'], ['sharedCost'], ['uan'], ['voicemail'], ['pager'], ['unknown'], ['constructor']])(
    '%s is not known',
    async (line) => {
      expect(await lookedUp({ line }, ['line'])).toEqual({});
    },
  );
});

describe('the last change of the SIM', () => {
  it.each<[string, string | boolean | null, object]>([
    ['has a date', '2026-11-20T10:18:50Z', { simSwappedAt: new Date('2026-11-20T10:18:50Z') }],
    ['was within the period, and nobody says when: now, to be careful', true, { simSwappedAt: NOW }],
    ['was not within the period: never, as far as can be told', false, { simSwappedAt: null }],
    ['has a date that is none, and was within the period', 'soon', { simSwappedAt: NOW }],
    ['is not known to the carrier', null, {}],
  ])('%s', async (_, simSwap, facts) => {
    expect(await lookedUp({ simSwap }, ['sim-swap'])).toEqual(facts);
  });
});

describe('what is paid for', () => {
  it.each<[readonly NumberFact[], string]>([
    [['line'], 'line_type_intelligence'],
    [['sim-swap'], 'sim_swap'],
    [['sim-swap', 'line'], 'line_type_intelligence,sim_swap'],
  ])('%j is asked as %s, in one request', async (wanted, fields) => {
    await lookedUp({}, wanted);
    expect(
      twilio.exchanges.map(({ method, path }) => [method, new URL(path, twilio.url).searchParams.get('Fields')]),
    ).toEqual([['GET', fields]]);
  });

  it('is only what `facts` names, and nothing where that is not wanted', async () => {
    const lookup = twilioLookup({ client: twilio.client(), facts: ['line'] });
    expect(lookup.knows).toEqual(['line']);
    expect(await lookup.look(ADA, asking(BOTH))).toEqual({ line: 'mobile' });
    expect(await lookup.look(ADA, asking(['sim-swap']))).toEqual({});
    expect(twilio.exchanges).toHaveLength(1);
  });
});

describe('a package that could not answer is not known, and the other one is', () => {
  it.each([
    ['Canada without approval', 60601, 'config'],
    ['not enabled for the account', 60606, 'config'],
    ['another region', 60614, 'config'],
    ['not in this region', 60619, 'config'],
    ['a country that is not supported', 60607, undefined],
    ['outside of coverage', 60610, undefined],
    ['incomplete from the carrier', 60620, undefined],
    ['an error that nobody documented', 60699, undefined],
  ])('%s: %p', async (_, code, why) => {
    const told = why === undefined ? {} : { why };
    expect(await lookedUp({ errors: { simSwap: code } })).toEqual({ line: 'mobile', ...told });
    expect(await lookedUp({ simSwap: '2026-11-20T00:00:00Z', errors: { line: code } })).toEqual({
      simSwappedAt: new Date('2026-11-20T00:00:00Z'),
      ...told,
    });
  });

  it('null stands for nothing', async () => {
    expect(await lookedUp({ line: null, simSwap: null })).toEqual({});
  });
});

describe('a lookup that fails says why, once, and throws nothing', () => {
  const refusal = (status: number, code: number): Fault => ({
    reply: { status, body: { code, message: `no ${ADA}`, more_info: '', status } },
  });

  it.each<[string, Fault, string]>([
    ['wrong credentials', refusal(401, 20003), 'auth'],
    ['a path that is not there', refusal(404, 20404), 'config'],
    ['a field that Twilio does not know', refusal(400, 20001), 'config'],
    ['too many at once', refusal(429, 20429), 'rate_limited'],
    ['down', refusal(503, 20503), 'unavailable'],
    ['a page of some gateway', { html: 502 }, 'unavailable'],
    ['the connection breaks', { reset: true }, 'unavailable'],
    ['half an answer', { cut: true }, 'unavailable'],
    ['an answer that is none', { reply: { status: 200, body: 'yes' } }, 'unavailable'],
    ['an answer that is null', { reply: { status: 200, body: null } }, 'unavailable'],
    ['packages that are none', { reply: { status: 200, body: { sim_swap: 7, line_type_intelligence: [] } } }, 'none'],
  ])('%s', async (_, fault, why) => {
    twilio.fault(fault);
    const said = await twilioLookup({ client: twilio.client() }).look(ADA, asking());
    expect(said).toEqual(why === 'none' ? {} : { why });
    expect(twilio.exchanges).toHaveLength(1);
  });

  it('no answer in time', async () => {
    twilio.fault({ hang: true });
    const said = await twilioLookup({ client: twilio.client() }).look(ADA, asking(BOTH, within(50)));
    expect(said).toEqual({ why: 'timeout' });
  });

  it('over before it began: nothing is asked', async () => {
    const said = await twilioLookup({ client: twilio.client() }).look(ADA, asking(BOTH, tooLate()));
    expect(said).toEqual({ why: 'timeout' });
    expect(twilio.exchanges).toEqual([]);
  });
});

it('reads the plain fields that version 5 of the SDK hands on', async () => {
  const body = { lineTypeIntelligence: { type: 'personal' }, simSwap: { last_sim_swap: { swapped_in_period: true } } };
  const client = { lookups: { v2: { phoneNumbers: () => ({ fetch: async () => body }) } } };
  expect(await twilioLookup({ client }).look(ADA, asking())).toEqual({ line: 'personal', simSwappedAt: NOW });
});

it.each<[string, unknown]>([
  ['no client', {}],
  ['a client that is none', { client: 'AC…' }],
  ['an option that is not there', { client: {}, fields: ['line'] }],
  ['no facts', { client: { lookups: {} }, facts: [] }],
  ['a fact that nobody knows', { client: { lookups: {} }, facts: ['name'] }],
])('%s is told at once', (_, options) => {
  expect(() => twilioLookup(options as never)).toThrow(expect.objectContaining({ code: 'set_up' }));
});

it('a client that repeats requests is refused: each is paid for', () => {
  expect(() => twilioLookup({ client: twilio.client({ autoRetry: true }) })).toThrow(/autoRetry/);
});
