/** Codes by e-mail over mail servers that are processes of their own, one of which is killed. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import nodemailer from 'nodemailer';
import { smtp } from '../../src/delivery/smtp.js';
import { email, totp } from '../../src/index.js';
import type { MailTask } from '../doubles/mail-process.js';
import { type AskedProcess, endProcesses, startProcess } from '../support/asked-process.js';
import { createHost, type TestHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';

const FILE = new URL('../doubles/mail-process.ts', import.meta.url);
const MAILBOX = 'ada@private.example';

let first: AskedProcess<MailTask>;
let second: AskedProcess<MailTask>;
let host: TestHost;

beforeEach(async () => {
  [first, second] = await Promise.all([startProcess<MailTask>(FILE), startProcess<MailTask>(FILE)]);
  const via = [over('first', first), over('second', second)];
  host = createHost({ mfa: { factors: [totp(), email({ via, resetAddresses: () => [] })] } }, testClock());
});
afterEach(endProcesses);

function over(name: string, { ready }: AskedProcess<MailTask>) {
  const transport = nodemailer.createTransport({ host: '127.0.0.1', port: Number(ready), ignoreTLS: true });
  return smtp({ transport, from: 'no-reply@acme.example', name });
}

const codeAt = async (server: AskedProcess<MailTask>) => await server.ask({ do: 'code for', to: MAILBOX });
const countAt = async (server: AskedProcess<MailTask>) => await server.ask({ do: 'count' });

async function asks(ada: Person) {
  return await ada.post('/mfa/factors/email', { email: MAILBOX }).expect(201);
}

async function signedIn(): Promise<Person> {
  const ada = new Person(host, 'ada');
  await ada.password().expect(302);
  return ada;
}

describe('a code by e-mail', () => {
  it('goes by the first server, sets the mailbox up, and signs in', async () => {
    const ada = await signedIn();
    const { body } = await asks(ada);
    await ada.post(`/mfa/factors/${body.id}/confirm`, { code: await codeAt(first) }).expect(200);
    host.clock.advance(3_600_000);
    const browser = ada.elsewhere();
    await browser.password().expect(200);
    await browser.post('/mfa/challenge', { factorId: body.id }).expect(202);
    await browser.verify({ factorId: body.id, code: await codeAt(first) }).expect(200);
    expect([await countAt(first), await countAt(second)]).toEqual([2, 0]);
  });

  it('goes by the second where the first is gone, and nobody notices', async () => {
    const ada = await signedIn();
    await first.kill();
    const { body } = await asks(ada);
    await ada.post(`/mfa/factors/${body.id}/confirm`, { code: await codeAt(second) }).expect(200);
    expect(host.events.find(({ type }) => type === 'challenge.sent')).toMatchObject({ carriers: ['first', 'second'] });
  });

  it('goes by the second, too, where the first is killed with the mail in its hands, and is the same code', async () => {
    const ada = await signedIn();
    await first.ask({ do: 'fault', fault: { at: 'data', hang: true } });
    const asked = asks(ada);
    for (let looks = 0; looks < 10_000 && (await countAt(first)) === 0; looks += 1) await new Promise(setImmediate);
    const perhaps = await codeAt(first);
    await first.kill();
    const { body } = await asked;
    expect([await codeAt(second), await countAt(second)]).toEqual([perhaps, 1]);
    await ada.post(`/mfa/factors/${body.id}/confirm`, { code: perhaps }).expect(200);
  });
});
