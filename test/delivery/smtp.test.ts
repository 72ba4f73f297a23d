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

  it.each<['mail' | 'rcpt' | 'data', number, FailureClass]>([
    ['mail', 421, 'unavailable'],
    ['mail', 451, 'unavailable'],
    ['mail', 452, 'rate_limited'],
    ['mail', 530, 'auth'],
    ['mail', 500, 'config'],
    ['rcpt', 450, 'unreachable'],
    ['rcpt', 451, 'unavailable'],
    ['rcpt', 550, 'invalid_destination'],
    ['rcpt', 553, 'invalid_destination'],
    ['data', 451, 'unavailable'],
    ['data', 552, 'filtered'],
    ['data', 554, 'filtered'],
  ])('that is refused at %s with %i was not sent: %s', async (at, status, why) => {
    server.fault({ at, status });
    const result = await send();
    expect(result).toMatchObject({ sent: 'no', why, detail: { status } });
    expect(inspect(result, { depth: null })).not.toContain('mail.example');
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

  it('over an account that is refused says so', async () => {
    await server.close();
    server = await mailServer({ user: 'acme', pass: 'right' });
    const transport = server.transport({ user: 'acme', pass: 'wrong' });
    const result = await create({ transport }).send(job(), patiently());
    expect(result).toMatchObject({ sent: 'no', why: 'auth' });
    expect(inspect(result, { depth: null })).not.toContain('wrong');
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
