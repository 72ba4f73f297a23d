import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Delivery, FailureClass } from '../../src/core/delivery.js';
import { type SmtpOptions, smtp } from '../../src/delivery/smtp.js';
import { type MailServer, mailServer } from '../doubles/mail-server.js';
import { aJob, patiently, tooLate, within } from './sending.js';

const ADA = 'ada@mail.example';

describe('mail over SMTP', () => {
  let server: MailServer;
  let delivery: Delivery;

  beforeEach(async () => {
    server = await mailServer();
    delivery = create();
  });
  afterEach(() => server.close());

  function create(changes: Partial<SmtpOptions> = {}): Delivery {
    return smtp({ transport: server.transport(), from: 'no-reply@acme.example', ...changes });
  }
  const job = (changes: Parameters<typeof aJob>[0] = {}) =>
    aJob({ channel: 'email', to: ADA, subject: '048291 is your Acme code', ...changes });
  const send = (changes: Parameters<typeof aJob>[0] = {}) => delivery.send(job(changes), patiently());

  it('goes to one address, as text and HTML, and is marked as nobody’s to answer', async () => {
    expect(await send({ html: '<p>048291</p>' })).toEqual({
      sent: 'yes',
      ref: '<send-1@acme.example>',
      codeOwner: 'ours',
    });
    expect(server.mails).toMatchObject([{ from: 'no-reply@acme.example', to: [ADA] }]);
    const source = server.mails[0]?.source ?? '';
    for (const line of [
      'From: Acme <no-reply@acme.example>',
      `To: ${ADA}`,
      'Subject: 048291 is your Acme code',
      'Message-ID: <send-1@acme.example>',
      'Auto-Submitted: auto-generated',
      'text/plain',
      'text/html',
    ])
      expect(source).toContain(line);
  });

  it('is nothing that one could unsubscribe from, and asks nobody for a receipt', async () => {
    await send();
    const [headers = ''] = (server.mails[0]?.source ?? '').split('\r\n\r\n');
    expect(headers).toMatch(/^X-Auto-Response-Suppress: All$/m);
    expect(headers).not.toMatch(/^(List-|Precedence|Disposition-Notification-To|Return-Receipt-To|Bcc|Cc):?/im);
  });

  it.each(['048291 आपका Acme कोड है', '048291 ist Ihr Code für Acme', '048291 是您的 Acme 验证码'])(
    'has its subject in any script: %s',
    async (subject) => {
      await send({ subject });
      const lines = /^Subject: (.*(?:\r\n[ \t].*)*)/m.exec(server.mails[0]?.source ?? '')?.[1] ?? '';
      expect(lines).toMatch(/^[\x20-\x7e\r\n\t]*$/);
      expect(decoded(lines)).toBe(subject);
    },
  );

  it('has one Message-ID for all attempts at one send', async () => {
    expect(await send({ sendId: 'a b/c' })).toMatchObject({ ref: '<a-b-c@acme.example>' });
    expect(await send({ sendId: 'a b/c' })).toMatchObject({ ref: '<a-b-c@acme.example>' });
  });

  it.each([
    'ada@mail.example\r\nBcc: eve@mail.example',
    'ada@mail.example,eve@mail.example',
    'ada@mail.example;eve@mail.example',
    'Eve <eve@mail.example>',
    '"ada@mail.example" <eve@mail.example>',
    'group: ada@mail.example;',
    ['ada@mail.example', 'eve@mail.example'],
    '',
  ])('goes to nobody for %j', async (to) => {
    expect(await send({ to: to as string })).toEqual({ sent: 'no', why: 'invalid_destination' });
    expect(server.mails).toEqual([]);
  });

  it('keeps what it is told out of the headers’ lines', async () => {
    await send({ subject: 'Hello\r\nBcc: eve@mail.example', issuer: 'Acme\r\nX-Evil: 1' });
    expect(server.mails).toMatchObject([{ to: [ADA] }]);
    const [headers = ''] = (server.mails[0]?.source ?? '').split('\r\n\r\n');
    expect(headers).not.toMatch(/^(Bcc|X-Evil):/m);
  });

  it.each<['connect' | 'mail' | 'rcpt' | 'data', string, FailureClass]>([
    ['connect', '421', 'unavailable'],
    ['connect', '554', 'config'],
    ['mail', '421', 'unavailable'],
    ['mail', '450', 'unavailable'],
    ['mail', '451', 'unavailable'],
    ['mail', '452', 'rate_limited'],
    ['mail', '500', 'config'],
    ['mail', '530', 'auth'],
    ['mail', '530 5.7.0', 'auth'],
    ['mail', '550', 'config'],
    ['mail', '550 5.7.1', 'config'],
    ['mail', '553 5.1.8', 'config'],
    ['rcpt', '421', 'unavailable'],
    ['rcpt', '450', 'unreachable'],
    ['rcpt', '450 4.2.1', 'unreachable'],
    ['rcpt', '450 4.7.1', 'unavailable'],
    ['rcpt', '451', 'unavailable'],
    ['rcpt', '451 4.7.1', 'unavailable'],
    ['rcpt', '452', 'rate_limited'],
    ['rcpt', '452 4.2.2', 'unreachable'],
    ['rcpt', '550', 'invalid_destination'],
    ['rcpt', '550 5.1.1', 'invalid_destination'],
    ['rcpt', '550 5.2.1', 'invalid_destination'],
    ['rcpt', '550 5.7.1', 'filtered'],
    ['rcpt', '551', 'invalid_destination'],
    ['rcpt', '552', 'unreachable'],
    ['rcpt', '552 5.2.2', 'unreachable'],
    ['rcpt', '553', 'invalid_destination'],
    ['rcpt', '553 5.1.8', 'config'],
    ['rcpt', '554', 'filtered'],
    ['rcpt', '556 5.1.10', 'invalid_destination'],
    ['data', '421', 'unavailable'],
    ['data', '450', 'unavailable'],
    ['data', '451', 'unavailable'],
    ['data', '452', 'rate_limited'],
    ['data', '500', 'config'],
    ['data', '550', 'filtered'],
    ['data', '550 5.1.1', 'invalid_destination'],
    ['data', '550 5.7.1', 'filtered'],
    ['data', '552', 'filtered'],
    ['data', '552 5.2.2', 'unreachable'],
    ['data', '554', 'filtered'],
  ])('that is refused at %s with %s was not sent: %s', async (at, reply, why) => {
    const [status, says] = reply.split(' ');
    server.fault({ at, status: Number(status), ...(says === undefined ? {} : { says }) });
    const result = await send();
    expect(result).toMatchObject({ sent: 'no', why, detail: { status: Number(status) } });
    expect(inspect(result, { depth: null })).not.toContain('mail.example');
    expect(server.mails).toEqual([]);
  });

  it('whose answer is lost may have been sent', async () => {
    server.fault({ at: 'data', cut: true });
    expect(await send()).toMatchObject({ sent: 'unknown', why: 'unavailable' });
    expect(server.mails).toHaveLength(1);
  });

  it('that nobody answers in time may have been sent', async () => {
    server.fault({ at: 'data', hang: true });
    expect(await delivery.send(job(), within(300))).toEqual({ sent: 'unknown', why: 'timeout' });
  });

  it('to a server that is not there was surely not sent', async () => {
    const transport = server.transport();
    await server.close();
    expect(await create({ transport }).send(job(), patiently())).toMatchObject({ sent: 'no', why: 'unavailable' });
    server = await mailServer();
  });

  it('is not begun too late, over another channel, or without a text', async () => {
    expect(await delivery.send(job(), tooLate())).toEqual({ sent: 'no', why: 'timeout' });
    expect(await send({ channel: 'sms' })).toEqual({ sent: 'no', why: 'channel_unavailable' });
    expect(await send({ text: '' })).toEqual({ sent: 'no', why: 'config' });
    expect(server.mails).toEqual([]);
  });

  describe('over an account', () => {
    beforeEach(async () => {
      await server.close();
      server = await mailServer({ user: 'acme', pass: 'right' });
    });
    const over = async (pass: string) =>
      await create({ transport: server.transport({ user: 'acme', pass }) }).send(job(), patiently());

    it('that is refused says so, and nothing of the password', async () => {
      const result = await over('wrong');
      expect(result).toMatchObject({ sent: 'no', why: 'auth', detail: { status: 535 } });
      expect(inspect(result, { depth: null })).not.toContain('wrong');
      expect(await over('right')).toMatchObject({ sent: 'yes' });
    });

    it('that cannot be asked about just now is not refused', async () => {
      server.fault({ at: 'auth', status: 454, says: '4.7.0' });
      expect(await over('right')).toMatchObject({ sent: 'no', why: 'unavailable' });
    });

    it('that has none to give', async () => {
      const result = await create({ transport: server.transport() }).send(job(), patiently());
      expect(result).toMatchObject({ sent: 'no', why: 'auth', detail: { status: 530 } });
    });
  });

  describe('where TLS is required', () => {
    const over = (more: object) => {
      const transport = server.transport(undefined, { ignoreTLS: false, requireTLS: true, ...more });
      return create({ transport }).send(job(), patiently());
    };

    it('is not sent over a server that has none', async () => {
      expect(await over({})).toMatchObject({ sent: 'no', why: 'config', detail: { code: 'ETLS' } });
      expect(server.mails).toEqual([]);
    });

    it('is not sent to a server that cannot prove its name, and is to one that can', async () => {
      await server.close();
      server = await mailServer({ tls: true });
      expect(await over({})).toMatchObject({ sent: 'no', why: 'unavailable' });
      expect(server.mails).toEqual([]);
      expect(await over({ tls: { rejectUnauthorized: false } })).toMatchObject({ sent: 'yes' });
    });
  });

  it('to a server that never says a word was surely not sent', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const transport = server.transport(undefined, { port, greetingTimeout: 50 });
    const result = await create({ transport }).send(job(), patiently());
    silent.close();
    expect(result).toMatchObject({ sent: 'no', why: 'timeout' });
  });

  it.each<[string, object, object]>([
    [
      'nodemailer gave up connecting',
      { code: 'ETIMEDOUT', message: 'Connection timeout' },
      { sent: 'no', why: 'timeout' },
    ],
    ['nodemailer gave up waiting', { code: 'ETIMEDOUT', message: 'Timeout' }, { sent: 'unknown', why: 'timeout' }],
    ['the host of older nodemailers is not there', { code: 'ESOCKET', syscall: 'connect' }, { sent: 'no' }],
    ['no name was found', { code: 'EDNS' }, { sent: 'no', why: 'unavailable' }],
    ['another transport failed somehow', {}, { sent: 'unknown', why: 'unavailable' }],
  ])('%s', async (_what, error, expected) => {
    const transport = { sendMail: () => Promise.reject(Object.assign(new Error(), error)) };
    expect(await create({ transport }).send(job(), patiently())).toMatchObject(expected);
  });

  it('that a server took from us and then refused for its one recipient (LMTP) was not sent', async () => {
    const refused = { code: 'EMESSAGE', responseCode: 550, response: '550 5.1.1 no', command: 'DATA' };
    const transport = { sendMail: async () => ({ rejected: [ADA], rejectedErrors: [refused] }) };
    expect(await create({ transport }).send(job(), patiently())).toMatchObject({
      sent: 'no',
      why: 'invalid_destination',
    });
  });

  it('reads no file and fetches nothing, whatever the template says', async () => {
    const seen: unknown[] = [];
    const transport = { sendMail: async (mail: unknown) => void seen.push(mail) };
    await create({ transport }).send(job(), patiently());
    expect(seen).toMatchObject([{ disableFileAccess: true, disableUrlAccess: true }]);
  });

  it.each<[string, object, RegExp]>([
    ['no transport', { transport: undefined }, /`transport` is missing/],
    ['a sender with a name', { from: 'Acme <no-reply@acme.example>' }, /`from` is one plain address/],
    ['two senders', { from: 'a@acme.example,b@acme.example' }, /`from` is one plain address/],
    ['an odd name', { name: 'My server' }, /`name` is lower-case/],
    ['a misspelt option', { sender: 'x' }, /smtp: `sender` is not an option/],
  ])('is not set up with %s', (_name, changes, advice) => {
    expect(() => create(changes as never)).toThrow(advice);
  });
});

/** RFC 2047, section 4. */
function decoded(header: string): string {
  const words = header.replace(/\?=\s+=\?/g, '?==?');
  return words.replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_word, encoding: string, text: string) =>
    encoding.toLowerCase() === 'b'
      ? Buffer.from(text, 'base64').toString()
      : decodeURIComponent(text.replaceAll('_', ' ').replace(/=([0-9A-F]{2})/gi, '%$1')),
  );
}
