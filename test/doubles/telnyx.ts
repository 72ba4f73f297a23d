/** Telnyx' Verify v2 and Messages on a local port, spoken over real HTTP. */
import { randomUUID } from 'node:crypto';
import type { Reply } from './twilio/wire.js';
import { vendorServer } from './vendor-server.js';

export interface TelnyxExchange {
  readonly method: string;
  /** Without `/v2`. */
  readonly path: string;
  readonly json: unknown;
  readonly reply?: Reply;
}

export interface TelnyxDoubleOptions {
  /** Milliseconds; the system clock unless told. */
  readonly now?: () => number;
  readonly landlines?: readonly string[];
}

interface Verification {
  readonly id: string;
  readonly type: string;
  readonly phone_number: string;
  readonly verify_profile_id: string;
  readonly timeout_secs: number;
  readonly custom_code: string | null;
  readonly code: string;
  readonly at: number;
  status: 'pending' | 'accepted' | 'invalid' | 'expired' | 'error';
}

export type TelnyxDouble = Awaited<ReturnType<typeof telnyxDouble>>;

/** What their API answers a request it does not like. */
export function telnyxRefusal(status: number, code: number | string, title = 'Refused'): Reply {
  const url = `https://developers.telnyx.com/docs/overview/errors/${code}`;
  return { status, body: { errors: [{ code: String(code), title, detail: `${title}: +12025550143`, meta: { url } }] } };
}

export async function telnyxDouble({ now = Date.now, landlines = [] }: TelnyxDoubleOptions = {}) {
  const apiKey = `KEY${randomUUID().replaceAll('-', '')}`;
  const verifyProfileId = randomUUID();
  const verifications = new Map<string, Verification>();
  const arrivals: { readonly to: string; readonly channel: string; readonly code: string; readonly text: string }[] =
    [];
  const exchanges: TelnyxExchange[] = [];
  const lines = new Map<string, string>();
  let made = 0;

  const { origin, fault, close } = await vendorServer({
    work: ({ method, path, headers, body }) =>
      work(method, withoutVersion(path), readJson(body), headers.authorization),
    note: ({ method, path, body }, reply) =>
      void exchanges.push({
        method,
        path: withoutVersion(path),
        json: readJson(body),
        ...(reply === undefined ? {} : { reply }),
      }),
  });

  function work(method: string, path: string, json: Record<string, unknown>, authorization: string | undefined): Reply {
    if (authorization !== `Bearer ${apiKey}`) return telnyxRefusal(401, 10009, 'Authentication failed');
    const number = /^\/number_lookup\/([^/?]+)\?type=carrier$/.exec(path)?.[1];
    if (method === 'GET' && number !== undefined) return lookup(decodeURIComponent(number));
    if (method !== 'POST') return telnyxRefusal(405, 10005, 'Not found');
    if (path === '/messages') return message(json);
    const verified = /^\/verifications\/([\w-]+)\/actions\/verify$/.exec(path);
    if (verified) return verify(verified[1] ?? '', json);
    const started = /^\/verifications\/(sms|call|whatsapp|flashcall)$/.exec(path);
    return started ? start(started[1] ?? '', json) : telnyxRefusal(404, 10005, 'Not found');
  }

  function start(type: string, json: Record<string, unknown>): Reply {
    const { phone_number: to, verify_profile_id: profile, timeout_secs: secs = 300, custom_code: custom = null } = json;
    if (typeof to !== 'string' || !/^\+[1-9]\d{6,14}$/.test(to)) return telnyxRefusal(400, 10016, 'Phone number');
    if (profile !== verifyProfileId) return telnyxRefusal(404, 10005, 'Resource not found');
    if (type === 'flashcall' && 'custom_code' in json) return telnyxRefusal(400, 10015, 'Bad request');
    if (custom !== null && (typeof custom !== 'string' || !/^\d{4,10}$/.test(custom)))
      return telnyxRefusal(400, 10015, 'Bad request');
    if (type === 'sms' && landlines.includes(to)) return telnyxRefusal(400, 40001, 'Landline');
    made += 1;
    const verification: Verification = {
      id: randomUUID(),
      type,
      phone_number: to,
      verify_profile_id: profile as string,
      timeout_secs: Number(secs),
      custom_code: custom,
      code: custom ?? String((made * 7919) % 100_000).padStart(5, '0'),
      at: now(),
      status: 'pending',
    };
    verifications.set(verification.id, verification);
    arrivals.push({ to, channel: type, code: verification.code, text: `Your code is ${verification.code}.` });
    return { status: 200, body: { data: shape(verification) } };
  }

  function verify(id: string, json: Record<string, unknown>): Reply {
    const one = verifications.get(id);
    if (!one) return telnyxRefusal(404, 10005, 'Resource not found');
    const feedback = json.status === 'accepted' || json.status === 'rejected';
    if (feedback && one.custom_code === null) return telnyxRefusal(400, 10015, 'Bad request');
    const over = now() >= one.at + one.timeout_secs * 1_000;
    const right = feedback ? json.status === 'accepted' : json.code === one.code && one.status === 'pending' && !over;
    if (right) one.status = 'accepted';
    return {
      status: 200,
      body: { data: { phone_number: one.phone_number, response_code: right ? 'accepted' : 'rejected' } },
    };
  }

  function lookup(number: string): Reply {
    if (!/^\+[1-9]\d{6,14}$/.test(number)) return telnyxRefusal(422, 10002, 'Invalid phone number');
    const type = lines.get(number) ?? 'mobile';
    const carrier = { name: 'A CARRIER', type, mobile_country_code: '310', mobile_network_code: '260' };
    const record_type = 'number_lookup';
    return { status: 200, body: { data: { record_type, country_code: 'US', phone_number: number, carrier } } };
  }

  function message(json: Record<string, unknown>): Reply {
    const { to, text, from, messaging_profile_id: profile } = json;
    if (typeof to !== 'string' || !/^\+[1-9]\d{6,14}$/.test(to)) return telnyxRefusal(400, 40310, 'Invalid to');
    if (from === undefined && profile === undefined) return telnyxRefusal(422, 10004, 'Missing parameter');
    arrivals.push({ to, channel: 'sms', code: /\d{6}/.exec(String(text))?.[0] ?? '', text: String(text) });
    return {
      status: 200,
      body: {
        data: {
          record_type: 'message',
          direction: 'outbound',
          id: randomUUID(),
          type: 'SMS',
          to: [{ phone_number: to, status: 'queued', carrier: 'A CARRIER', line_type: 'Wireless' }],
          text,
          errors: [],
          received_at: new Date(now()).toISOString(),
        },
      },
    };
  }

  return {
    baseUrl: `${origin}/v2`,
    apiKey,
    verifyProfileId,
    /** Everything that reached a person, oldest first. */
    arrivals,
    /** Every request that came in whole, with the answer it got. */
    exchanges,
    verifications,
    /** The type of line of a number, where that is not `mobile`. */
    lines,
    codeFor(to: string): string | undefined {
      return arrivals.findLast((one) => one.to === to)?.code;
    },
    fault,
    close,
  };
}

/** As their document has it: with the code in it, and times without a zone. */
function shape({ code: _, at, ...one }: Verification) {
  const time = new Date(at).toISOString().replace('Z', '000');
  return { ...one, record_type: 'verification', created_at: time, updated_at: time };
}

const withoutVersion = (path: string) => path.replace(/^\/v2/, '');

function readJson(body: string): Record<string, unknown> {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    return {};
  }
}
