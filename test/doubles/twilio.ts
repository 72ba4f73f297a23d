import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import twilio from 'twilio';
import { bodyOf, breakOff, type Fault, type Queued, takeFault, writeJson } from './faults.js';
import { type KnownNumber, lookups } from './twilio/lookups.js';
import { programmable } from './twilio/programmable.js';
import { verifyService } from './twilio/verify.js';
import { type Arrival, type Exchange, type Form, parseForm, type Reply, refusal, sid } from './twilio/wire.js';

export interface TwilioDoubleOptions {
  /** Milliseconds; the system clock unless told. */
  readonly now?: () => number;
  /** How long a verification lives; 10 minutes unless told. */
  readonly ttlMs?: number;
  readonly landlines?: readonly string[];
}

export type TwilioDouble = Awaited<ReturnType<typeof twilioDouble>>;

/** Twilio's Verify v2, Messages, Calls and Lookup v2 on a local port, spoken over real HTTP. */
export async function twilioDouble({ now = Date.now, ttlMs = 600_000, landlines = [] }: TwilioDoubleOptions = {}) {
  const accountSid = sid('AC');
  const serviceSid = sid('VA');
  const authToken = sid('');
  const sent: Arrival[] = [];
  const exchanges: Exchange[] = [];
  const faults: Queued[] = [];
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const arrived = (arrival: Arrival) => void sent.push(arrival);
  const verify = verifyService({ accountSid, serviceSid, url, ttlMs, now, landlines, arrived });
  const api = programmable({ accountSid, now, landlines, arrived });
  const numbers = new Map<string, KnownNumber>();
  const lookup = lookups(url, numbers);
  const allowed = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;

  function work(method: string, path: string, form: Form, authorization: string | undefined): Reply {
    if (authorization !== allowed) return refusal(401, 20003, 'Authenticate');
    const { pathname, searchParams } = new URL(path, url);
    if (method === 'GET' && pathname.startsWith('/v2/PhoneNumbers/')) return lookup(pathname, searchParams);
    if (method !== 'POST') return refusal(405, 20004, 'Method not allowed');
    return path.startsWith('/v2/') ? verify(path, form) : api(path, form);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '' } = request;
    const form = parseForm(await bodyOf(request));
    const fault = takeFault(faults, path);
    const right = () => work(method, path, form, request.headers.authorization);
    const done = fault === undefined || fault.after || 'slowMs' in fault ? right() : undefined;
    const reply = fault === undefined || 'slowMs' in fault ? done : 'reply' in fault ? fault.reply : undefined;
    exchanges.push({ method, path, form, ...(reply === undefined ? {} : { reply }) });
    if (fault !== undefined && 'slowMs' in fault) await sleep(fault.slowMs);
    if (reply !== undefined) return writeJson(response, reply);
    if (fault !== undefined) breakOff(response, fault);
  }

  return {
    url,
    accountSid,
    serviceSid,
    authToken,
    /** Everything that reached a person, oldest first. */
    sent,
    /** Every request that came in whole, with the answer it got. */
    exchanges,
    /** What Lookup knows; of every other number that it is mobile, and its SIM was not changed lately. */
    numbers,
    /** A client of the official SDK that talks to this server. */
    client({ authToken: token = authToken, ...options }: ClientOptions = {}) {
      const client = twilio(accountSid, token, options);
      client.verify.baseUrl = url;
      client.api.baseUrl = url;
      client.lookups.baseUrl = url;
      return client;
    },
    /** The newest code that reached a number. */
    codeFor(to: string): string | undefined {
      return sent.filter((one) => one.to === to).at(-1)?.code;
    },
    /** Queues a fault; several are used up in order. */
    fault(fault: Fault): void {
      faults.push({ fault, left: fault.times ?? 1 });
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

type ClientOptions = NonNullable<Parameters<typeof twilio>[2]> & { readonly authToken?: string };
