import type { CallContext, CheckResult, Delivery, SendJob, SendResult } from '../core/delivery.js';
import { MfaError } from '../core/errors.js';
import { field } from '../core/field.js';
import { refuseUnknownOptions } from '../core/known-options.js';
import { requireCodeLength } from './code-length.js';
import { isSid, requireSid, requireTwilioClient, type TwilioClient } from './twilio-client.js';
import { verifyLocale } from './twilio-locales.js';
import { askTwilio } from './twilio-request.js';

/** Our channel, and what Twilio calls it. */
const TWILIO_CHANNEL = { sms: 'sms', voice: 'call', whatsapp: 'whatsapp' } as const;

export type TwilioVerifyChannel = keyof typeof TWILIO_CHANNEL;

export interface TwilioVerifyOptions {
  /**
   * A client of the official `twilio` SDK, 5 or 6, with `autoRetry` off. Give it a `timeout` of about 10 s: a request that nobody waits
   * for any longer keeps its socket that long (30 s by default).
   */
  readonly client: Pick<TwilioClient, 'verify'>;
  /** The Verify Service, `VA...`. */
  readonly serviceSid: string;
  /** Default: all three. WhatsApp must be set up in the Verify Service. */
  readonly channels?: readonly TwilioVerifyChannel[];
  /** Digits of the codes Twilio makes, as the service has it; default 6, as there. 4 to 10. */
  readonly codeLength?: number;
  /**
   * Sends codes of ours through the service: enable custom verification codes in its settings first. Default false: Twilio makes and checks them. With codes of ours another
   * delivery can bring the same code where Twilio fails, and two users of one number do not share a code.
   */
  readonly customCode?: boolean;
}

/** The verification is over, whichever way it went; a further check of it would be a 404. */
const OVER: ReadonlySet<unknown> = new Set(['canceled', 'max_attempts_reached', 'deleted', 'failed', 'expired']);

/**
 * Codes that Twilio Verify makes, sends and checks. A verification lives 10 minutes unless Twilio changed that for the service, takes 5
 * sends and 5 checks, and a resend within that time brings the same code under the same reference. Throws `MfaError` (`set_up`) for
 * options that cannot work. https://www.twilio.com/docs/verify/api
 */
export function twilioVerify(options: TwilioVerifyOptions): Delivery {
  refuseUnknownOptions('twilioVerify', options, ['client', 'serviceSid', 'channels', 'codeLength', 'customCode']);
  const { client, serviceSid, codeLength = 6, customCode = false } = options;
  const { channels = Object.keys(TWILIO_CHANNEL) as TwilioVerifyChannel[] } = options;
  requireTwilioClient('twilioVerify', client, 'verify');
  requireSid('twilioVerify', 'serviceSid', serviceSid, 'VA');
  requireChannels(channels);
  requireYesOrNo(customCode);
  requireCodeLength('twilioVerify', codeLength);
  const codeOwner = customCode ? 'ours' : 'theirs';
  const service = () => client.verify.v2.services(serviceSid);

  async function send(job: SendJob, context: CallContext): Promise<SendResult> {
    const channel = channels.find((one) => one === job.channel);
    if (channel === undefined) return { sent: 'no', why: 'channel_unavailable' };
    const locale = verifyLocale(job.locale);
    if (customCode && job.code === undefined) return { sent: 'no', why: 'config' };
    const params = {
      to: job.to,
      channel: TWILIO_CHANNEL[channel],
      ...(locale === undefined ? {} : { locale }),
      ...(customCode && job.code !== undefined ? { customCode: job.code } : {}),
    };
    const blocked = customCode ? await freed(job.to, context) : undefined;
    if (blocked) return blocked;
    const outcome = await askTwilio(() => service().verifications.create(params), context);
    if (!outcome.ok) return outcome.failure;
    const ref = field(outcome.answer, 'sid');
    if (!isSid(ref, 'VE') || !isAbout(outcome.answer, job.to)) return { sent: 'unknown', why: 'unavailable' };
    return { sent: 'yes', ref, codeOwner };
  }

  async function check(
    { ref, to, code }: { readonly ref: string; readonly to: string; readonly code: string },
    context: CallContext,
  ): Promise<CheckResult> {
    if (!isSid(ref, 'VE')) return { verdict: 'gone' };
    // Twilio answers 400 for any other shape, which would look like a mistake of ours.
    if (!/^\d{4,10}$/.test(code)) return { verdict: 'wrong' };
    // By reference, never by number: the number may have a newer verification, which another sign-in asked for.
    const request = () => service().verificationChecks.create({ verificationSid: ref, code });
    const outcome = await askTwilio(request, context);
    if (!outcome.ok) {
      const { sent, ...failure } = outcome.failure;
      if (failure.detail?.code === '20404' || failure.detail?.code === '60202') return { verdict: 'gone' };
      return { verdict: 'error', reached: sent !== 'no', ...failure };
    }
    if (field(outcome.answer, 'sid') !== ref || !isAbout(outcome.answer, to)) return unreadable();
    return verdictOf(field(outcome.answer, 'status'));
  }

  /** A verification of the number that still lives would bring its own code again, and not ours. */
  async function freed(to: string, context: CallContext): Promise<SendResult | undefined> {
    const outcome = await askTwilio(() => service().verifications(to).update({ status: 'canceled' }), context);
    if (outcome.ok || outcome.failure.detail?.code === '20404') return undefined;
    return { ...outcome.failure, sent: 'no' };
  }

  async function end(ref: string, status: 'canceled' | 'approved', context: CallContext): Promise<void> {
    if (!isSid(ref, 'VE')) return;
    await askTwilio(() => service().verifications(ref).update({ status }), context);
  }

  function isAbout(answer: unknown, to: string): boolean {
    return field(answer, 'to') === to && field(answer, 'serviceSid') === serviceSid;
  }

  return {
    name: 'twilio-verify',
    webhook: 'twilio',
    offers: channels.map((channel) => ({ channel, code: codeOwner, ...(customCode ? {} : { digits: codeLength }) })),
    send,
    ...(customCode ? {} : { check }),
    cancel: (ref, context) => end(ref, 'canceled', context),
    // Without it Twilio takes the route for a bad one, and refuses the sixth send.
    ...(customCode ? { confirm: (ref: string, context: CallContext) => end(ref, 'approved', context) } : {}),
  };
}

/** A wrong code is HTTP 200 with `pending`; the old field `valid` is not looked at. */
function verdictOf(status: unknown): CheckResult {
  if (status === 'approved') return { verdict: 'correct' };
  if (status === 'pending') return { verdict: 'wrong' };
  return OVER.has(status) ? { verdict: 'gone' } : unreadable();
}

function unreadable(): CheckResult {
  return { verdict: 'error', why: 'unavailable', reached: true };
}

function requireYesOrNo(customCode: unknown): void {
  if (typeof customCode === 'boolean') return;
  throw new MfaError('set_up', 'twilioVerify: `customCode` is true or false (the default).');
}

function requireChannels(channels: readonly TwilioVerifyChannel[]): void {
  const usable =
    Array.isArray(channels) &&
    channels.length > 0 &&
    new Set(channels).size === channels.length &&
    channels.every((channel) => Object.hasOwn(TWILIO_CHANNEL, channel));
  if (usable) return;
  throw new MfaError(
    'set_up',
    "twilioVerify: `channels` lists each of 'sms', 'voice' and 'whatsapp' at most once: ['sms', 'voice'].",
  );
}
