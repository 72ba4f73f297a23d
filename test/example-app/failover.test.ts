/** Phones of many countries, every channel, and carriers that are failed on purpose. */
import { afterEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { Guest, startExample, stopExamples } from './guest.js';
import { PHONES } from './phones.js';

afterEach(stopExamples);

interface Seen {
  readonly to: string;
  readonly channel: string;
  readonly channelBy?: string;
  readonly code?: string;
  readonly hops: readonly { readonly carrier: string; readonly outcome: string; readonly cost?: number }[];
}

async function newest({ example }: Guest): Promise<Seen> {
  const { body } = await request(example.app).get('/inbox').set('Accept', 'application/json').expect(200);
  return body.messages.find(({ hops }: Seen) => hops.length > 0);
}

const fails = (guest: Guest, carrier: string, fault: string) =>
  guest.submits('/inbox/carriers', '/inbox/carriers', { carrier, fault });

/** Sets a way of getting codes up, and signs in with it. */
async function enrols(guest: Guest, kind: string, fields: Record<string, string>): Promise<string> {
  const sent = await guest.submits(`/mfa/factors/new/${kind}`, `/mfa/factors/${kind}`, fields);
  const [action = ''] = /\/mfa\/factors\/[^"/]+\/confirm/.exec(sent.text) ?? [];
  const { code = '' } = await newest(guest);
  await guest.submits(action.replace('/confirm', ''), action, { code });
  return /\/mfa\/factors\/([^"/]+)\/confirm/.exec(action)?.[1] ?? '';
}

async function signsIn(guest: Guest, factorId: string, channel = 'sms'): Promise<string> {
  await guest.signsOut();
  guest.example.clock.advance(60_000);
  await guest.typesPassword();
  const page = `/mfa/challenge?factor=${factorId}`;
  const asked = await guest.submits(page, '/mfa/challenge', { factorId, channel });
  if (asked.status !== 200) return asked.text;
  return (await guest.answers({ code: (await newest(guest)).code ?? '' }, page)).text;
}

async function ada(): Promise<Guest> {
  const guest = new Guest(startExample(), 'ada');
  await guest.signsUp();
  await guest.addsApp();
  return guest;
}

describe('the example app sends codes', () => {
  it.each(PHONES)('to a phone of $country, by the way that is cheapest there', async ({ country, e164 }) => {
    const guest = await ada();
    await enrols(guest, 'phone', { phone: e164 });
    const { to, channel, channelBy, hops } = await newest(guest);
    const isText = ['US', 'CA', 'CN', 'JP', 'KR'].includes(country);
    expect([to, channel, channelBy]).toEqual([e164, isText ? 'sms' : 'whatsapp', 'cost']);
    const carrier = country === 'NG' ? 'carrier-b' : 'carrier-a';
    expect(hops).toEqual([{ carrier, outcome: 'brought', cost: expect.any(Number) }]);
    expect((await guest.sees('/account')).text).toContain('Phone');
  });

  it('by every channel to one phone, and signs in with them', async () => {
    const guest = await ada();
    const factor = await enrols(guest, 'phone', { phone: '+1 201 555 0123' });
    for (const channel of ['sms', 'voice', 'whatsapp', 'flash-call']) {
      expect(await signsIn(guest, factor, channel)).toContain('Welcome');
      expect((await newest(guest)).channel).toBe(channel);
    }
  });

  it('by mail, and signs in with them', async () => {
    const guest = await ada();
    const factor = await enrols(guest, 'email', { email: 'ada@elsewhere.example' });
    expect(await signsIn(guest, factor, 'email')).toContain('Welcome');
  });

  it('not to the mailbox that is the account', async () => {
    const guest = await ada();
    const refused = await guest.submits('/mfa/factors/new/email', '/mfa/factors/email', { email: guest.email });
    expect(refused.status).toBe(422);
  });
});

describe('a script that pumps numbers', () => {
  it('is stopped after a few, with the reason in the audit log, and costs those few', async () => {
    const { app } = startExample();
    const { body } = await request(app).post('/inbox/pump').send({}).expect(200);
    const { asked, sent, refused, email } = body;
    expect([asked, email]).toEqual([50, expect.stringMatching(/^pump\d+@example\.com$/)]);
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(25);
    expect(refused).toEqual([{ why: 'limited', limit: 'neighbours', times: asked - sent }]);
    const inbox = await request(app).get('/inbox').set('Accept', 'application/json').expect(200);
    expect(inbox.body.messages.filter(({ channel }: Seen) => channel === 'sms')).toHaveLength(sent);
  });

  it('is stopped by the money of a country, where its numbers are no neighbours', async () => {
    const { app } = startExample();
    const { body } = await request(app).post('/inbox/pump').send({ script: 'spread' }).expect(200);
    const { asked, sent, refused } = body;
    expect(sent).toBeGreaterThan(0);
    expect(refused).toEqual([{ why: 'limited', limit: 'country_money', times: asked - sent }]);
    const { spent } = (await request(app).get('/inbox/fraud').set('Accept', 'application/json').expect(200)).body;
    expect(spent.NZ).toBeGreaterThan(0.5);
    expect(spent.NZ).toBeLessThanOrEqual(1);
    const page = await request(app).get('/inbox').set('Accept', 'text/html').expect(200);
    expect(page.text).toContain('the money for codes to this country is spent for this day');
  });

  it('is not there in production', async () => {
    await request(startExample({ showInbox: false }).app)
      .post('/inbox/pump')
      .send({})
      .expect(404);
  });
});

describe('with a carrier that is failed on purpose', () => {
  it.each([
    ['down', 'was down'],
    ['key', 'refused our key'],
    ['lost', 'took it, and its answer was lost'],
  ])('(%s) people still sign in, and the inbox shows the hop', async (fault, words) => {
    const guest = await ada();
    const factor = await enrols(guest, 'phone', { phone: '+1 201 555 0123' });
    await fails(guest, 'carrier-a', fault);
    expect(await signsIn(guest, factor)).toContain('Welcome');
    const { hops } = await newest(guest);
    expect(hops.map(({ carrier, outcome }) => `${carrier} ${outcome}`)).toEqual([
      `carrier-a ${fault}`,
      'carrier-b brought',
    ]);
    const { text } = await guest.sees('/inbox');
    expect(text).toContain(`<strong>Carrier A</strong> ${words}`);
    expect(text).toContain('<strong>Carrier B</strong> took it');
    expect((await guest.sees('/activity')).text).toContain('by way of Carrier A and then Carrier B');
  });

  it('(blocked) nobody else is asked', async () => {
    const guest = await ada();
    const factor = await enrols(guest, 'phone', { phone: '+1 201 555 0123' });
    await fails(guest, 'carrier-a', 'blocked');
    expect(await signsIn(guest, factor)).not.toContain('Welcome');
    expect((await newest(guest)).hops).toEqual([{ carrier: 'carrier-a', outcome: 'blocked', why: 'blocked' }]);
  });

  it('shows who is left alone, and that it comes back', async () => {
    const guest = await ada();
    const factor = await enrols(guest, 'phone', { phone: '+1 201 555 0123' });
    await fails(guest, 'carrier-a', 'key');
    await signsIn(guest, factor);
    expect((await guest.sees('/inbox/carriers')).text).toContain('Left alone for sms to US until');
    await fails(guest, 'carrier-a', 'none');
    guest.example.clock.advance(60_000);
    // Whoever it failed for is not who tries it out.
    const grace = new Guest(guest.example, 'grace');
    await grace.signsUp();
    await enrols(grace, 'phone', { phone: '+1 212 555 0100' });
    expect((await newest(guest)).hops).toMatchObject([{ carrier: 'carrier-a', outcome: 'brought' }]);
    expect((await guest.sees('/inbox/carriers')).text).not.toContain('Left alone');
  });

  it('takes JSON, refuses what is no fault, and needs the token of a form', async () => {
    const { app } = startExample();
    const agent = request.agent(app);
    await agent.post('/inbox/carriers').send({ carrier: 'carrier-b', fault: 'down' }).expect(200);
    const { body } = await agent.get('/inbox/carriers').set('Accept', 'application/json').expect(200);
    expect(body).toMatchObject({ faults: { 'carrier-a': 'none', 'carrier-b': 'down' }, resting: [] });
    await agent.post('/inbox/carriers').send({ carrier: 'carrier-c', fault: 'down' }).expect(422);
    await agent.post('/inbox/carriers').type('form').send({ carrier: 'carrier-b', fault: 'none' }).expect(403);
  });

  it('has no such page in production', async () => {
    const { app } = startExample({ showInbox: false });
    await request(app).post('/inbox/carriers').send({ carrier: 'carrier-a', fault: 'down' }).expect(404);
  });
});
