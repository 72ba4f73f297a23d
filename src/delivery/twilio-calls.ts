import type { CallContext, Delivery, SendJob, SendResult } from '../core/delivery.js';
import { MfaError } from '../core/errors.js';
import { field } from '../core/field.js';
import { refuseUnknownOptions } from '../core/known-options.js';
import { spokenCode } from './spoken-code.js';
import { isSid, requireTwilioClient, type TwilioClient } from './twilio-client.js';
import { askTwilio } from './twilio-request.js';

export interface TwilioCallsOptions {
  /** A client of the official `twilio` SDK, 5 or 6, with `autoRetry` off and a `timeout` of about 10 s. */
  readonly client: Pick<TwilioClient, 'calls'>;
  /** The caller id: a Twilio number or a verified one, E.164. */
  readonly from: string;
  /** Where Twilio reports how a call ended: an absolute URL, that of `mfa.webhookRouter()` and `/twilio`. Default: nowhere. */
  readonly statusCallback?: string;
}

/** Most mailboxes pick up later than this. A code in a mailbox is a code for whoever listens to it. */
const RING_SECONDS = 20;
const FAILED_AT_ONCE: ReadonlySet<unknown> = new Set(['failed', 'busy', 'no-answer', 'canceled']);

/**
 * Speaks our code over the phone: digit by digit, twice. The call is given up before most mailboxes answer, but not all of them: keep
 * codes short-lived. Throws `MfaError` (`set_up`) for options that cannot work. https://www.twilio.com/docs/voice/api/call-resource
 */
export function twilioCalls(options: TwilioCallsOptions): Delivery {
  refuseUnknownOptions('twilioCalls', options, ['client', 'from', 'statusCallback']);
  const { client, from, statusCallback } = options;
  requireTwilioClient('twilioCalls', client, 'calls');
  if (typeof from !== 'string' || !/^\+[1-9]\d{6,14}$/.test(from)) {
    throw new MfaError('set_up', 'twilioCalls: `from` is the number that calls, in E.164: "+1...".');
  }
  if (statusCallback !== undefined && !URL.canParse(statusCallback)) {
    throw new MfaError(
      'set_up',
      'twilioCalls: `statusCallback` is an absolute URL: https://acme.example/webhooks/twilio.',
    );
  }
  const reported = statusCallback === undefined ? {} : { statusCallback };

  async function send(job: SendJob, context: CallContext): Promise<SendResult> {
    if (job.channel !== 'voice') return { sent: 'no', why: 'channel_unavailable' };
    const { to, code, text = job.issuer, locale } = job;
    if (!code) return { sent: 'no', why: 'config' };
    const twiml = spokenCode({ text, code, locale });
    const outcome = await askTwilio(
      () => client.calls.create({ to, from, twiml, timeout: RING_SECONDS, ...reported }),
      context,
    );
    if (!outcome.ok) return outcome.failure;
    const ref = field(outcome.answer, 'sid');
    if (!isSid(ref, 'CA')) return { sent: 'unknown', why: 'unavailable' };
    if (FAILED_AT_ONCE.has(field(outcome.answer, 'status'))) return { sent: 'no', why: 'unreachable' };
    return { sent: 'yes', ref, codeOwner: 'ours' };
  }

  return { name: 'twilio-calls', webhook: 'twilio', offers: [{ channel: 'voice', code: 'ours' }], send };
}
