/** Every route as a page and as JSON: what it answers, where it leads, and what it says when it cannot. */
import { describe, expect, it } from '@jest/globals';
import express from 'express';
import session from 'express-session';
import request, { type Response } from 'supertest';
import type { HttpDeps } from '../../src/http/http-deps.js';
import { sendProblem } from '../../src/http/reply.js';
import { backupCodes, createMfa, ERRORS, type ErrorCode, inbox, sms, totp } from '../../src/index.js';
import { createHost, type HostOptions, type TestHost, testClock } from '../support/host.js';
import { hiddenFields, Person } from '../support/person.js';
import { pathOf, routesOf } from '../support/routes.js';

function smallHost(options: HostOptions = {}, clock = testClock()): TestHost {
  const texts = inbox({ now: clock });
  const factors = [totp(), sms({ via: texts, countries: ['US', 'AU'] }), backupCodes({ count: 5 })];
  return { ...createHost({ ...options, mfa: { factors, ...options.mfa } }, clock), inbox: texts };
}

/** Signed in, with a fresh proof by an app, and a phone set up as well. */
async function withPhone(host: TestHost): Promise<{ ada: Person; phone: string }> {
  const ada = await new Person(host, 'ada').enrolsTotp();
  const begun = await ada.post('/mfa/factors/sms', { phone: '+1 212 555 0100', name: 'Old phone' }).expect(201);
  await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.texted() }).expect(200);
  host.clock.advance(61_000);
  return { ada, phone: begun.body.id };
}

async function pending(host: TestHost): Promise<{ ada: Person; phone: string }> {
  const { ada, phone } = await withPhone(host);
  await ada.signsOut();
  await ada.password().expect(200);
  return { ada, phone };
}

const page = (person: Person, path: string) => person.agent.get(path).set('Accept', 'text/html');
const heading = (answer: Response) => /<h1[^>]*>([^<]*)<\/h1>/.exec(answer.text)?.[1];

describe('pages and their JSON twins', () => {
  it('the challenge: straight to the factor that suggests itself, or all of them', async () => {
    const { ada, phone } = await pending(smallHost());
    const chooser = await page(ada, '/mfa/challenge').expect(200);
    expect(heading(chooser)).toBe('Choose how to confirm it is you');
    expect(heading(await page(ada, '/mfa/challenge?factor=totp').expect(200))).toBe('Enter your code');
    expect(heading(await page(ada, `/mfa/challenge?factor=${phone}`).expect(200))).toBe('Get a code');
    expect(heading(await page(ada, '/mfa/challenge?factor=backup-codes').expect(200))).toBe('Enter a backup code');
    expect(heading(await page(ada, '/mfa/challenge?factor=nonsense').expect(200))).toBe(
      'Choose how to confirm it is you',
    );
    const { body } = await ada.get('/mfa/challenge').expect(200);
    expect(body).toEqual({
      purpose: 'sign-in',
      factors: [
        { factorId: 'totp', kind: 'totp', name: 'Authenticator app', digits: 6 },
        {
          factorId: phone,
          kind: 'sms',
          name: 'Old phone',
          digits: 6,
          destination: '••••••••00',
          channels: ['sms'],
          suggestedChannel: 'sms',
          lastChannel: 'sms',
        },
        { factorId: 'backup-codes', kind: 'backup-codes', name: 'backup-codes' },
      ],
      challenges: [],
      expiresAt: expect.stringMatching(/^2096-11-21T12:1\d:\d\d\.\d{3}Z$/),
      next: { action: 'challenge', href: '/mfa/challenge' },
      csrfToken: expect.any(String),
    });
  });

  it('sending: 202, or back to the page that says so', async () => {
    const { ada, phone } = await pending(smallHost());
    const sent = await ada.post('/mfa/challenge', { factorId: phone }).expect(202);
    expect(sent.body).toEqual({
      challengeId: expect.any(String),
      factorId: phone,
      channel: 'sms',
      destination: '••••••••00',
      expiresAt: expect.any(String),
      resendAt: expect.any(String),
    });
    expect(Date.parse(sent.body.resendAt) - ada.host.clock()).toBe(30_000);
    const asked = await page(ada, `/mfa/challenge?factor=${phone}`);
    expect(asked.text).toContain('You can ask for a new code in 30 seconds');
    ada.host.clock.advance(30_000);
    const again = await ada.submits(`/mfa/challenge?factor=${phone}`, '/mfa/challenge', { factorId: phone });
    expect([again.status, again.headers.location]).toEqual([303, `/mfa/challenge?factor=${phone}&sent=1`]);
    const shown = await page(ada, again.headers.location ?? '').expect(200);
    expect(shown.text).toContain('role="status">A code is on its way to you');
    const quiet = await ada.post('/mfa/challenge', { factorId: ada.factorId }).expect(202);
    expect(quiet.body).toEqual({ factorId: ada.factorId });
  });

  it('a right code: on to where the sign-in was going', async () => {
    const { ada } = await pending(smallHost());
    const done = await ada.submits('/mfa/challenge?factor=totp', '/mfa/challenge/verify', { code: ada.nextCode() });
    expect([done.status, done.headers.location]).toEqual([303, '/app']);
    const { ada: bob } = await pending(smallHost());
    expect((await bob.verify({ code: bob.nextCode() }).expect(200)).body).toEqual({
      authenticated: true,
      redirectTo: '/app',
      next: { action: 'continue', href: '/app' },
      csrfToken: expect.any(String),
    });
  });

  it('cancelling', async () => {
    const { ada } = await pending(smallHost());
    const html = await ada.submits('/mfa/challenge', '/mfa/challenge/cancel');
    expect([html.status, html.headers.location]).toEqual([303, '/login']);
    await ada.get('/mfa/challenge').expect(401);
    await ada.password().expect(200);
    const json = await ada.post('/mfa/challenge/cancel').expect(200);
    expect(json.body).toEqual({ cancelled: true, next: { action: 'sign_in', href: '/login' } });
    await ada.get('/app').expect(401);
  });

  it('the settings', async () => {
    const { ada, phone } = await withPhone(smallHost());
    const shown = await page(ada, '/mfa/factors').expect(200);
    expect(heading(shown)).toBe('Two-step sign-in');
    expect(shown.text).toContain('Old phone');
    const { body } = await ada.get('/mfa/factors').expect(200);
    expect(body).toEqual((await ada.get('/mfa/status').expect(200)).body);
    expect(body).toMatchObject({
      enabled: true,
      canAdd: ['totp', 'sms'],
      backupCodes: { left: 5, total: 5, low: false },
      policy: { required: false, canDisable: true },
      fresh: true,
    });
    expect(body.factors.find(({ id }: { id: string }) => id === phone)).toEqual({
      id: phone,
      kind: 'sms',
      name: 'Old phone',
      destination: '••••••••00',
      createdAt: expect.any(String),
      lastUsedAt: expect.any(String),
      lastChannel: 'sms',
    });
    await page(ada, '/mfa/status').expect(303).expect('Location', '/mfa/factors');
    await page(ada, '/mfa').expect(303).expect('Location', '/mfa/factors');
  });

  it('a set-up with an app: begin, show again, confirm', async () => {
    const ada = new Person(smallHost(), 'ada');
    await ada.password().expect(302);
    expect(heading(await page(ada, '/mfa/factors/new/totp').expect(200))).toBe('Set up an authenticator app');
    const begun = await ada.submits('/mfa/factors/new/totp', '/mfa/factors/totp', { name: 'Mine' });
    expect(begun.status).toBe(303);
    const path = String(begun.headers.location);
    const shown = await page(ada, path).expect(200);
    expect(shown.text).toContain('<svg');
    const json = await ada.get(path).expect(200);
    expect(json.body).toMatchObject({
      kind: 'totp',
      name: 'Mine',
      secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
      uri: expect.stringMatching(/^otpauth:\/\/totp\/Acme:/),
      qrSvg: expect.stringMatching(/^<svg/),
      digits: 6,
      period: 30,
      algorithm: 'SHA1',
      confirm: { method: 'POST', href: `${path}/confirm` },
    });
    ada.secret = json.body.secret;
    const done = await ada.submits(path, `${path}/confirm`, { code: ada.code() });
    expect([done.status, done.headers.location]).toEqual([303, '/mfa/backup-codes']);
    // It is a factor now, and is never shown again.
    await page(ada, path).expect(404);
    await ada.get(path).expect(404);
  });

  it('a set-up with a phone: the second factor brings no new codes', async () => {
    const ada = await new Person(smallHost(), 'ada').enrolsTotp();
    expect(heading(await page(ada, '/mfa/factors/new/sms').expect(200))).toBe('Set up text messages');
    const begun = await ada.submits('/mfa/factors/new/sms', '/mfa/factors/sms', {
      phone: '(212) 555-0100',
      country: 'US',
    });
    expect(begun.headers.location).toMatch(/^\/mfa\/factors\/sms\..+\?sent=1$/);
    const path = String(begun.headers.location).replace('?sent=1', '');
    expect((await page(ada, `${path}?sent=1`).expect(200)).text).toContain('A code is on its way to you');
    ada.host.clock.advance(5_000);
    await ada.post(`${path}/resend`).expect(429, /send_limited/);
    ada.host.clock.advance(25_000);
    const resent = await ada.post(`${path}/resend`).expect(202);
    expect(resent.body).toMatchObject({ sent: { channel: 'sms', destination: '••••••••00', resendsLeft: 2 } });
    const done = await ada.submits(path, `${path}/confirm`, { code: ada.texted() });
    expect([done.status, done.headers.location]).toEqual([303, '/mfa/factors?done=factor_added']);
    expect((await page(ada, '/mfa/factors?done=factor_added')).text).toContain('Added. You can use it');
    expect((await page(ada, '/mfa/factors?done=<script>')).text).not.toContain('script>alert');
  });

  it('renaming and removing, by form, PATCH and DELETE', async () => {
    const { ada, phone } = await withPhone(smallHost());
    expect(heading(await page(ada, `/mfa/factors/${phone}/rename`).expect(200))).toBe('Rename Old phone');
    const renamed = await ada.submits(`/mfa/factors/${phone}/rename`, `/mfa/factors/${phone}/rename`, { name: 'Desk' });
    expect([renamed.status, renamed.headers.location]).toEqual([303, '/mfa/factors?done=factor_renamed']);
    await ada.agent
      .patch(`/mfa/factors/${phone}`)
      .set('Accept', 'application/json')
      .send({ name: 'Wall' })
      .expect(200, { id: phone, renamed: true });
    expect(heading(await page(ada, `/mfa/factors/${phone}/remove`).expect(200))).toBe('Remove Wall?');
    const removed = await ada.submits(`/mfa/factors/${phone}/remove`, `/mfa/factors/${phone}/remove`);
    expect([removed.status, removed.headers.location]).toEqual([303, '/mfa/factors?done=factor_removed']);
    await ada.delete(`/mfa/factors/${ada.factorId}`).expect(200, { removed: true });
    expect((await ada.get('/mfa/status')).body).toMatchObject({ enabled: false, factors: [], backupCodes: null });
  });

  it('turning everything off', async () => {
    const { ada } = await withPhone(smallHost());
    expect(heading(await page(ada, '/mfa/disable').expect(200))).toBe('Turn off the second step?');
    const off = await ada.submits('/mfa/disable', '/mfa/disable');
    expect([off.status, off.headers.location]).toEqual([303, '/mfa/factors?done=disabled']);
    await page(ada, '/mfa/disable').expect(404);
    await ada.signsOut();
    await ada.password().expect(302);
  });

  it('backup codes: shown until they are called saved, kept by download, then only counted', async () => {
    const { ada } = await withPhone(smallHost());
    const question = await page(ada, '/mfa/backup-codes/new').expect(200);
    expect(heading(question)).toBe('Make new backup codes?');
    const made = await ada.submits('/mfa/backup-codes/new', '/mfa/backup-codes');
    expect([made.status, made.headers.location]).toEqual([303, '/mfa/backup-codes']);
    const shown = await page(ada, '/mfa/backup-codes').expect(200);
    const codes = [...shown.text.matchAll(/<li><code>([0-9A-Z-]{15})<\/code>/g)].map(([, code]) => code);
    expect(codes).toHaveLength(5);
    const file = await ada.agent.get('/mfa/backup-codes/download').expect(200);
    expect(file.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': 'attachment; filename="backup-codes.txt"',
      'cache-control': 'no-store',
    });
    expect(file.text).toBe(`Acme - backup codes, 2096-11-21\nEach code works once.\n\n${codes.join('\n')}\n`);
    // JSON clients got them in the answer that made them.
    expect((await ada.get('/mfa/backup-codes')).body).toEqual({ left: 5, total: 5, low: false });

    const unsaved = await ada.submits('/mfa/backup-codes', '/mfa/backup-codes/saved');
    expect(unsaved.status).toBe(422);
    expect(unsaved.text).toContain('<title>Error: Save your backup codes - Acme</title>');
    expect(unsaved.text).toContain(String(codes[0]));
    await ada.post('/mfa/backup-codes/saved').expect(422, /"field":"saved"/);
    const saved = await ada.submits('/mfa/backup-codes', '/mfa/backup-codes/saved', { saved: 'on' });
    expect([saved.status, saved.headers.location]).toEqual([303, '/mfa/factors?done=codes_saved']);
    const later = await page(ada, '/mfa/backup-codes').expect(200);
    expect(heading(later)).toBe('Backup codes');
    expect(later.text).not.toContain(String(codes[0]));
    await page(ada, '/mfa/backup-codes/download').expect(404);
    // A form that was left open until the codes were gone.
    const { csrfToken } = (await ada.get('/mfa/challenge')).body;
    const late = ada.agent.post('/mfa/backup-codes/saved').set('Accept', 'text/html').type('form');
    await late.send({ _mfa_csrf: csrfToken }).expect(303).expect('Location', '/mfa/backup-codes');
    await ada.post('/mfa/backup-codes/saved', { saved: true }).expect(200, { saved: true });
    const json = await ada.post('/mfa/backup-codes').expect(201);
    expect(json.body).toEqual({ codes: expect.arrayContaining([expect.any(String)]), csrfToken: expect.any(String) });
  });

  it('HEAD is GET without the body, on every route', async () => {
    const { ada, phone } = await withPhone(smallHost());
    for (const route of routesOf(ada.host.mfa).filter(({ method }) => method === 'GET')) {
      for (const accept of ['text/html', 'application/json']) {
        const path = pathOf(route, { id: phone, kind: 'totp', name: 'none' });
        const got = await ada.agent.get(path).set('Accept', accept);
        const head = await ada.agent.head(path).set('Accept', accept);
        expect([path, head.status, head.headers['content-type']]).toEqual([
          path,
          got.status,
          got.headers['content-type'],
        ]);
        expect(head.text ?? '').toBe('');
      }
    }
  });
});

describe('a forced enrolment', () => {
  it('by the pages: shut until a factor is set up, then signed in once the codes are saved', async () => {
    const ada = new Person(smallHost({ mfa: { policy: () => 'required' } }), 'ada');
    const parked = await ada.agent
      .post('/login')
      .set('Accept', 'text/html')
      .type('form')
      .send({ username: ada.user.email, password: ada.user.password })
      .expect(303);
    expect(parked.headers.location).toBe('/mfa/factors');
    await page(ada, '/mfa/challenge').expect(303).expect('Location', '/mfa/factors');
    const choice = await page(ada, '/mfa/factors').expect(200);
    expect(heading(choice)).toBe('Set up a second step');
    expect(choice.text).toContain('<strong>ada@acme.example</strong>');
    for (const path of ['/mfa/backup-codes', '/mfa/disable', '/mfa/backup-codes/new', '/mfa/backup-codes/download'])
      await page(ada, path).expect(303).expect('Location', '/mfa/challenge');
    const begun = await ada.submits('/mfa/factors/new/totp', '/mfa/factors/totp');
    const path = String(begun.headers.location);
    ada.secret = (await ada.get(path).expect(200)).body.secret;
    await ada.get('/app').expect(401);
    const done = await ada.submits(path, `${path}/confirm`, { code: ada.code() });
    expect([done.status, done.headers.location]).toEqual([303, '/mfa/backup-codes?return=%2Fapp']);
    await ada.get('/app').expect(200);
    const saved = await ada.submits('/mfa/backup-codes?return=%2Fapp', '/mfa/backup-codes/saved', { saved: 'on' });
    expect([saved.status, saved.headers.location]).toEqual([303, '/app']);
  });

  it('as JSON: each answer says where it goes on', async () => {
    const ada = new Person(smallHost({ mfa: { policy: () => 'required' } }), 'ada');
    const parked = await ada.password().expect(200);
    expect(parked.body).toMatchObject({
      mfaRequired: true,
      factors: [],
      next: { action: 'enrol', href: '/mfa/factors' },
    });
    expect((await ada.get('/mfa/challenge')).body).toMatchObject({ next: { action: 'enrol', href: '/mfa/factors' } });
    expect((await ada.get('/mfa/factors').expect(200)).body).toMatchObject({
      canAdd: ['totp', 'sms'],
      policy: { required: true },
    });
    const begun = await ada.post('/mfa/factors/totp').expect(201);
    ada.secret = begun.body.secret;
    const done = await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.code() }).expect(200);
    expect(done.body).toMatchObject({
      authenticated: true,
      redirectTo: '/app',
      next: { action: 'save_backup_codes', href: '/mfa/backup-codes' },
      enrolment: { kind: 'totp' },
    });
    expect(done.body.backupCodes).toHaveLength(5);
  });
});

describe('what went wrong is said where it went wrong', () => {
  const WRONG =
    /<title>Error: [^<]+ - Acme<\/title>[\s\S]*<div class="mfa-summary" role="alert"[\s\S]*There is a problem/;

  it('a wrong code: the page again with 422, without what was typed', async () => {
    const { ada } = await pending(smallHost());
    const wrong = await ada.submits('/mfa/challenge?factor=totp', '/mfa/challenge/verify', { code: '246802' });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toMatch(WRONG);
    expect(wrong.text).toContain('<a href="#code">That code is not right. Check it and try again</a>');
    expect(wrong.text).not.toContain('246802');
    const malformed = await ada.submits('/mfa/challenge?factor=totp', '/mfa/challenge/verify', { code: 'abc' });
    expect(malformed.status).toBe(422);
    expect(malformed.text).toContain('The code must be 6 numbers');
    const json = await ada.verify({ code: '246803', factorId: 'totp' }).expect(422);
    expect(json.body).toMatchObject({ code: 'code_wrong', field: 'code', attemptsLeft: 3 });
  });

  it('out of tries: 410, and a new challenge is one press away', async () => {
    const { ada } = await pending(smallHost());
    for (let guess = 0; guess < 5; guess += 1) await ada.verify({ code: '246804', factorId: 'totp' }).expect(422);
    const over = await ada.submits('/mfa/challenge?factor=totp', '/mfa/challenge/verify', { code: ada.nextCode() });
    expect(over.status).toBe(410);
    expect(over.text).toContain('Too many tries with that code');
    expect(over.text).toContain('action="/mfa/challenge/cancel"');
  });

  it('locked: 429 with Retry-After, as a page and as JSON', async () => {
    const { ada } = await pending(smallHost());
    const browsers = [ada, ada.elsewhere(), ada.elsewhere()];
    for (const browser of browsers.slice(1)) await browser.password().expect(200);
    for (const browser of browsers.slice(0, 2)) {
      for (let guess = 0; guess < 5; guess += 1) await browser.verify({ code: '246805', factorId: 'totp' }).expect(422);
    }
    const [, , third = ada] = browsers;
    const locked = await third.submits('/mfa/challenge?factor=totp', '/mfa/challenge/verify', {
      code: third.nextCode(),
    });
    expect(locked.status).toBe(429);
    expect(Number(locked.headers['retry-after'])).toBeGreaterThan(800);
    expect(locked.text).toMatch(/Too many tries. Try again in 1\d minutes or use another way/);
    const json = await third.verify({ code: third.nextCode(), factorId: 'totp' }).expect(429);
    expect(json.body).toMatchObject({ code: 'user_locked', retryAfterSeconds: Number(json.headers['retry-after']) });
  });

  it('no further text yet: 429 with Retry-After on every page that can ask for one', async () => {
    const { ada, phone } = await pending(smallHost());
    await ada.post('/mfa/challenge', { factorId: phone }).expect(202);
    ada.host.clock.advance(5_000);
    const html = await ada.submits(`/mfa/challenge?factor=${phone}`, '/mfa/challenge', { factorId: phone });
    const json = await ada.post('/mfa/challenge', { factorId: phone }).expect(429);
    expect(html.status).toBe(429);
    expect([html.headers['retry-after'], json.headers['retry-after']]).toEqual(['25', '25']);
    expect(html.text).toContain('We cannot send another code yet. Try again in 25 seconds or use another way');
  });

  it('a phone that cannot be used: what was typed stays', async () => {
    const ada = await new Person(smallHost(), 'ada').enrolsTotp();
    for (const phone of ['123', '+33 6 12 34 56 78']) {
      const refused = await ada.submits('/mfa/factors/new/sms', '/mfa/factors/sms', { phone, name: 'Desk & chair' });
      expect(refused.status).toBe(422);
      expect(refused.text).toMatch(WRONG);
      expect(refused.text).toContain(`value="${phone}"`);
      expect(refused.text).toContain('value="Desk &amp; chair"');
    }
  });

  it('a wrong set-up code: the same secret again; a phone whose clock is off is told so', async () => {
    const ada = new Person(smallHost(), 'ada');
    await ada.password().expect(302);
    const begun = await ada.post('/mfa/factors/totp').expect(201);
    ada.secret = begun.body.secret;
    const path = `/mfa/factors/${begun.body.id}`;
    const wrong = await ada.submits(path, `${path}/confirm`, { code: '246806' });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toMatch(WRONG);
    expect(wrong.text.replace(/\s/g, '')).toContain(ada.secret);
    const malformed = await ada.submits(path, `${path}/confirm`, { code: 'abc' });
    expect(malformed.status).toBe(422);
    expect(malformed.text).toContain('The code must be 6 numbers');
    const late = await ada.submits(path, `${path}/confirm`, { code: ada.code(-8) });
    expect(late.text).toMatch(/seems to be 4 minutes behind/);
    const json = await ada.post(`${path}/confirm`, { code: ada.code(-8) }).expect(422);
    expect(json.body).toMatchObject({ code: 'code_wrong', clockSkewSeconds: -240 });
  });

  it('a set-up that is over, or one that policy forbids: an error page that leads back to the settings', async () => {
    const ada = new Person(smallHost({ mfa: { policy: () => 'required', freshFor: '20m' } }), 'ada');
    await ada.password().expect(200);
    await ada.addsTotp();
    const begun = await ada.post('/mfa/factors/totp').expect(201);
    const path = `/mfa/factors/${begun.body.id}`;
    ada.host.clock.advance(9 * 60_000);
    const last = await ada.submits(`/mfa/factors/${ada.factorId}/remove`, `/mfa/factors/${ada.factorId}/remove`);
    expect(last.status).toBe(409);
    ada.host.clock.advance(59_000);
    await ada.get(path).expect(200);
    ada.host.clock.advance(1_001);
    await ada.get(path).expect(410);
    const over = await page(ada, path).expect(410);
    expect(over.text).toContain('This set-up has expired. Start it again');
    for (const answer of [last, over])
      expect(answer.text).toContain('href="/mfa/factors">Back to two-step sign-in</a>');
  });

  it('a name that is too long', async () => {
    const { ada, phone } = await withPhone(smallHost());
    const name = 'n'.repeat(65);
    const refused = await ada.submits(`/mfa/factors/${phone}/rename`, `/mfa/factors/${phone}/rename`, { name });
    expect(refused.status).toBe(422);
    expect(refused.text).toMatch(WRONG);
    expect(refused.text).toContain(`value="${name}"`);
  });

  it('too old a proof: to the challenge and back again', async () => {
    const { ada, phone } = await withPhone(smallHost());
    ada.host.clock.advance(11 * 60_000);
    const asked = await page(ada, `/mfa/factors/${phone}/remove`).expect(303);
    const back = `/mfa/challenge?return=${encodeURIComponent(`/mfa/factors/${phone}/remove`)}`;
    expect(asked.headers.location).toBe(back);
    const stepUp = await page(ada, back).expect(200);
    expect(stepUp.text).toContain('Choose how to confirm it is you');
    const verified = await ada.submits(`${back}&factor=totp`, '/mfa/challenge/verify', { code: ada.nextCode() });
    expect([verified.status, verified.headers.location]).toEqual([303, `/mfa/factors/${phone}/remove`]);
    await page(ada, `/mfa/factors/${phone}/remove`).expect(200);
    ada.host.clock.advance(11 * 60_000);
    const json = await ada.delete(`/mfa/factors/${phone}`).expect(403);
    expect(json.body).toMatchObject({ code: 'fresh_proof_required', next: { action: 'challenge' } });
    expect(json.headers['www-authenticate']).toMatch(/^Bearer error="insufficient_user_authentication"/);
  });

  it('a sign-in that took too long', async () => {
    const { ada } = await pending(smallHost());
    ada.host.clock.advance(10 * 60_000 + 1);
    const over = await page(ada, '/mfa/challenge').expect(401);
    expect(heading(over)).toBe('Please sign in');
    expect(over.text).toContain('href="/login"');
    const json = await ada.verify({ code: ada.code() }).expect(401);
    expect(json.body).toMatchObject({ code: 'sign_in_again', next: { action: 'sign_in', href: '/login' } });
  });

  it('nobody at all', async () => {
    const eve = new Person(smallHost(), 'eve');
    await page(eve, '/mfa/factors').expect(303).expect('Location', '/login');
    const json = await eve.get('/mfa/factors').expect(401);
    expect(json.body).toMatchObject({ code: 'sign_in_required', next: { action: 'sign_in', href: '/login' } });
  });
});

describe('`return`', () => {
  it('is honoured at a step-up, through the form and through JSON', async () => {
    const { ada } = await withPhone(smallHost());
    const shown = await page(ada, '/mfa/challenge?factor=totp&return=%2Fpayout%3Fa%3D1').expect(200);
    expect(hiddenFields(shown.text, '/mfa/challenge/verify').return).toBe('/payout?a=1');
    const html = await ada.submits('/mfa/challenge?factor=totp&return=%2Fpayout', '/mfa/challenge/verify', {
      code: ada.nextCode(),
    });
    expect(html.headers.location).toBe('/payout');
    const json = await ada.verify({ code: ada.nextCode(), return: '/payout' }).expect(200);
    expect(json.body.redirectTo).toBe('/payout');
  });

  it.each([
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    '/\t/evil.example',
    ['/app'],
    { a: 1 },
  ])('never leads anywhere else: %j', async (wanted) => {
    const { ada } = await withPhone(smallHost());
    const json = await ada.verify({ code: ada.nextCode(), return: wanted }).expect(200);
    expect(json.body.redirectTo).toBe('/');
    const query = new URLSearchParams({ return: String(wanted) });
    const shown = await page(ada, `/mfa/challenge?factor=totp&${query}`).expect(200);
    expect(shown.text).not.toContain('evil');
    const codes = await page(ada, `/mfa/backup-codes?${query}`);
    expect(codes.text).not.toContain('evil');
  });

  it('does not move a sign-in: that goes where it was going when the password was typed', async () => {
    const { ada } = await pending(smallHost());
    const done = await ada.verify({ code: ada.nextCode(), return: '/elsewhere' }).expect(200);
    expect(done.body.redirectTo).toBe('/app');
  });
});

describe('paths and methods that are not there', () => {
  it('are 404 and 405 with what is allowed, as a page and as JSON', async () => {
    const { ada } = await withPhone(smallHost());
    const nowhere = await ada.get('/mfa/nowhere').expect(404);
    expect(nowhere.body).toMatchObject({ code: 'not_found', status: 404 });
    expect(heading(await page(ada, '/mfa/nowhere').expect(404))).toBe('Page not found');
    const allowed: readonly (readonly [string, string])[] = [
      ['/mfa/challenge', 'GET, POST, HEAD'],
      ['/mfa/challenge/verify', 'POST'],
      ['/mfa/status', 'GET, HEAD'],
      [`/mfa/factors/${ada.factorId}`, 'GET, PATCH, DELETE, POST, HEAD'],
      ['/mfa/disable', 'GET, POST, HEAD'],
    ];
    for (const [path, methods] of allowed) {
      const refused = await ada.agent.put(path).set('Accept', 'application/json').send({}).expect(405);
      expect([path, refused.headers.allow, refused.body.code]).toEqual([path, methods, 'method_not_allowed']);
    }
    await page(ada, '/mfa/challenge/verify').expect(405).expect('Allow', 'POST');
    await ada.agent.options('/mfa/status').expect(405);
  });
});

describe('a problem', () => {
  it.each(Object.keys(ERRORS) as ErrorCode[])('is RFC 9457 for %s', async (code) => {
    const app = express();
    app.use((req, res) =>
      sendProblem({ mountPath: '/mfa', signInUrl: '/login' } as HttpDeps, req, res, { ok: false, code }),
    );
    const { body, headers, status } = await request(app).get('/');
    expect(status).toBe(ERRORS[code].status);
    expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toMatchObject({
      type: `urn:express-mfa:error:${code}`,
      title: ERRORS[code].title,
      status,
      code,
      instance: expect.stringMatching(/^urn:uuid:[0-9a-f-]{36}$/),
    });
    if (status === 429 || status === 503) expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
    else expect(headers['retry-after']).toBeUndefined();
  });
});

describe('set up wrongly', () => {
  function app(build: (app: express.Express, mfa: ReturnType<typeof createMfa>) => void) {
    const errors: string[] = [];
    const mfa = createMfa({
      issuer: 'Acme',
      secrets: ['test secret of at least thirty-two characters'],
      users: { findById: () => undefined },
      factors: [totp()],
      sweepEvery: false,
      onError: (error) => errors.push((error as Error).message),
    });
    const server = express();
    build(server, mfa);
    return { ask: () => request(server).get('/mfa/factors').set('Accept', 'application/json'), errors };
  }

  const sessions = session({ secret: 'x', resave: false, saveUninitialized: false });

  it('without the gate: 503, and the host is told what to write', async () => {
    const { ask, errors } = app((server, mfa) => server.use(sessions).use('/mfa', mfa.router()));
    const answer = await ask().expect(503);
    expect(answer.text).not.toContain('gate');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(errors[0]).toContain('Add `app.use(mfa.gate())` after `passport.session()`');
  });

  it('mounted elsewhere than createMfa was told', async () => {
    const { ask, errors } = app((server, mfa) => server.use(sessions, mfa.gate()).use(mfa.router()));
    await ask().expect(503);
    expect(errors[0]).toContain("the router is mounted at `/`, and createMfa was told `mountPath: '/mfa'`");
  });

  it('without a session: 503, never "nobody is signed in"', async () => {
    const { ask, errors } = app((server, mfa) => server.use(mfa.gate()).use('/mfa', mfa.router()));
    await ask().expect(503);
    expect(errors[0]).toContain('Mount `mfa.gate()` after `session()`');
  });
});
