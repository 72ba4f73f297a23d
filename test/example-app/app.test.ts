import { afterAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { Guest, PASSWORD, startExample, stopExamples } from './guest.js';

afterAll(stopExamples);

async function withApp(name = 'ada'): Promise<Guest> {
  const guest = new Guest(startExample(), name);
  await guest.signsUp();
  guest.example.clock.advance(1000);
  await guest.addsApp();
  return guest;
}

describe('the example app', () => {
  it('signs up, sets an authenticator app up, signs out, and signs in with the app', async () => {
    const ada = new Guest(startExample(), 'ada');
    expect((await ada.signsUp()).text).toContain('Signed in as <strong>ada@example.com</strong>');
    expect((await ada.addsApp()).text).toContain('10 of 10 left');
    expect((await ada.signsOut()).text).toContain('Create an account');
    await ada.sees('/account');
    expect((await ada.typesPassword()).text).toContain('Enter your code');
    expect((await ada.sees('/payout')).text).toContain('<h1>Sign in</h1>');
    expect((await ada.answers({ code: ada.nextCode() })).text).toContain('<h1>Account</h1>');
  });

  it('signs in with a code from the inbox page', async () => {
    const ada = await withApp();
    const sent = await ada.submits('/mfa/factors/new/phone', '/mfa/factors/phone', { phone: '+1 212 555 0100' });
    const [action = ''] = /\/mfa\/factors\/[^"/]+\/confirm/.exec(sent.text) ?? [];
    await ada.submits(action.replace('/confirm', ''), action, { code: await ada.textedCode() });
    await ada.signsOut();
    ada.example.clock.advance(60_000);
    const chooser = await ada.typesPassword();
    const [, factorId = ''] = /name="factorId" value="([^"]+)"(?:(?!<\/form>).)*Text message/s.exec(chooser.text) ?? [];
    const page = `/mfa/challenge?factor=${factorId}`;
    await ada.submits(page, '/mfa/challenge', { factorId });
    expect((await ada.answers({ code: await ada.textedCode() }, page)).text).toContain('Welcome');
  });

  it('signs in with a backup code, once', async () => {
    const ada = await withApp();
    const [code = ''] = ada.backupCodes;
    const page = '/mfa/challenge?factor=backup-codes';
    await ada.signsOut();
    await ada.typesPassword();
    expect((await ada.answers({ code }, page)).text).toContain('Welcome');
    await ada.signsOut();
    await ada.typesPassword();
    const again = await ada.answers({ code }, page);
    expect(again.status).toBe(422);
    expect(again.text).toContain('That code is not right');
  });

  it('answers a wrong password and an unknown address alike', async () => {
    const ada = await withApp();
    await ada.signsOut();
    const wrong = await ada.typesPassword('not the password at all');
    const unknown = await new Guest(ada.example, 'nobody').typesPassword();
    for (const { status, text } of [wrong, unknown]) {
      expect(status).toBe(401);
      expect(text).toContain('That address and password do not go together');
    }
  });

  it('pays out with a recent second step only, and comes back to the form', async () => {
    const ada = await withApp();
    expect((await ada.submits('/payout', '/payout', { amount: '20' })).text).toContain('Paid');
    ada.example.clock.advance(11 * 60_000);
    expect((await ada.sees('/payout')).text).toContain('please confirm that it is you');
    const back = await ada.answers({ code: ada.code() }, '/mfa/challenge?return=/payout');
    expect(back.text).toContain('<h1>Payout</h1>');
    expect((await ada.submits('/payout', '/payout', { amount: '20' })).text).toContain('Paid');
  });

  it('tells somebody without a second step where to get one for a payout', async () => {
    const ada = new Guest(startExample(), 'ada');
    await ada.signsUp();
    const refused = await ada.sees('/payout');
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('href="/mfa/factors"');
  });

  it('makes people who ticked the box set a second step up before they are in', async () => {
    const ada = new Guest(startExample(), 'ada');
    expect((await ada.signsUp({ requireMfa: 'on' })).text).toContain('Set up a second step');
    expect((await ada.sees('/account')).text).toContain('<h1>Sign in</h1>');
    await ada.addsApp();
    expect((await ada.sees('/account')).text).toContain('<dd>Yes</dd>');
  });

  it('makes everybody do so where the app requires it', async () => {
    const ada = new Guest(startExample({ requireMfa: true }), 'ada');
    expect((await ada.signsUp()).text).toContain('Set up a second step');
  });

  it('ends every session of somebody who changes the password', async () => {
    const ada = await withApp();
    const elsewhere = ada.elsewhere();
    await elsewhere.typesPassword();
    await elsewhere.answers({ code: elsewhere.nextCode() });
    const password = 'another horse, another battery';
    const done = await ada.submits('/account/password', '/account/password', { current: PASSWORD, password });
    expect(done.text).toContain('Your password is changed');
    expect((await elsewhere.sees('/account')).text).toContain('<h1>Sign in</h1>');
    expect((await ada.typesPassword()).status).toBe(401);
    expect((await ada.typesPassword(password)).text).toContain('Enter your code');
    await ada.answers({ code: ada.nextCode() });
    expect((await ada.sees('/activity')).text).toContain('The password was changed');
  });

  it('keeps the change of password from whoever does not know the present one', async () => {
    const ada = await withApp();
    const fields = { current: 'a guess at the password', password: 'another horse, another battery' };
    expect((await ada.submits('/account/password', '/account/password', fields)).status).toBe(422);
    expect((await ada.sees('/account')).text).toContain('<h1>Account</h1>');
  });

  it('shows the events of the signed-in person in pages, and of nobody else', async () => {
    const ada = await withApp();
    const grace = new Guest(ada.example, 'grace');
    await grace.signsUp();
    for (const _ of [1, 2, 3]) {
      await ada.signsOut();
      await ada.typesPassword();
      await ada.answers({ code: ada.nextCode() });
    }
    const first = await ada.sees('/activity');
    const [, older = ''] = /href="(\/activity\?cursor=[^"]+)"/.exec(first.text) ?? [];
    expect((await ada.sees(older)).text).toContain('Signed in with password');
    expect((await grace.sees('/activity')).text.match(/<time/g)).toHaveLength(1);
    expect((await grace.sees('/activity?cursor=made-up')).status).not.toBe(500);
  });

  it('gives people their data, without a secret', async () => {
    const ada = await withApp();
    const { text } = await ada.agent.get('/account/download').expect(200);
    expect(JSON.parse(text)).toMatchObject({
      account: { email: ada.email },
      twoStepSignIn: { factors: [{ kind: 'totp', name: 'Authenticator app' }] },
    });
    expect(text).not.toContain(ada.secret);
    for (const code of ada.backupCodes) expect(text).not.toContain(code);
  });

  it('deletes an account with its second steps, activity and sessions, for whoever knows the password', async () => {
    const ada = await withApp();
    const elsewhere = ada.elsewhere();
    await elsewhere.typesPassword();
    await elsewhere.answers({ code: elsewhere.nextCode() });
    const deletes = (current: string) => ada.submits('/account/delete', '/account/delete', { current });
    expect((await deletes('a guess at the password')).status).toBe(422);
    expect((await ada.sees('/account')).text).toContain('<h1>Account</h1>');
    expect((await deletes(PASSWORD)).text).toContain('Create an account');
    for (const browser of [ada, elsewhere]) {
      expect((await browser.sees('/account')).text).toContain('<h1>Sign in</h1>');
    }
    expect((await ada.typesPassword()).status).toBe(401);
    expect((await ada.signsUp()).text).toContain('Signed in as');
    expect((await ada.sees('/account')).text).toContain('Not set up');
    expect((await ada.sees('/inbox')).text).not.toContain('Added: Authenticator app');
  });

  it('tells whether it is well', async () => {
    const { app } = startExample();
    await request(app).get('/health/ready').expect(200, { status: 'ok' });
    expect((await request(app).get('/health').expect(200)).body).toMatchObject({ stores: [{ name: 'sqlite' }] });
  });

  it('puts notices of changes into the inbox', async () => {
    const ada = await withApp();
    expect((await ada.sees('/inbox')).text).toContain('Added: Authenticator app. If this was not you');
  });

  it('takes JSON on every route', async () => {
    const { app } = startExample();
    const agent = request.agent(app);
    await agent.post('/signup').send({ email: 'ada@example.com', password: PASSWORD }).expect(200);
    await agent.get('/account').set('Accept', 'application/json').expect(200);
    await agent.post('/logout').send({}).expect(200, { signedOut: true });
    await agent.get('/account').set('Accept', 'application/json').expect(401, { code: 'sign_in_required' });
    const credentials = { email: 'ada@example.com', password: PASSWORD };
    await agent
      .post('/login')
      .send({ ...credentials, password: 'wrong' })
      .expect(401, { code: 'password_wrong' });
    await agent.post('/login').send(credentials).expect(200, { authenticated: true, redirectTo: '/' });
    await agent.post('/payout').send({ amount: 1 }).expect(403);
    await agent.get('/inbox').set('Accept', 'application/json').expect(200, { messages: [], stopped: [] });
  });

  it('refuses forms without the token of the session', async () => {
    const ada = new Guest(startExample(), 'ada');
    await ada.signsUp();
    for (const path of ['/logout', '/login', '/signup', '/account/password']) {
      await ada.agent.post(path).type('form').send({}).expect(403);
    }
    expect((await ada.sees('/account')).text).toContain('<h1>Account</h1>');
  });

  it('works in browsers that say nothing of the sender, as over plain http and in older ones', async () => {
    const ada = new Guest(startExample(), 'ada');
    ada.agent.set('Origin', 'null');
    await ada.signsUp();
    expect((await ada.addsApp()).text).toContain('10 of 10 left');
  });

  it('slows down who tries many passwords', async () => {
    const { app } = startExample({ signInLimit: 2 });
    const attempt = () => request(app).post('/login').send({ email: 'ada@example.com', password: 'guess' });
    await attempt().expect(401);
    await attempt().expect(401);
    await attempt().expect(429);
  });

  it('shows no inbox unless it is told to', async () => {
    const { app } = startExample({ showInbox: false });
    await request(app).get('/inbox').expect(404);
    expect((await request(app).get('/')).text).not.toContain('/inbox');
  });
});
