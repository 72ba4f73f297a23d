/** Deliveries as somebody writes them who has nothing but docs/carriers/own.md, for services that this library has never heard of. */
import { createHmac, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { httpCarrier } from '../../src/delivery/http-carrier.js';
import { type Delivery, sms, totp } from '../../src/index.js';
import { deliveryContract } from '../../src/testing/index.js';
import type { Fault } from '../doubles/faults.js';
import type { Reply } from '../doubles/twilio/wire.js';
import { type Received, type VendorServer, vendorServer } from '../doubles/vendor-server.js';
import { createHost } from '../support/host.js';
import { Person } from '../support/person.js';

let used = 0;
function freshNumber(): string {
  used += 1;
  return `+1${['212', '303', '404', '503'][Math.floor(used / 100) % 4]}55501${String(used % 100).padStart(2, '0')}`;
}

let vendor: VendorServer;
/** The newest code that came to a number. */
let codes: Map<string, string>;
let asked: Received[];

async function begin(work: (received: Received) => Reply): Promise<void> {
  codes = new Map();
  asked = [];
  vendor = await vendorServer({ work, note: (received) => void asked.push(received) });
}
afterEach(() => vendor.close());

function contract(create: () => Delivery) {
  const over = (fault: Fault) => () => {
    vendor.fault({ ...fault, times: 100 });
    return create();
  };
  const failing: readonly Fault[] = [
    { reply: { status: 400, body: { message: 'no +12025550100 048291' } } },
    { reply: { status: 429, body: {} } },
    { reply: { status: 503, body: {} } },
    { reply: { status: 200, body: null } },
    { html: 503 },
    { html: 200 },
    { reset: true },
    { cut: true },
  ];
  return deliveryContract({
    create,
    destination: freshNumber,
    arrived: (to) => codes.get(to),
    createHanging: over({ hang: true }),
    createFailing: failing.map(over),
  });
}

/** Somebody sets the number up and signs in with it. */
async function signsIn(via: Delivery, phone: string): Promise<void> {
  const host = createHost({ mfa: { factors: [totp(), sms({ via, countries: ['US'] })] } });
  const ada = new Person(host, 'ada');
  await ada.password().expect(302);
  const { body } = await ada.post('/mfa/factors/sms', { phone }).expect(201);
  await ada.post(`/mfa/factors/${body.id}/confirm`, { code: codes.get(phone) }).expect(200);
}

describe('a queue of texts that takes signed forms and answers in XML', () => {
  const SECRET = 'a secret of the account';
  const signatureOf = (body: string) => createHmac('sha256', SECRET).update(body).digest('hex');
  const refusal = (status: number, code: string): Reply => ({
    status,
    body: `<ErrorResponse><Error><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`,
  });

  beforeEach(() =>
    begin(({ body, headers }) => {
      if (headers.authorization !== `Signature ${signatureOf(body)}`) return refusal(403, 'SignatureDoesNotMatch');
      const form = new URLSearchParams(body);
      const to = form.get('PhoneNumber') ?? '';
      if (to === '+12125550199') return refusal(400, 'OptedOut');
      codes.set(to, /\d{6}/.exec(form.get('Message') ?? '')?.[0] ?? '');
      return { status: 200, body: `<PublishResponse><MessageId>${randomUUID()}</MessageId></PublishResponse>` };
    }),
  );

  function create(secret = SECRET): Delivery {
    return httpCarrier({
      name: 'acme-queue',
      url: vendor.origin,
      headers: async (_job, body) => ({
        authorization: `Signature ${createHmac('sha256', secret).update(body).digest('hex')}`,
      }),
      body: ({ to, text = '' }) => new URLSearchParams({ Action: 'Publish', PhoneNumber: to, Message: text }),
      read({ status, text }) {
        const [, id] = /<MessageId>([\w-]+)</.exec(text) ?? [];
        if (id !== undefined) return { sent: 'yes', ref: id };
        const [, code] = /<Code>(\w+)</.exec(text) ?? [];
        if (code === 'OptedOut') return { sent: 'no', why: 'opted_out', code };
        if (code === 'SignatureDoesNotMatch') return { sent: 'no', why: 'auth', code };
        return status < 300 ? { sent: 'unknown', why: 'unavailable' } : undefined;
      },
    });
  }

  it.each([...names()])('%s', async (name) => await run(name, create));

  it('brings a code that sets a number up', () => signsIn(create(), '+12125550101'));

  it('says their words in ours, and their code to the operator', async () => {
    const job = {
      sendId: 's',
      channel: 'sms',
      code: '048291',
      ttlMs: 300_000,
      issuer: 'Acme',
      text: '048291',
    } as const;
    const send = (via: Delivery, to: string) => via.send({ ...job, to }, { signal: AbortSignal.timeout(5_000) });
    expect(await send(create(), '+12125550199')).toEqual({
      sent: 'no',
      why: 'opted_out',
      detail: { status: 400, code: 'OptedOut' },
    });
    expect(await send(create('another'), '+12125550102')).toMatchObject({ why: 'auth' });
  });
});

describe('a service that makes and checks codes of its own, over fetch', () => {
  const requests = new Map<string, { readonly to: string; readonly code: string; live: boolean }>();

  beforeEach(() =>
    begin(({ method, path, body, headers }) => {
      if (headers.authorization !== 'Bearer right') return { status: 401, body: {} };
      const id = path.slice('/verify/'.length);
      if (path === '/verify') {
        const { to } = JSON.parse(body) as { to: string };
        const one = { to: `+${to}`, code: String(1_000 + codes.size), live: true };
        codes.set(one.to, one.code);
        const request_id = randomUUID();
        requests.set(request_id, one);
        return { status: 202, body: { request_id } };
      }
      const one = requests.get(id);
      if (!one?.live) return { status: 404, body: {} };
      if (method === 'DELETE') one.live = false;
      else if ((JSON.parse(body) as { code: string }).code !== one.code) return { status: 400, body: {} };
      one.live = false;
      return { status: 200, body: { request_id: id, to: one.to.slice(1), status: 'completed' } };
    }),
  );

  /** As docs/carriers/own.md has it. */
  function create(key = 'right'): Delivery {
    const call = (method: string, path: string, signal: AbortSignal, body?: object) =>
      fetch(`${vendor.origin}/verify${path}`, {
        method,
        signal,
        redirect: 'manual',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
    const isId = (ref: string) => /^[0-9a-f-]{36}$/.test(ref);
    return {
      name: 'acme-verify',
      offers: [{ channel: 'sms', code: 'theirs', digits: 4 }],
      async send({ channel, to }, { signal }) {
        if (channel !== 'sms') return { sent: 'no', why: 'channel_unavailable' };
        if (signal.aborted) return { sent: 'no', why: 'timeout' };
        try {
          const answer = await call('POST', '', signal, { to: to.slice(1), code_length: 4 });
          const { status } = answer;
          const detail = { status };
          if (status === 401) return { sent: 'no', why: 'auth', detail };
          if (status === 429) return { sent: 'no', why: 'rate_limited', detail };
          if (status >= 300 && status < 500 && status !== 408) return { sent: 'no', why: 'config', detail };
          const { request_id: ref } = (await answer.json()) as { request_id: string };
          if (status === 202 && isId(ref)) return { sent: 'yes', ref, codeOwner: 'theirs' };
        } catch {
          // Nobody knows whether it went out.
        }
        return { sent: 'unknown', why: signal.aborted ? 'timeout' : 'unavailable' };
      },
      async check({ ref, to, code }, { signal }) {
        if (!isId(ref)) return { verdict: 'gone' };
        try {
          const answer = await call('POST', `/${ref}`, signal, { code });
          if (answer.status === 400) return { verdict: 'wrong' };
          if (answer.status === 404 || answer.status === 410) return { verdict: 'gone' };
          const said = (await answer.json()) as { to?: string; status?: string };
          if (said.status === 'completed' && `+${said.to}` === to) return { verdict: 'correct' };
        } catch {
          // Perhaps it counted.
        }
        return { verdict: 'error', why: 'unavailable', reached: true };
      },
      async cancel(ref, { signal }) {
        if (isId(ref)) await call('DELETE', `/${ref}`, signal).catch(() => undefined);
      },
    };
  }

  it.each([...names()])('%s', async (name) => await run(name, create));

  it('sets a number up', () => signsIn(create(), '+12125550103'));
});

/** The names of the cases are known before there is a vendor. */
function names(): readonly string[] {
  return contract(() => ({}) as Delivery).map(({ name }) => name);
}

async function run(name: string, create: () => Delivery): Promise<void> {
  await contract(create)
    .find((one) => one.name === name)
    ?.run();
}
