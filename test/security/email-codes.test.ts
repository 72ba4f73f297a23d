/** Codes by e-mail, over a real mail server. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { smtp } from '../../src/delivery/smtp.js';
import { backupCodes, email, type MfaOptions, totp } from '../../src/index.js';
import { type MailServer, mailServer } from '../doubles/mail-server.js';
import { createHost, type TestHost, type TestUser, testClock } from '../support/host.js';
import { Person } from '../support/person.js';

const MAILBOX = 'ada@private.example';

let server: MailServer;
beforeEach(async () => {
  server = await mailServer();
});
afterEach(() => server.close());

type ResetAddresses = Parameters<typeof email<TestUser>>[0]['resetAddresses'];

function aHost(resetAddresses: ResetAddresses = (user) => user.email, more: Partial<MfaOptions<TestUser>> = {}) {
  const via = smtp({ transport: server.transport(), from: 'no-reply@acme.example' });
  const factors = [totp(), email<TestUser>({ via, resetAddresses }), backupCodes()];
  return createHost({ mfa: { factors, ...more } }, testClock());
}

/** Ada, signed in, with a mailbox for codes. */
async function adaWithMailbox(host: TestHost) {
  const ada = new Person(host, 'ada');
  await ada.password().expect(302);
  const begun = await ada.post('/mfa/factors/email', { email: MAILBOX }).expect(201);
  await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: server.codeFor(MAILBOX) }).expect(200);
  host.clock.advance(3_600_000);
  return { ada, factorId: String(begun.body.id) };
}

describe('a code by e-mail', () => {
  it('sets a mailbox up, and signs in', async () => {
    const host = aHost();
    const { ada, factorId } = await adaWithMailbox(host);
    const browser = ada.elsewhere();
    const parked = await browser.password().expect(200);
    expect(parked.body.factors).toMatchObject([
      { kind: 'email', destination: 'a••••••••@private.example' },
      { kind: 'backup-codes' },
    ]);
    await browser.post('/mfa/challenge', { factorId }).expect(202);
    const mail = server.mails.at(-1);
    expect(mail).toMatchObject({ to: [MAILBOX] });
    expect(mail?.source).toContain(`Subject: ${server.codeFor(MAILBOX)} is your Acme code`);
    await browser.verify({ factorId, code: server.codeFor(MAILBOX) }).expect(200);
    await browser.get('/app').expect(200);
  });

  it('is shown in full to whoever types the address, and masked ever after', async () => {
    const host = aHost();
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    const begun = await ada.post('/mfa/factors/email', { email: MAILBOX }).expect(201);
    expect(begun.body).toMatchObject({ email: MAILBOX, sent: { destination: MAILBOX } });
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: server.codeFor(MAILBOX) }).expect(200);
    expect((await ada.get('/mfa/factors').expect(200)).text).not.toContain('ada@private');
    expect(JSON.stringify(host.events)).not.toContain('ada@private');
  });

  it.each([
    ['', 422],
    ['ada', 422],
    ['ada@private.example\r\nBcc: eve@evil.example', 422],
    ['ada@private.example,eve@evil.example', 422],
    [['ada@private.example', 'eve@evil.example'], 422],
    [{ $gt: '' }, 422],
  ])('is not sent to %j', async (typed, status) => {
    const host = aHost();
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    const { body } = await ada.post('/mfa/factors/email', { email: typed }).expect(status);
    expect(body).toMatchObject({ code: 'field_invalid', field: 'email' });
    expect(server.mails).toEqual([]);
  });

  it('is refused at the address where the mail server knows no such mailbox, and nobody speaks of numbers', async () => {
    const host = aHost();
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    server.fault({ at: 'rcpt', status: 550, says: '5.1.1' });
    const { body } = await ada.post('/mfa/factors/email', { email: 'nobody@private.example' }).expect(422);
    expect(body).toMatchObject({ code: 'destination_refused', field: 'email' });
    server.fault({ at: 'rcpt', status: 550, says: '5.1.1' });
    const page = await ada.submits('/mfa/factors/new/email', '/mfa/factors/email', { email: 'nobody@gone.example' });
    expect(page.status).toBe(422);
    expect(page.text).toContain('We cannot send codes to that address. Check it.');
    expect(page.text).toMatch(/<input[^>]*name="email"[^>]*aria-invalid="true"/);
    expect(page.text).not.toContain('number');
  });

  it('is refused at sign-in where the mailbox is gone, and nobody speaks of numbers', async () => {
    const host = aHost();
    const { ada, factorId } = await adaWithMailbox(host);
    const browser = ada.elsewhere();
    await browser.password().expect(200);
    server.fault({ at: 'rcpt', status: 550, says: '5.1.1' });
    const page = await browser.submits(`/mfa/challenge?factor=${factorId}`, '/mfa/challenge', { factorId });
    expect(page.status).toBe(422);
    expect(page.text).toContain('We cannot send codes to that address. Use another way');
    expect(page.text).not.toContain('number');
  });

  it('has a page that asks for the address', async () => {
    const host = aHost();
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    const page = await ada.agent.get('/mfa/factors/new/email').set('Accept', 'text/html').expect(200);
    expect(page.text).toContain('name="email" type="email"');
  });

  it('counts mails to one mailbox together, however the address is written', async () => {
    const host = aHost();
    const statuses: number[] = [];
    for (const [index, typed] of ['eve@x.example', 'EVE@x.example', 'Eve@X.example', 'eve@x.EXAMPLE'].entries()) {
      const somebody = new Person(host, `n${index}`);
      await somebody.password().expect(302);
      statuses.push((await somebody.post('/mfa/factors/email', { email: typed })).status);
    }
    expect(statuses).toEqual([201, 201, 201, 429]);
  });

  it.each([
    ['tags', ['eve@x.example', 'eve+1@x.example', 'eve+2@x.example', 'eve+3@x.example']],
    ['dots of Gmail', ['eve.x@gmail.com', 'evex@gmail.com', 'e.vex@googlemail.com', 'ev.ex+1@gmail.com']],
  ])('counts mails to one mailbox together, whatever its %s', async (_what, addresses) => {
    const host = aHost();
    const statuses: number[] = [];
    for (const [index, typed] of addresses.entries()) {
      const somebody = new Person(host, `n${index}`);
      await somebody.password().expect(302);
      statuses.push((await somebody.post('/mfa/factors/email', { email: typed })).status);
    }
    expect(statuses).toEqual([201, 201, 201, 429]);
  });

  it('to mailboxes that are refused one after another stops nobody else’s', async () => {
    const host = aHost();
    for (let index = 0; index < 5; index += 1) {
      server.fault({ at: 'rcpt', status: 450 });
      const somebody = new Person(host, `n${index}`);
      await somebody.password().expect(302);
      await somebody.post('/mfa/factors/email', { email: `nobody@gone${index}.example` }).expect(422);
    }
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    await ada.post('/mfa/factors/email', { email: MAILBOX }).expect(201);
  });

  it('goes to many mailboxes of one provider: only numbers are bought in blocks', async () => {
    const host = aHost();
    for (let index = 0; index < 8; index += 1) {
      const somebody = new Person(host, `n${index}`);
      await somebody.password().expect(302);
      await somebody.post('/mfa/factors/email', { email: `n${index}@mail.example` }).expect(201);
    }
  });
});

describe('M01 the mailbox that resets the password', () => {
  it.each(['ada@acme.example', 'ADA@Acme.example', 'ada+mfa@acme.example'])(
    'is no second factor: %s',
    async (typed) => {
      const host = aHost();
      const ada = new Person(host, 'ada');
      expect(ada.user.email).toBe('ada@acme.example');
      await ada.password().expect(302);
      const { body } = await ada.post('/mfa/factors/email', { email: typed }).expect(422);
      expect(body).toMatchObject({ code: 'destination_refused', field: 'email' });
      expect(server.mails).toEqual([]);
    },
  );

  it.each([
    ['ada.lovelace@gmail.com', 'adalovelace@gmail.com'],
    ['AdaLovelace@googlemail.com', 'ada.love.lace@gmail.com'],
    ['Ada <ada@acme.example>', 'ada@acme.example'],
    ['"ada"@acme.example', 'ada@acme.example'],
    ['ada@ACME.example.', 'ada@acme.example'],
  ])('is no second factor, however the host writes it: %s', async (resets, typed) => {
    const host = aHost(() => resets);
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    const { body } = await ada.post('/mfa/factors/email', { email: typed }).expect(422);
    expect(body.code).toBe('destination_refused');
    await ada.post('/mfa/factors/email', { email: 'ada@elsewhere.example' }).expect(201);
  });

  it.each([null, '', [], ['']])('may not exist: %j', async (none) => {
    const host = aHost(() => none);
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    await ada.post('/mfa/factors/email', { email: MAILBOX }).expect(201);
  });

  it('is none any more when it becomes that later; other factors go on', async () => {
    let resets: string[] = [];
    const host = aHost(() => resets);
    const { ada, factorId } = await adaWithMailbox(host);
    const sent = server.mails.length;
    resets = ['other@acme.example', MAILBOX];
    const browser = ada.elsewhere();
    await browser.password().expect(200);
    expect((await browser.post('/mfa/challenge', { factorId }).expect(422)).body.code).toBe('destination_refused');
    expect(server.mails).toHaveLength(sent);
    await browser.get('/app').expect(401);
    resets = [];
    await browser.post('/mfa/challenge', { factorId }).expect(202);
  });

  it('that cannot be asked about is refused, not sent to', async () => {
    const host = aHost(() => Promise.reject(new Error('down')));
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    await ada.post('/mfa/factors/email', { email: MAILBOX }).expect(503);
    expect(server.mails).toEqual([]);
  });

  it('has to be named when the factor is set up', () => {
    const via = smtp({ transport: server.transport(), from: 'no-reply@acme.example' });
    expect(() => email({ via } as never)).toThrow(/`resetAddresses` is missing/);
  });
});
