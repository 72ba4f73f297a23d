import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { twilioCalls } from '../../src/delivery/twilio.js';
import type { Fault } from '../doubles/faults.js';
import { spoken } from '../doubles/twilio/twiml.js';
import { refusal } from '../doubles/twilio/wire.js';
import { type TwilioDouble, twilioDouble } from '../doubles/twilio.js';
import { ADA, aJob, OFFICE, patiently, tooLate, within } from './sending.js';

describe('Twilio Calls', () => {
  let twilio: TwilioDouble;

  beforeEach(async () => {
    twilio = await twilioDouble();
  });
  afterEach(() => twilio.close());

  const call = (changes: Parameters<typeof aJob>[0] = {}, context = patiently()) =>
    twilioCalls({ client: twilio.client(), from: OFFICE }).send(aJob({ channel: 'voice', ...changes }), context);
  const twiml = () => String(twilio.exchanges.at(-1)?.form.Twiml);

  it('calls, and gives up ringing before most mailboxes answer', async () => {
    expect(await call()).toEqual({ sent: 'yes', ref: expect.stringMatching(/^CA[0-9a-f]{32}$/), codeOwner: 'ours' });
    expect(twilio.exchanges[0]?.form).toEqual({ To: ADA, From: OFFICE, Twiml: expect.any(String), Timeout: '20' });
  });

  it('speaks the code digit by digit, twice, each time after a pause', async () => {
    await call();
    expect(spoken(twiml())).toEqual(Array(2).fill('0, 4, 8, 2, 9, 1 is your Acme code.'));
    expect(twiml()).toMatch(
      /<Response><Pause length="2"\/><Say>.*<\/Say><Pause length="2"\/><Say>.*<\/Say><\/Response>$/,
    );
    expect(twilio.codeFor(ADA)).toBe('048291');
  });

  it('never speaks the code as one number', async () => {
    await call({ text: 'Code 048291. Again: 048291.' });
    expect(twiml()).not.toContain('048291');
  });

  it('adds the code to a text that does not hold it, and to no text at all', async () => {
    await call({ text: 'Your code is' });
    expect(spoken(twiml())[0]).toBe('Your code is 0, 4, 8, 2, 9, 1');
    const { text: _none, ...job } = aJob({ channel: 'voice' });
    await twilioCalls({ client: twilio.client(), from: OFFICE }).send(job, patiently());
    expect(spoken(twiml())[0]).toBe('Acme 0, 4, 8, 2, 9, 1');
  });

  it('speaks a name with markup in it, and runs none of it', async () => {
    const issuer = '</Say><Dial>+12025550111</Dial>&"\'\u0000\u{1F600}';
    expect(await call({ text: `${issuer} 048291` })).toMatchObject({ sent: 'yes' });
    expect(spoken(twiml())[0]).toBe('</Say><Dial>+12025550111</Dial>&"\'\u{1F600} 0, 4, 8, 2, 9, 1');
    expect(twiml()).not.toContain('<Dial>');
  });

  it.each([
    ['de', 'de-DE'],
    ['en-AU', 'en-AU'],
    ['pt_BR', 'pt-BR'],
    ['zh-Hant', 'zh-TW'],
    ['zh-Hant-HK', 'zh-HK'],
    ['zh-Hans', 'zh-CN'],
    ['en"><Dial>', undefined],
    ['tlh', undefined],
  ])('speaks the locale %s as %s', async (locale, language) => {
    expect(await call({ locale })).toMatchObject({ sent: 'yes' });
    expect(/<Say language="([^"]*)"/.exec(twiml())?.[1]).toBe(language);
  });

  it.each([
    ['a channel it does not offer', { channel: 'sms' }, patiently(), { sent: 'no', why: 'channel_unavailable' }],
    ['no code', { code: '' }, patiently(), { sent: 'no', why: 'config' }],
    ['no time left', {}, tooLate(), { sent: 'no', why: 'timeout' }],
  ] as const)('asks nothing of Twilio with %s', async (_what, changes, context, expected) => {
    expect(await call(changes, context)).toEqual(expected);
    expect(twilio.exchanges).toEqual([]);
  });

  it.each<[string, Fault, object]>([
    ['the country is off', { reply: refusal(400, 21215, ADA) }, { sent: 'no', why: 'blocked' }],
    ['the number is none', { reply: refusal(400, 21211, ADA) }, { sent: 'no', why: 'invalid_destination' }],
    ['a gateway answers', { html: 503 }, { sent: 'unknown', why: 'unavailable' }],
    ['the connection breaks', { reset: true, after: true }, { sent: 'unknown', why: 'unavailable' }],
    ['no answer comes', { hang: true }, { sent: 'unknown', why: 'timeout' }],
    ['the call failed at once', aCall({ status: 'failed' }), { sent: 'no', why: 'unreachable' }],
    ['the answer is not a call', aCall({ sid: 'SM1' }), { sent: 'unknown', why: 'unavailable' }],
  ])('%s: one request, what is known of it, and nothing that was in it', async (_what, fault, expected) => {
    twilio.fault({ ...fault, times: 5 });
    // Only a call that nobody answers has to be given up.
    const result = await call({}, 'hang' in fault || 'slowMs' in fault ? within(100) : patiently());
    expect(result).toMatchObject(expected);
    expect(twilio.exchanges).toHaveLength(1);
    const seen = inspect(result, { depth: null, showHidden: true }) + JSON.stringify(result);
    for (const secret of [twilio.authToken, twilio.accountSid, ADA, '048291', '0, 4, 8'])
      expect(seen).not.toContain(secret);
  });

  it('needs the number that calls', () => {
    const setUp = () => twilioCalls({ client: twilio.client(), from: 'Acme' });
    expect(setUp).toThrow(expect.objectContaining({ code: 'set_up', message: expect.stringMatching(/E\.164/) }));
  });
});

function aCall(changes: object): Fault {
  return { reply: { status: 201, body: { sid: `CA${'a'.repeat(32)}`, status: 'queued', ...changes } } };
}
