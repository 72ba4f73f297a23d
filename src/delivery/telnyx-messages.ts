import type { CallContext, Delivery, SendJob, SendResult } from '../core/delivery.js';
import { MfaError } from '../core/errors.js';
import { field } from '../core/field.js';
import { refuseUnknownOptions } from '../core/known-options.js';
import { type TelnyxAccount, telnyxCalls } from './telnyx-call.js';
import { classOfTelnyxCode } from './telnyx-errors.js';

export interface TelnyxMessagesOptions extends TelnyxAccount {
  /** A number of yours (E.164), a short code, or an alphanumeric sender. One of the two, or an alphanumeric sender with its profile. */
  readonly from?: string;
  readonly messagingProfileId?: string;
  /** Where Telnyx reports what became of each text: the address of `mfa.webhookRouter()`, `/telnyx`. Default: the profile's. */
  readonly webhookUrl?: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Codes of ours, as text messages through Telnyx. Throws `MfaError` (`set_up`) for options that cannot work. */
export function telnyxMessages(options: TelnyxMessagesOptions): Delivery {
  const known = ['apiKey', 'baseUrl', 'from', 'messagingProfileId', 'webhookUrl'];
  refuseUnknownOptions('telnyxMessages', options, known);
  const { from, messagingProfileId, webhookUrl } = options;
  const call = telnyxCalls('telnyxMessages', options);
  requireSender(from, messagingProfileId);
  requireWebhook(webhookUrl);

  async function send(job: SendJob, context: CallContext): Promise<SendResult> {
    if (job.channel !== 'sms') return { sent: 'no', why: 'channel_unavailable' };
    if (job.text === undefined || job.text === '') return { sent: 'no', why: 'config' };
    const answer = await call(
      '/messages',
      {
        to: job.to,
        text: job.text,
        type: 'SMS',
        ...(from === undefined ? {} : { from }),
        ...(messagingProfileId === undefined ? {} : { messaging_profile_id: messagingProfileId }),
        ...(webhookUrl === undefined ? {} : { webhook_url: webhookUrl }),
      },
      context,
    );
    if (!answer.ok) return answer.failure;
    const ref = field(answer.data, 'id');
    if (typeof ref !== 'string' || !UUID.test(ref)) return { sent: 'unknown', why: 'unavailable' };
    return failedAtOnce(answer.data) ?? { sent: 'yes', ref, codeOwner: 'ours' };
  }

  return { name: 'telnyx-messages', webhook: 'telnyx', offers: [{ channel: 'sms', code: 'ours' }], send };
}

/** Taken, and given up in the same breath. */
function failedAtOnce(data: unknown): SendResult | undefined {
  const to = field(data, 'to');
  const status = Array.isArray(to) ? field(to[0], 'status') : undefined;
  if (status !== 'sending_failed' && status !== 'delivery_failed') return undefined;
  const errors = field(data, 'errors');
  const code = Array.isArray(errors) ? field(errors[0], 'code') : undefined;
  const known = typeof code === 'string' && /^\d{5}$/.test(code) ? code : undefined;
  return {
    sent: 'no',
    why: (known === undefined ? undefined : classOfTelnyxCode(known)) ?? 'unreachable',
    ...(known === undefined ? {} : { detail: { code: known } }),
  };
}

function requireSender(from: unknown, profile: unknown): void {
  const sender =
    from === undefined || (typeof from === 'string' && /^(\+[1-9]\d{6,14}|\d{3,8}|[A-Za-z0-9 ]{1,11})$/.test(from));
  const profileFits = profile === undefined || (typeof profile === 'string' && UUID.test(profile));
  if (sender && profileFits && (from !== undefined || profile !== undefined)) return;
  throw new MfaError(
    'set_up',
    "telnyxMessages: name the sender: `from: '+12025550100'`, or `messagingProfileId` (8-4-4-4-12 hexadecimal digits), or both.",
  );
}

function requireWebhook(url: unknown): void {
  if (url === undefined || (typeof url === 'string' && URL.canParse(url) && new URL(url).protocol === 'https:')) return;
  throw new MfaError('set_up', 'telnyxMessages: `webhookUrl` is not an https address.');
}
