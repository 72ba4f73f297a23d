import { type Arrival, type Form, isE164, notFound, type Reply, refusal, sid, strayField, text } from './wire.js';

const START_FIELDS = (
  'To Channel Locale CustomCode CustomFriendlyName SendDigits RateLimits ChannelConfiguration AppHash TemplateSid ' +
  'TemplateCustomSubstitutions DeviceIp EnableSnaClientToken RiskCheck Tags Amount Payee'
).split(' ');
const CHECK_FIELDS = 'Code To VerificationSid SnaClientToken Amount Payee'.split(' ');
const CHANNELS = ['sms', 'call', 'whatsapp', 'email', 'sna', 'auto', 'rcs'];
const LOCALES =
  /^(af|ar|ca|zh|zh-CN|zh-HK|hr|cs|da|nl|en|en-GB|et|fi|fr|de|el|he|hi|hu|id|it|ja|kn|ko|lt|ms|mr|nb|pl|pt-BR|pt|ro|ru|sk|es|sv|tl|te|th|tr|uk|vi)$/;
const LIMIT = 5;

interface Verification {
  readonly sid: string;
  readonly to: string;
  readonly code: string;
  readonly startedAt: number;
  readonly attempts: { time: string; channel: string; attempt_sid: string }[];
  channel: string;
  status: string;
  checks: number;
}

export interface VerifyServiceOptions {
  readonly accountSid: string;
  readonly serviceSid: string;
  readonly url: string;
  readonly ttlMs: number;
  readonly now: () => number;
  /** Numbers to which no text can be sent. */
  readonly landlines: readonly string[];
  readonly arrived: (arrival: Arrival) => void;
}

/** One Verify service: one live verification for each number, 5 sends and 5 checks, and a SID that is gone once it is over. */
export function verifyService(options: VerifyServiceOptions) {
  const { serviceSid, now } = options;
  const bySid = new Map<string, Verification>();
  let made = 0;

  const isLive = (one: Verification) => one.status === 'pending' && now() < one.startedAt + options.ttlMs;
  const liveFor = (to: string) => [...bySid.values()].find((one) => one.to === to && isLive(one));

  function begin(to: string, customCode: string | undefined): Verification {
    made += 1;
    // Leading zeros come early on purpose: a code is text.
    const code = customCode ?? String((made * 7919) % 1_000_000).padStart(6, '0');
    const fresh = {
      sid: sid('VE'),
      to,
      code,
      startedAt: now(),
      attempts: [],
      channel: '',
      status: 'pending',
      checks: 0,
    };
    bySid.set(fresh.sid, fresh);
    return fresh;
  }

  function start(form: Form): Reply {
    const to = text(form, 'To');
    const channel = text(form, 'Channel');
    const locale = text(form, 'Locale');
    const stray = strayField(form, START_FIELDS);
    if (stray !== undefined) return refusal(400, 60200, `Invalid parameter \`${stray}\``);
    if (channel === undefined || !CHANNELS.includes(channel)) return refusal(400, 60200, 'Invalid parameter `Channel`');
    if (!isE164(to)) return refusal(400, 60200, `Invalid parameter \`To\`: ${to ?? ''}`);
    if (locale !== undefined && !LOCALES.test(locale)) return notFound(`/Locales/${locale}`);
    if (channel === 'sms' && options.landlines.includes(to)) {
      return refusal(403, 60205, `SMS is not supported by landline phone number ${to}`);
    }
    const one = liveFor(to) ?? begin(to, text(form, 'CustomCode'));
    if (one.attempts.length >= LIMIT) return refusal(429, 60203, `Max send attempts reached for ${to}`);
    one.channel = channel;
    one.attempts.push({ time: iso(now()), channel, attempt_sid: sid('VL') });
    options.arrived({
      via: 'verify',
      channel,
      to,
      code: one.code,
      text: `Your verification code is: ${one.code}`,
      at: now(),
    });
    return {
      status: 201,
      body: { ...shape(one), lookup: {}, send_code_attempts: one.attempts, sna: null, url: urlOf(one) },
    };
  }

  function check(form: Form, path: string): Reply {
    const stray = strayField(form, CHECK_FIELDS);
    if (stray !== undefined) return refusal(400, 60200, `Invalid parameter \`${stray}\``);
    const code = text(form, 'Code');
    if (code === undefined || !/^[A-Za-z0-9]{4,10}$/.test(code)) return refusal(400, 60200, 'Invalid parameter `Code`');
    const wanted = text(form, 'VerificationSid');
    const one = wanted === undefined ? liveFor(text(form, 'To') ?? '') : bySid.get(wanted);
    if (one === undefined || !isLive(one)) return notFound(path);
    if (one.checks >= LIMIT) {
      one.status = 'max_attempts_reached';
      return refusal(429, 60202, 'Max check attempts reached');
    }
    one.checks += 1;
    if (code === one.code) one.status = 'approved';
    return { status: 200, body: { ...shape(one), sna_attempts_error_codes: [] } };
  }

  function update(reference: string, form: Form, path: string): Reply {
    const one = bySid.get(reference) ?? liveFor(reference);
    const status = text(form, 'Status');
    if (one === undefined || !isLive(one)) return notFound(path);
    if (status !== 'approved' && status !== 'canceled') return refusal(400, 60200, 'Invalid parameter `Status`');
    one.status = status;
    return {
      status: 200,
      body: { ...shape(one), lookup: {}, send_code_attempts: one.attempts, sna: null, url: urlOf(one) },
    };
  }

  function shape(one: Verification) {
    return {
      sid: one.sid,
      service_sid: serviceSid,
      account_sid: options.accountSid,
      to: one.to,
      channel: one.channel,
      status: one.status,
      valid: one.status === 'approved',
      amount: null,
      payee: null,
      date_created: iso(one.startedAt),
      date_updated: iso(now()),
    };
  }

  function urlOf(one: Verification): string {
    return `${options.url}/v2/Services/${serviceSid}/Verifications/${one.sid}`;
  }

  return function handle(path: string, form: Form): Reply {
    const [, service, resource, reference] = /^\/v2\/Services\/(\w+)\/(\w+)(?:\/([^/]+))?$/.exec(path) ?? [];
    if (service !== serviceSid) return notFound(path);
    if (resource === 'Verifications' && reference === undefined) return start(form);
    if (resource === 'Verifications' && reference !== undefined)
      return update(decodeURIComponent(reference), form, path);
    if (resource === 'VerificationCheck') return check(form, path);
    return notFound(path);
  };
}

function iso(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
