/** A sign-in that looks like somebody else's, tried at one desk, and what the person and whoever runs the app read of it. */
import { afterEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { Guest, startExample, stopExamples } from './guest.js';

afterEach(stopExamples);

const APP = '/mfa/challenge?factor=totp';

/** Has an app and a phone, and a network and country that are known. */
async function settled(): Promise<Guest> {
  const guest = new Guest(startExample(), 'ada');
  await guest.signsUp();
  await guest.addsApp();
  const sent = await guest.submits('/mfa/factors/new/phone', '/mfa/factors/phone', { phone: '+1 201 555 0123' });
  const [action = ''] = /\/mfa\/factors\/[^"/]+\/confirm/.exec(sent.text) ?? [];
  await guest.submits(action.replace('/confirm', ''), action, { code: await guest.textedCode() });
  await guest.signsOut();
  guest.example.clock.advance(60 * 60_000);
  await guest.typesPassword();
  await guest.answers({ code: guest.code() }, APP);
  await guest.signsOut();
  guest.example.clock.advance(60 * 60_000);
  return guest;
}

describe('a sign-in from somewhere else', () => {
  it('on another network is let through, and written down with its reason', async () => {
    const ada = await settled();
    await ada.submits('/inbox/fraud', '/inbox/place', { place: 'network' });
    expect((await ada.typesPassword()).text).toContain('Text message');
    await ada.answers({ code: ada.code() }, APP);
    const { text } = await ada.sees('/activity');
    expect(text).toContain('Risk 0.25 of 1 (a network they never signed in from 0.25): nothing more is asked for');
    expect(text).toContain('from 198.51.100.7');
  });

  it('in another country needs the app, and texts are not offered', async () => {
    const ada = await settled();
    await ada.submits('/inbox/fraud', '/inbox/place', { place: 'country' });
    const { text } = await ada.typesPassword();
    expect(text).toContain('6-digit code');
    expect(text).not.toContain('Text message');
    await ada.answers({ code: ada.code() }, APP);
    expect((await ada.sees('/activity')).text).toContain(
      'Risk 0.63 of 1 (a country they never signed in from 0.5; a network they never signed in from 0.25): a stronger second step is asked for',
    );
  });

  it('is no risk once it is known', async () => {
    const ada = await settled();
    await ada.submits('/inbox/fraud', '/inbox/place', { place: 'country' });
    await ada.typesPassword();
    await ada.answers({ code: ada.code() }, APP);
    await ada.signsOut();
    ada.example.clock.advance(60 * 60_000);
    expect((await ada.typesPassword()).text).toContain('Text message');
  });

  it('is a matter of the desk alone: nobody believes a cookie in production', async () => {
    const { app } = startExample({ showInbox: false, signInLimit: 1 });
    const attempt = (place: string) =>
      request(app).post('/login').set('Cookie', `place=${place}`).send({ email: 'ada@example.com', password: 'guess' });
    await attempt('here').expect(401);
    // From another address it would be the first.
    await attempt('country').expect(429);
  });
});

it('the inbox says how risky a send looked, beside what came of it', async () => {
  const ada = await settled();
  await ada.submits('/inbox/fraud', '/inbox/place', { place: 'network' });
  await ada.typesPassword();
  const { text } = await ada.sees('/mfa/challenge');
  const [, factorId = ''] = /name="factorId" value="([^"]+)"(?:(?!<\/form>).)*Text message/s.exec(text) ?? [];
  await ada.submits('/mfa/challenge', '/mfa/challenge', { factorId, channel: 'sms' });
  const { body } = await request(ada.example.app).get('/inbox').set('Accept', 'application/json').expect(200);
  expect(body.messages[0]).toMatchObject({
    account: ada.email,
    risk: { score: 0.25, reasons: [{ signal: 'new-network' }], action: 'allow' },
  });
});
