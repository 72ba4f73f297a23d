/** Lookup v2: the document's own examples as answers, the double by the document, and the official SDK beside our reading of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { twilioLookup } from '../../src/delivery/twilio.js';
import { GRACE, patiently } from '../delivery/sending.js';
import type { KnownNumber } from '../doubles/twilio/lookups.js';
import type { Reply } from '../doubles/twilio/wire.js';
import { type TwilioDouble, twilioDouble } from '../doubles/twilio.js';
import { type OpenApi, openApi, specsFolder } from './openapi.js';

const FILE = 'twilio_lookups_v2.prism.json';
const NOW = Date.UTC(2026, 10, 21);
const folder = specsFolder();
if (folder === undefined)
  console.warn(
    'SKIPPED: test/contracts/twilio-lookup.test.ts: Twilio’s OpenAPI documents are not here (EXPRESS_MFA_SPECS).',
  );

/** What the document shows where a package has nothing to say, and its schemas have no word for: its own examples would fail. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const told = Object.entries(value).filter(([, one]) => one !== null);
  return Object.fromEntries(told.map(([name, one]) => [name, withoutNulls(one)]));
}

function examples(): Readonly<Record<string, object>> {
  const document = JSON.parse(readFileSync(join(folder ?? '', FILE), 'utf8'));
  const { get } = document.paths['/v2/PhoneNumbers/{PhoneNumber}'];
  const shown = get.responses['200'].content['application/json'].examples as Record<string, { value: object }>;
  return Object.fromEntries(Object.entries(shown).map(([name, { value }]) => [name, value]));
}

(folder === undefined ? describe.skip : describe)('Twilio’s document of Lookup', () => {
  let twilio: TwilioDouble;
  let document: OpenApi;

  beforeAll(async () => {
    document = openApi(FILE);
    twilio = await twilioDouble();
  });
  afterEach(() => {
    twilio.exchanges.length = 0;
  });
  afterAll(() => twilio.close());

  const look = (number = GRACE) =>
    twilioLookup({ client: twilio.client() }).look(number, { ...patiently(), at: NOW, wanted: ['line', 'sim-swap'] });
  const replyErrors = ({ body, status }: Reply) =>
    document.errorsOfReply({
      method: 'GET',
      path: `/v2/PhoneNumbers/${GRACE}`,
      reply: { status, body: withoutNulls(body) },
    });

  it.each<[string, object]>([
    ['fetch', {}],
    ['fetchInvalid', {}],
    ['fetchSimSwap', { simSwappedAt: new Date('2020-04-27T10:18:50Z') }],
    ['fetchSimSwapWithoutLastSimSwapDate', { simSwappedAt: NOW }],
    ['fetchSimSwapWithFalseSwapped', { simSwappedAt: null }],
    ['fetchSimSwapAndCallForwarding', { simSwappedAt: new Date('2020-11-05T20:52:09Z') }],
    ['fetchLineTypeIntelligence', { line: 'voip' }],
    ['fetchLineStatusActive', {}],
    ['fetchSmsPumpingRisk', {}],
    ['fetchIdentityMatch', {}],
  ])('its example %s is read', async (name, facts) => {
    const body = examples()[name];
    expect(replyErrors({ status: 200, body })).toEqual([]);
    twilio.fault({ reply: { status: 200, body } });
    expect(await look()).toEqual(facts);
  });

  it.each<[string, KnownNumber]>([
    ['a mobile number', {}],
    ['a number with a new SIM', { simSwap: '2026-11-20T10:00:00Z' }],
    ['one whose SIM changed, nobody says when', { simSwap: true }],
    ['one that nobody knows', { line: null, simSwap: null }],
    ['packages that could not answer', { errors: { line: 60601, simSwap: 60606 } }],
  ])('allows our request, and the double’s answer of %s', async (_, known) => {
    twilio.numbers.set(GRACE, known);
    await look();
    const [exchange] = twilio.exchanges;
    if (!exchange?.reply) throw new Error('nothing was asked');
    expect(document.knows(exchange)).toBe(true);
    expect(document.errorsOfQuery(exchange)).toEqual([]);
    expect(replyErrors(exchange.reply)).toEqual([]);
  });

  it.each<[string, object]>([
    ['a line that is no text', { line_type_intelligence: { type: 7 } }],
    ['a swap that is no yes or no', { sim_swap: { last_sim_swap: { swapped_in_period: 'yes' } } }],
    ['a date in another form', { sim_swap: { last_sim_swap: { last_sim_swap_date: 'yesterday' } } }],
    ['an error code that is text', { sim_swap: { error_code: 'none' } }],
  ])('can say no, to %s', (_, body) => {
    expect(replyErrors({ status: 200, body })).not.toEqual([]);
  });

  it('can say no, to a parameter that is not there', () => {
    const path = `/v2/PhoneNumbers/${GRACE}?Filds=sim_swap`;
    expect(document.errorsOfQuery({ method: 'GET', path })).not.toEqual([]);
  });

  it('the official SDK reads from the double what we read', async () => {
    twilio.numbers.set(GRACE, { line: 'nonFixedVoip', simSwap: '2026-11-20T10:00:00Z' });
    const fields = 'line_type_intelligence,sim_swap';
    const theirs = await twilio.client().lookups.v2.phoneNumbers(GRACE).fetch({ fields });
    expect([theirs.valid, theirs.phoneNumber, theirs.lineTypeIntelligence.type]).toEqual([true, GRACE, 'nonFixedVoip']);
    expect(theirs.simSwap.lastSimSwap).toMatchObject({ last_sim_swap_date: '2026-11-20T10:00:00Z' });
    expect(await look()).toEqual({ line: 'voip', simSwappedAt: new Date('2026-11-20T10:00:00Z') });
  });
});
