import type { CallContext, Channel, Delivery, SendJob, SendResult } from '../core/delivery.js';
import { MfaError } from '../core/errors.js';
import { field } from '../core/field.js';
import { refuseUnknownOptions } from '../core/known-options.js';
import {
  isSid,
  requireSid,
  requireTwilioClient,
  type TwilioClient,
  type TwilioMessageParams,
} from './twilio-client.js';
import { classOfTwilioCode } from './twilio-errors.js';
import { askTwilio } from './twilio-request.js';

export interface TwilioMessagesOptions {
  /** A client of the official `twilio` SDK, 5 or 6, with `autoRetry` off and a `timeout` of about 10 s. */
  readonly client: Pick<TwilioClient, 'messages'>;
  /** The sender of text messages: an E.164 number, a short code, or an alphanumeric sender id. This or `messagingServiceSid`. */
  readonly from?: string;
  /** A Messaging Service, `MG...`, that chooses the sender. This or `from`. */
  readonly messagingServiceSid?: string;
  /** The WhatsApp sender, E.164. Offers the channel `whatsapp`. */
  readonly whatsappFrom?: string;
  /**
   * The authentication template, `HX...`, whose variable `1` is the code. Without one WhatsApp takes our text only within 24 hours of
   * the person's own message (63016 otherwise). With `messagingServiceSid` it offers `whatsapp` without `whatsappFrom`.
   */
  readonly whatsappContentSid?: string;
  /** Where Twilio reports what became of a message: an absolute URL, that of `mfa.webhookRouter()` and `/twilio`. Default: nowhere. */
  readonly statusCallback?: string;
  /**
   * Asks Twilio to keep neither the text nor the last digits of the number. Default false, because it needs Message Redaction on the
   * account: without that Twilio refuses each message (30029).
   */
  readonly redact?: boolean;
  /**
   * Tells Twilio of each code that was answered, from which it learns which of its routes deliver: one more request, for which nobody signing in waits. Default
   * false. https://www.twilio.com/docs/messaging/guides/send-message-feedback-to-twilio
   */
  readonly feedback?: boolean;
}

type Sender = (job: SendJob & { readonly code: string }) => TwilioMessageParams;

const OPTIONS = [
  'client',
  'from',
  'messagingServiceSid',
  'whatsappFrom',
  'whatsappContentSid',
  'statusCallback',
  'redact',
  'feedback',
];
const MAX_VALIDITY_SECONDS = 36_000;
const FAILED_AT_ONCE: ReadonlySet<unknown> = new Set(['failed', 'undelivered', 'canceled']);

/**
 * Carries our code as a text message, and over WhatsApp where that is configured. Throws `MfaError` (`set_up`) for options that cannot
 * work. https://www.twilio.com/docs/messaging/api/message-resource
 */
export function twilioMessages(options: TwilioMessagesOptions): Delivery {
  refuseUnknownOptions('twilioMessages', options, OPTIONS);
  requireTwilioClient('twilioMessages', options.client, 'messages');
  const senders = sendersOf(options);
  const common = commonParams(options);

  async function send(job: SendJob, context: CallContext): Promise<SendResult> {
    const sender = senders.get(job.channel);
    if (sender === undefined) return { sent: 'no', why: 'channel_unavailable' };
    const { code, text } = job;
    if (!code || !text) return { sent: 'no', why: 'config' };
    const params = { ...sender({ ...job, code }), ...common, validityPeriod: validitySeconds(job.ttlMs) };
    const outcome = await askTwilio(() => options.client.messages.create(params), context);
    return outcome.ok ? resultOf(outcome.answer) : outcome.failure;
  }

  async function confirm(ref: string, context: CallContext): Promise<void> {
    if (!isSid(ref, 'SM', 'MM')) return;
    await askTwilio(() => options.client.messages(ref).feedback.create({ outcome: 'confirmed' }), context);
  }

  return {
    name: 'twilio-messages',
    webhook: 'twilio',
    offers: [...senders.keys()].map((channel) => ({ channel, code: 'ours' as const })),
    send,
    ...(options.feedback === true ? { confirm } : {}),
  };
}

function resultOf(answer: unknown): SendResult {
  const ref = field(answer, 'sid');
  if (!isSid(ref, 'SM', 'MM')) return { sent: 'unknown', why: 'unavailable' };
  if (!FAILED_AT_ONCE.has(field(answer, 'status'))) return { sent: 'yes', ref, codeOwner: 'ours' };
  const code = field(answer, 'errorCode');
  if (typeof code !== 'number') return { sent: 'no', why: 'unreachable' };
  return { sent: 'no', why: classOfTwilioCode(code) ?? 'unreachable', detail: { code: String(code) } };
}

/** Rounded down: a text that leaves Twilio's queue after the code is dead only confuses. */
function validitySeconds(ttlMs: number): number {
  return Math.min(MAX_VALIDITY_SECONDS, Math.max(1, Math.floor(ttlMs / 1000)));
}

function commonParams({ statusCallback, redact, feedback }: TwilioMessagesOptions): Partial<TwilioMessageParams> {
  if (statusCallback !== undefined && !URL.canParse(statusCallback)) {
    throw new MfaError(
      'set_up',
      'twilioMessages: `statusCallback` is an absolute URL: https://acme.example/twilio/status.',
    );
  }
  return {
    ...(statusCallback === undefined ? {} : { statusCallback }),
    ...(redact === true ? { contentRetention: 'discard', addressRetention: 'obfuscate' } : {}),
    ...(feedback === true ? { provideFeedback: true } : {}),
  };
}

function sendersOf(options: TwilioMessagesOptions): ReadonlyMap<Channel, Sender> {
  const senders = new Map<Channel, Sender>();
  const sms = smsSender(options);
  const whatsapp = whatsappSender(options);
  if (sms !== undefined) senders.set('sms', sms);
  if (whatsapp !== undefined) senders.set('whatsapp', whatsapp);
  if (senders.size > 0) return senders;
  throw new MfaError('set_up', 'twilioMessages: who sends? Write `from: "+1..."` or `messagingServiceSid: "MG..."`.');
}

function smsSender({ from, messagingServiceSid }: TwilioMessagesOptions): Sender | undefined {
  if (from !== undefined && messagingServiceSid !== undefined) {
    throw new MfaError(
      'set_up',
      'twilioMessages: give `from` or `messagingServiceSid`, not both: the service chooses the sender.',
    );
  }
  if (messagingServiceSid !== undefined) {
    requireSid('twilioMessages', 'messagingServiceSid', messagingServiceSid, 'MG');
    return ({ to, text = '' }) => ({ to, messagingServiceSid, body: text });
  }
  if (from === undefined) return undefined;
  if (!/^\+[1-9]\d{6,14}$|^\d{3,8}$|^(?=.*[A-Za-z])[\w &+-]{1,11}$/.test(from)) {
    throw new MfaError(
      'set_up',
      'twilioMessages: `from` is an E.164 number, a short code, or a sender id of at most 11 characters.',
    );
  }
  return ({ to, text = '' }) => ({ to, from, body: text });
}

function whatsappSender(options: TwilioMessagesOptions): Sender | undefined {
  const { whatsappContentSid: contentSid } = options;
  if (contentSid !== undefined) requireSid('twilioMessages', 'whatsappContentSid', contentSid, 'HX');
  const sender = whatsappSenderParams(options);
  if (sender === undefined) return undefined;
  const head = (to: string) => ({ to: `whatsapp:${to}`, ...sender });
  if (contentSid === undefined) return ({ to, text = '' }) => ({ ...head(to), body: text });
  return ({ to, code }) => ({ ...head(to), contentSid, contentVariables: JSON.stringify({ 1: code }) });
}

function whatsappSenderParams(options: TwilioMessagesOptions): Omit<TwilioMessageParams, 'to'> | undefined {
  const { whatsappFrom, whatsappContentSid, messagingServiceSid } = options;
  if (whatsappFrom !== undefined) return { from: whatsappAddress(whatsappFrom) };
  if (whatsappContentSid === undefined) return undefined;
  if (messagingServiceSid !== undefined) return { messagingServiceSid };
  throw new MfaError('set_up', 'twilioMessages: `whatsappContentSid` needs a sender too: `whatsappFrom: "+1..."`.');
}

function whatsappAddress(number: string): string {
  const plain = number.replace(/^whatsapp:/, '');
  if (/^\+[1-9]\d{6,14}$/.test(plain)) return `whatsapp:${plain}`;
  throw new MfaError('set_up', 'twilioMessages: `whatsappFrom` is the E.164 number of a WhatsApp sender: "+1...".');
}
