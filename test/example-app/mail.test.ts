/** With a mail server, codes and notices are real mails; without one they are in the developer inbox. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { realCarriers } from '../../example-app/carriers.js';
import { mailer, mailServer as mailServerOf } from '../../example-app/mail.js';
import { type MailServer, mailServer } from '../doubles/mail-server.js';
import { until } from '../support/redis-server.js';
import { Guest, startExample, stopExamples } from './guest.js';

const MAILBOX = 'ada@elsewhere.example';
let server: MailServer;

beforeAll(async () => {
  server = await mailServer();
});
afterEach(stopExamples);
afterAll(() => server.close());

/** As `serve.ts` starts it from the environment. */
async function withMailServer() {
  const env = { SMTP_URL: `smtp://127.0.0.1:${server.port}?ignoreTLS=true`, MAIL_FROM: 'no-reply@harbour.example' };
  const [carriers, mail] = await Promise.all([realCarriers(env), mailServerOf(env)]);
  if (!carriers || !mail) throw new Error('SMTP_URL was not read');
  return startExample({ carriers, sendMail: mailer(mail, 'Harbour') });
}

const mailsTo = (address: string) => server.mails.filter(({ to }) => to.includes(address)).map(({ source }) => source);

describe('the example app with a mail server', () => {
  it('mails codes and notices, and keeps neither in the inbox', async () => {
    const ada = new Guest(await withMailServer(), 'ada');
    await ada.signsUp();
    const sent = await ada.submits('/mfa/factors/new/email', '/mfa/factors/email', { email: MAILBOX });
    const [action = ''] = /\/mfa\/factors\/[^"/]+\/confirm/.exec(sent.text) ?? [];
    await ada.submits(action.replace('/confirm', ''), action, { code: server.codeFor(MAILBOX) ?? '' });

    expect(mailsTo(MAILBOX)).toHaveLength(1);
    // Nobody waits for a notice.
    await until(async () => mailsTo(ada.email).join().includes('Added: Email'), 30_000);
    const notices = mailsTo(ada.email);
    expect(notices.join()).toContain('Subject: Your Harbour account: Added: Email');
    expect(notices.join()).toContain('From: Harbour <no-reply@harbour.example>');
    expect(notices.join()).toContain('If this was not you');
    expect((await ada.sees('/inbox')).text).toContain('Nothing has arrived yet');
  });

  it('signs people in with a mailed code, while texts still land in the inbox', async () => {
    const grace = new Guest(await withMailServer(), 'grace');
    await grace.signsUp();
    const sent = await grace.submits('/mfa/factors/new/email', '/mfa/factors/email', {
      email: 'grace@elsewhere.example',
    });
    const [, id = ''] = /\/mfa\/factors\/([^"/]+)\/confirm/.exec(sent.text) ?? [];
    const code = () => server.codeFor('grace@elsewhere.example') ?? '';
    await grace.submits(`/mfa/factors/${id}`, `/mfa/factors/${id}/confirm`, { code: code() });
    await grace.signsOut();
    grace.example.clock.advance(60_000);
    await grace.typesPassword();
    const page = `/mfa/challenge?factor=${id}`;
    await grace.submits(page, '/mfa/challenge', { factorId: id, channel: 'email' });
    expect((await grace.answers({ code: code() }, page)).text).toContain('Welcome');
    await grace.submits('/mfa/factors/new/phone', '/mfa/factors/phone', { phone: '+1 201 555 0123' });
    expect((await grace.sees('/inbox')).text).toContain('+12015550123');
  });

  it('goes on where the server takes no notice', async () => {
    const heard: unknown[] = [];
    const { carriers, mail } = { carriers: await realCarriers({}), mail: await mailServerOf({}) };
    expect([carriers, mail]).toEqual([undefined, undefined]);
    const ada = new Guest(
      startExample({
        sendMail: () => Promise.reject(new Error('no mail today')),
        onError: (error) => void heard.push(error),
      }),
      'ada',
    );
    await ada.signsUp();
    expect((await ada.addsApp()).text).toContain('10 of 10 left');
    await until(async () => heard.length > 0, 30_000);
  });
});
