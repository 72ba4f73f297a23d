import { spokenDigits } from './twiml.js';
import { type Arrival, type Form, isE164, notFound, type Reply, refusal, sid, strayField, text } from './wire.js';

const MESSAGE_FIELDS = (
  'To From MessagingServiceSid Body ContentSid ContentVariables StatusCallback ValidityPeriod ContentRetention ' +
  'AddressRetention SmartEncoded ProvideFeedback Attempt RiskCheck ShortenUrls'
).split(' ');
const CALL_FIELDS = 'To From Twiml Url Timeout TimeLimit StatusCallback MachineDetection'.split(' ');

export interface ProgrammableOptions {
  readonly accountSid: string;
  readonly now: () => number;
  readonly landlines: readonly string[];
  readonly arrived: (arrival: Arrival) => void;
}

/** Messages and Calls of API 2010-04-01: they carry what they are given and know no code. */
export function programmable(options: ProgrammableOptions) {
  const { accountSid, now, arrived } = options;
  const base = `/2010-04-01/Accounts/${accountSid}`;
  const wantsFeedback = new Set<string>();

  function message(form: Form): Reply {
    const fault = faultOfMessage(form, options.landlines);
    if (fault !== undefined) return fault;
    const to = text(form, 'To') ?? '';
    const body = text(form, 'Body') ?? `Template ${text(form, 'ContentSid')}: ${text(form, 'ContentVariables')}`;
    const channel = to.startsWith('whatsapp:') ? 'whatsapp' : 'sms';
    arrived({ via: 'messages', channel, to: plain(to), code: codeIn(form), text: body, at: now() });
    const ref = sid('SM');
    if (text(form, 'ProvideFeedback') === 'true') wantsFeedback.add(ref);
    const isRedacted = text(form, 'AddressRetention') === 'obfuscate';
    return {
      status: 201,
      body: {
        sid: ref,
        account_sid: accountSid,
        api_version: '2010-04-01',
        body,
        date_created: rfc2822(now()),
        date_sent: null,
        date_updated: rfc2822(now()),
        direction: 'outbound-api',
        error_code: null,
        error_message: null,
        from: text(form, 'From') ?? null,
        messaging_service_sid: text(form, 'MessagingServiceSid') ?? null,
        num_media: '0',
        num_segments: '1',
        price: null,
        price_unit: 'USD',
        status: text(form, 'MessagingServiceSid') === undefined ? 'queued' : 'accepted',
        subresource_uris: { media: `${base}/Messages/${ref}/Media.json` },
        to: isRedacted ? to.replace(/\d{4}$/, 'XXXX') : to,
        uri: `${base}/Messages/${ref}.json`,
      },
    };
  }

  function feedback(ref: string, form: Form, path: string): Reply {
    if (!wantsFeedback.has(ref)) return notFound(path);
    const outcome = text(form, 'Outcome') ?? 'confirmed';
    const at = rfc2822(now());
    return {
      status: 200,
      body: { account_sid: accountSid, date_created: at, date_updated: at, message_sid: ref, outcome, uri: path },
    };
  }

  function call(form: Form): Reply {
    const fault = faultOfCall(form);
    if (fault !== undefined) return fault;
    const to = text(form, 'To') ?? '';
    const from = text(form, 'From') ?? '';
    const twiml = text(form, 'Twiml') ?? '';
    arrived({ via: 'calls', channel: 'voice', to, code: spokenDigits(twiml), text: twiml, at: now() });
    const ref = sid('CA');
    return {
      status: 201,
      body: {
        sid: ref,
        account_sid: accountSid,
        answered_by: null,
        api_version: '2010-04-01',
        caller_name: null,
        date_created: null,
        date_updated: null,
        direction: 'outbound-api',
        duration: null,
        end_time: null,
        forwarded_from: null,
        from,
        from_formatted: from,
        group_sid: null,
        parent_call_sid: null,
        phone_number_sid: sid('PN'),
        price: null,
        price_unit: 'USD',
        queue_time: '0',
        start_time: null,
        status: 'queued',
        subresource_uris: { recordings: `${base}/Calls/${ref}/Recordings.json` },
        to,
        to_formatted: to,
        trunk_sid: null,
        uri: `${base}/Calls/${ref}.json`,
      },
    };
  }

  return function handle(path: string, form: Form): Reply {
    if (path === `${base}/Messages.json`) return message(form);
    const [, told] = /^\/(SM[0-9a-f]{32})\/Feedback\.json$/.exec(path.slice(`${base}/Messages`.length)) ?? [];
    if (told !== undefined && path.startsWith(`${base}/Messages/`)) return feedback(told, form, path);
    if (path === `${base}/Calls.json`) return call(form);
    return notFound(path);
  };
}

function faultOfMessage(form: Form, landlines: readonly string[]): Reply | undefined {
  const to = text(form, 'To');
  const from = text(form, 'From');
  const validity = text(form, 'ValidityPeriod');
  const body = text(form, 'Body');
  const stray = strayField(form, MESSAGE_FIELDS);
  if (stray !== undefined) return refusal(400, 20001, `Unknown parameter ${stray}`);
  if (to === undefined) return refusal(400, 21604, "A 'To' phone number is required.");
  if (!isE164(plain(to))) return refusal(400, 21211, `Invalid 'To' Phone Number: ${to}`);
  if (from === undefined && text(form, 'MessagingServiceSid') === undefined) {
    return refusal(400, 21603, "A 'From' phone number is required.");
  }
  if (from !== undefined && from.startsWith('whatsapp:') !== to.startsWith('whatsapp:')) {
    return refusal(400, 21910, "Invalid 'From' and 'To' pair. They should be of the same channel.");
  }
  if (body === undefined && text(form, 'ContentSid') === undefined)
    return refusal(400, 21619, 'A text message body is required.');
  if (body !== undefined && body.length > 1600)
    return refusal(400, 21617, 'The message body exceeds the 1600 character limit.');
  if (validity !== undefined && !(/^\d+$/.test(validity) && Number(validity) >= 1 && Number(validity) <= 36_000)) {
    return refusal(400, 21620, 'Invalid ValidityPeriod');
  }
  if (landlines.includes(to)) return refusal(400, 21635, `'To' number ${to} cannot be a landline`);
  return undefined;
}

function faultOfCall(form: Form): Reply | undefined {
  const stray = strayField(form, CALL_FIELDS);
  const to = text(form, 'To');
  if (stray !== undefined) return refusal(400, 20001, `Unknown parameter ${stray}`);
  if (!isE164(to))
    return refusal(400, 21211, `The phone number you are attempting to call, ${to ?? ''}, is not valid.`);
  if (!isE164(text(form, 'From'))) return refusal(400, 21213, "No 'From' number is specified");
  if (text(form, 'Twiml') === undefined && text(form, 'Url') === undefined)
    return refusal(400, 21205, 'Url is not a valid URL');
  if ((text(form, 'Twiml') ?? '').length > 4000) return refusal(400, 21218, 'Twiml is over 4000 characters');
  return undefined;
}

function codeIn(form: Form): string | undefined {
  const variables = text(form, 'ContentVariables');
  if (variables !== undefined) return (JSON.parse(variables) as Record<string, string>)['1'];
  return /(?<!\d)\d{4,10}(?!\d)/.exec(text(form, 'Body') ?? '')?.[0];
}

function plain(address: string): string {
  return address.replace(/^whatsapp:/, '');
}

function rfc2822(at: number): string {
  return new Date(at).toUTCString().replace('GMT', '+0000');
}
