/** Carriers that repeat everything they are told in their refusals: nothing of it may come out anywhere. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { smtp } from '../../src/delivery/smtp.js';
import { telnyxMessages } from '../../src/delivery/telnyx-messages.js';
import { backupCodes, email, inbox, memoryStore, sms, totp } from '../../src/index.js';
import { type MailServer, mailServer } from '../doubles/mail-server.js';
import { createHost, type TestUser, testClock } from '../support/host.js';
import { type LeakWatch, spellingsOf, watchForLeaks } from '../support/leaks.js';
import { Person } from '../support/person.js';
import { spyStore } from '../support/spy-store.js';

const KEY = 'KEY0123456789abcdefABCDEF';
const MAIL_PASSWORD = 'mail password of acme';
const PHONE = '+12125550100';
const MAILBOX = 'ada.secretly@private.example';
const SEED = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

/** Answers 503 with all it was sent: the request's head and body. */
async function parrot(): Promise<Server & { readonly heard: string[] }> {
  const heard: string[] = [];
  const server = createServer((req, res) => {
    let body = '';
    req.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    req.on('end', () => {
      heard.push(body);
      const words = `${JSON.stringify(req.headers)} ${body}`;
      res.writeHead(503, { 'content-type': 'application/json', 'x-said': encodeURIComponent(words) });
      res.end(JSON.stringify({ errors: [{ code: words, title: words, detail: words }], data: { id: words } }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(server, { heard });
}

let watch: LeakWatch;
let mail: MailServer;
let telnyx: Awaited<ReturnType<typeof parrot>>;
beforeEach(async () => {
  watch = watchForLeaks();
  mail = await mailServer({ user: 'acme', pass: MAIL_PASSWORD });
  telnyx = await parrot();
});
afterEach(async () => {
  watch.stop();
  telnyx.closeAllConnections();
  await new Promise((resolve) => telnyx.close(resolve));
  await mail.close();
});

describe('a run over carriers that repeat what they hear', () => {
  it('lets out no code, number, mailbox, key or seed: answers, events, audit log, sessions, errors, logs, the store', async () => {
    const clock = testClock();
    const store = spyStore(memoryStore({ clock }));
    const texts = inbox({ now: clock });
    const { port } = telnyx.address() as AddressInfo;
    const broken = telnyxMessages({ apiKey: KEY, from: '+12025550199', baseUrl: `http://127.0.0.1:${port}/v2` });
    const wrong = smtp({
      name: 'smtp-wrong',
      transport: mail.transport({ user: 'acme', pass: 'not the mail password' }),
      from: 'no-reply@acme.example',
    });
    const right = smtp({ transport: mail.transport({ user: 'acme', pass: MAIL_PASSWORD }), from: 'a@acme.example' });
    const host = createHost(
      {
        store,
        sessionStore: watch.sessions,
        before: watch.before,
        mfa: {
          factors: [
            totp(),
            sms({ via: [broken, texts], countries: ['US'] }),
            email<TestUser>({ via: [wrong, right], resetAddresses: (user) => user.email }),
            backupCodes(),
          ],
        },
      },
      clock,
    );
    const codes = () => [
      ...texts.messages().map(({ code }) => String(code)),
      ...mail.mails.flatMap(({ source }) => /\b\d{6}\b/.exec(source) ?? []),
    ];

    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    const phone = await ada.post('/mfa/factors/sms', { phone: PHONE }).expect(201);
    expect(telnyx.heard.join('\n')).toContain(PHONE);
    await ada.post(`/mfa/factors/${phone.body.id}/confirm`, { code: texts.messages().at(-1)?.code }).expect(200);
    const box = await ada.post('/mfa/factors/email', { email: MAILBOX }).expect(201);
    await ada.post(`/mfa/factors/${box.body.id}/confirm`, { code: mail.codeFor(MAILBOX) }).expect(200);
    clock.advance(86_400_000);
    for (const factorId of [phone.body.id, box.body.id]) {
      const browser = ada.elsewhere();
      await browser.password().expect(200);
      await browser.post('/mfa/challenge', { factorId }).expect(202);
      await browser.agent.get('/mfa/challenge').set('Accept', 'text/html').expect(200);
      clock.advance(31_000);
      if (factorId === box.body.id) mail.fault({ at: 'rcpt', status: 550 });
      await browser.post('/mfa/challenge', { factorId });
      await browser.verify({ factorId, code: codes().at(-1) });
    }
    const masked = await host.mfa.api.exportUser(ada.user.id, { destinations: 'masked' });
    const bob = new Person(host, 'bob');
    const report = await host.mfa.api.importTotp([
      { userId: bob.user.id, secret: SEED, encoding: 'base32' },
      { userId: bob.user.id, secret: `${SEED}!`, encoding: 'base32' },
      { userId: 'nobody', secret: SEED, encoding: 'base32' },
    ]);
    expect(report).toMatchObject({
      imported: 1,
      refused: [{ reason: 'secret_unreadable' }, { reason: 'user_unknown' }],
    });
    const resealed = await host.mfa.api.resealAll();
    console.log(JSON.stringify([masked, report, resealed]));
    const dump = store.dump();
    await host.mfa.api.forgetUser(ada.user.id);

    const mine = /^(POST|GET) \/mfa\/factors\/(sms|email)(\.\S+)?$/;
    const secrets = [
      ...[...new Set(codes())].map((text) => ({ what: 'code', text })),
      { what: 'number', text: PHONE, shownBy: mine },
      { what: 'mailbox', text: MAILBOX, shownBy: mine },
      { what: 'key of the carrier', text: KEY },
      { what: 'password of the mail server', text: MAIL_PASSWORD },
      { what: 'password of the mail server', text: 'not the mail password' },
      { what: 'seed', text: SEED },
    ];
    expect(secrets.length).toBeGreaterThan(9);
    expect(host.events.filter(({ type }) => type === 'challenge.sent').length).toBeGreaterThanOrEqual(4);
    expect(await watch.search(host, secrets)).toEqual([]);
    const kept = secrets.filter(({ text }) => spellingsOf(text).some((one) => one.test(`${dump}\n${store.dump()}`)));
    expect(kept).toEqual([]);
  });
});
