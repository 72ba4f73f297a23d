import twilio from 'twilio';
import { type KnownNumber, lookups } from './twilio/lookups.js';
import { programmable } from './twilio/programmable.js';
import { verifyService } from './twilio/verify.js';
import { type Arrival, type Exchange, type Form, parseForm, type Reply, refusal, sid } from './twilio/wire.js';
import { vendorServer } from './vendor-server.js';

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
  const {
    origin: url,
    fault,
    close,
  } = await vendorServer({
    work: ({ method, path, headers, body }) => work(method, path, parseForm(body), headers.authorization),
    note: ({ method, path, body }, reply) =>
      void exchanges.push({ method, path, form: parseForm(body), ...(reply === undefined ? {} : { reply }) }),
  });

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
    fault,
    close,
  };
}

type ClientOptions = NonNullable<Parameters<typeof twilio>[2]> & { readonly authToken?: string };
