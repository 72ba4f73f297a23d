/** What the carriers of the developer inbox tell afterwards, over HTTP and signed, and where a person sees it. */
import { afterEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { trialAccount } from '../../example-app/trial/reports.js';
import { twilioCallback } from '../doubles/callbacks.js';
import { Guest, listens, startExample, stopExamples } from './guest.js';

afterEach(stopExamples);

/** Somebody who asked for a code and waits for it. */
async function waiting(
  fault = 'none',
): Promise<{ readonly guest: Guest; readonly page: string; readonly url: string }> {
  const example = startExample();
  const url = await listens(example);
  const guest = new Guest(example, 'ada');
  await guest.signsUp();
  await guest.addsApp();
  await guest.submits('/inbox/carriers', '/inbox/carriers', { carrier: 'carrier-a', fault });
  const sent = await guest.submits('/mfa/factors/new/phone', '/mfa/factors/phone', { phone: '+1 201 555 0123' });
  const [action = ''] = /\/mfa\/factors\/[^"/]+\/confirm/.exec(sent.text) ?? [];
  return { guest, page: action.replace('/confirm', ''), url };
}

const carriersOf = async ({ example }: Guest) =>
  (await request(example.app).get('/inbox/carriers').set('Accept', 'application/json').expect(200)).body.carriers;

describe('the carriers of the developer inbox', () => {
  it('tell that a text has arrived: the page of the code says so, the inbox, and the activity', async () => {
    const { guest, page } = await waiting();
    expect((await guest.sees('/inbox')).text).not.toContain('→');
    await guest.example.mailbox.reports.tellNow();
    expect((await guest.sees('/inbox')).text).toContain('took it · $0.008 → <span class="delivered">delivered</span>');
    expect((await guest.sees('/activity')).text).toContain('Carrier A says that the code by text message has arrived');
    expect((await guest.sees(page)).text).toContain('has been delivered');
    expect(await carriersOf(guest)).toMatchObject([
      { carrier: 'carrier-a', taken: 1, delivered: 1, undelivered: 0, answered: 0, spent: 0.008 },
      { carrier: 'carrier-b', taken: 0 },
    ]);
  });

  it('tell that it did not, and want the money all the same', async () => {
    const { guest, page } = await waiting('swallowed');
    expect((await guest.sees('/inbox')).text).toContain('Nothing arrived.');
    await guest.example.mailbox.reports.tellNow();
    expect((await guest.sees('/inbox')).text).toContain('<span class="undelivered">not delivered</span>');
    expect((await guest.sees('/activity')).text).toContain('did not arrive: the carrier filtered it out');
    expect((await guest.sees(page)).text).toContain('could not be delivered');
    expect((await carriersOf(guest))[0]).toMatchObject({ taken: 1, delivered: 0, undelivered: 1, spent: 0.008 });
  });

  it('count codes that were answered', async () => {
    const { guest, page } = await waiting();
    await guest.submits(page, `${page}/confirm`, { code: await guest.textedCode() });
    expect((await carriersOf(guest))[0]).toMatchObject({ taken: 1, answered: 1 });
    expect((await guest.sees('/inbox/carriers')).text).toContain('1 (100 %)');
  });

  it('are heard once, however often they repeat themselves', async () => {
    const { guest } = await waiting();
    await guest.example.mailbox.reports.tellNow();
    await guest.example.mailbox.reports.tellNow();
    expect((await guest.sees('/activity')).text.match(/has arrived/g)).toHaveLength(1);
  });

  it('are not believed without the token of the account', async () => {
    const { guest, url } = await waiting();
    const forged = await fetch(`${url}/webhooks/twilio`, {
      method: 'POST',
      headers: { 'x-twilio-signature': Buffer.alloc(20).toString('base64') },
      body: new URLSearchParams({ MessageSid: `SM${'0'.repeat(32)}`, MessageStatus: 'delivered' }),
    });
    expect(forged.status).toBe(403);
    expect((await guest.sees('/activity')).text).not.toContain('has arrived');
  });

  it('have a token of their own for each app, the same in all its processes', () => {
    const [one, again, other] = ['a secret', 'a secret', 'another secret'].map((secret) => trialAccount(secret));
    expect(one).toEqual(again);
    expect(one?.authToken).not.toBe(other?.authToken);
    expect(trialAccount('a secret', 'https://bank.example').webhookUrl).toBe('https://bank.example/webhooks/twilio');
  });

  it('are nowhere in production, and real ones are', async () => {
    const production = { showInbox: false, baseUrl: 'http://bank.example' };
    await request(startExample(production).app).post('/webhooks/twilio').send({}).expect(404);
    const webhooks = { twilio: { authTokens: ['a'.repeat(32)] } };
    const { app } = startExample({ ...production, webhooks });
    await request(app).post('/webhooks/twilio').send({}).expect(403);
    const call = twilioCallback('a'.repeat(32), 'http://bank.example/webhooks/twilio', { MessageStatus: 'delivered' });
    await request(app).post('/webhooks/twilio').set(call.headers).send(call.body).expect(204);
  });
});
