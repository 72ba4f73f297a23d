import type { CallContext, CheckResult, CodeOwner, Delivery, SendJob, SendResult } from '../core/delivery.js';
import { MfaError } from '../core/errors.js';
import { field } from '../core/field.js';
import { refuseUnknownOptions } from '../core/known-options.js';
import { requireCodeLength } from './code-length.js';
import { type TelnyxAccount, telnyxCalls } from './telnyx-call.js';

/** Our channel, and the end of Telnyx' path. */
const TELNYX_CHANNEL = { sms: 'sms', voice: 'call', whatsapp: 'whatsapp', 'flash-call': 'flashcall' } as const;

export type TelnyxVerifyChannel = keyof typeof TELNYX_CHANNEL;

export interface TelnyxVerifyOptions extends TelnyxAccount {
  /** The id of the Verify profile. */
  readonly verifyProfileId: string;
  /** Telnyx' texts have the language of their profile: other profiles by language, `{ de: '...', 'pt-BR': '...' }`. */
  readonly profilesByLanguage?: { readonly [language: string]: string };
  /** Default `sms`, `voice`. `whatsapp` must be set up in the profile. `flash-call` rings once; the code is the end of the number that called. */
  readonly channels?: readonly TelnyxVerifyChannel[];
  /** Digits of the codes Telnyx makes, as the profile has it; default 5, as there. 4 to 10. */
  readonly codeLength?: number;
  /** Sends codes of ours, so that another delivery can bring the same code where Telnyx fails. Default false. Not for `flash-call`. */
  readonly customCode?: boolean;
}

// Their profile ids are shaped like UUIDs, of no version that RFC 9562 knows.
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Codes that Telnyx Verify sends, and makes and checks unless `customCode`. Wrong, expired and used-up codes get one answer there (`rejected`), so the tries are
 * counted here, as ever. Throws `MfaError` (`set_up`) for options that cannot work. https://developers.telnyx.com/docs/identity/verify
 */
export function telnyxVerify(options: TelnyxVerifyOptions): Delivery {
  const known = ['apiKey', 'baseUrl', 'verifyProfileId', 'profilesByLanguage', 'channels', 'codeLength', 'customCode'];
  refuseUnknownOptions('telnyxVerify', options, known);
  const {
    verifyProfileId,
    profilesByLanguage = {},
    channels = ['sms', 'voice'],
    customCode = false,
    codeLength = 5,
  } = options;
  const call = telnyxCalls('telnyxVerify', options);
  requireProfiles([verifyProfileId, ...Object.values(profilesByLanguage)]);
  requireChannels(channels, customCode);
  requireCodeLength('telnyxVerify', codeLength);
  const profiles = new Map(Object.entries(profilesByLanguage).map(([tag, id]) => [plain(tag), id]));
  const codeOwner: CodeOwner = customCode ? 'ours' : 'theirs';

  async function send(job: SendJob, context: CallContext): Promise<SendResult> {
    const channel = channels.find((one) => one === job.channel);
    if (channel === undefined) return { sent: 'no', why: 'channel_unavailable' };
    if (customCode && job.code === undefined) return { sent: 'no', why: 'config' };
    const answer = await call(
      `/verifications/${TELNYX_CHANNEL[channel]}`,
      {
        phone_number: job.to,
        verify_profile_id: profileFor(job.locale),
        timeout_secs: Math.ceil(job.ttlMs / 1_000),
        ...(customCode ? { custom_code: job.code } : {}),
      },
      context,
    );
    if (!answer.ok) return answer.failure;
    // Their answer holds the code; the reference is all that is taken out of it.
    const ref = field(answer.data, 'id');
    if (typeof ref !== 'string' || !UUID.test(ref) || field(answer.data, 'phone_number') !== job.to)
      return { sent: 'unknown', why: 'unavailable' };
    return { sent: 'yes', ref, codeOwner };
  }

  async function check(
    { ref, to, code }: { readonly ref: string; readonly to: string; readonly code: string },
    context: CallContext,
  ): Promise<CheckResult> {
    if (!UUID.test(ref)) return { verdict: 'gone' };
    if (!/^\d{4,10}$/.test(code)) return { verdict: 'wrong' };
    // By reference, never by number: the number may have a newer verification, which another sign-in asked for.
    const answer = await call(`/verifications/${ref}/actions/verify`, { code }, context);
    if (!answer.ok) {
      const { sent, ...failure } = answer.failure;
      if (failure.detail?.status === 404) return { verdict: 'gone' };
      return { verdict: 'error', reached: sent !== 'no', ...failure };
    }
    const said = field(answer.data, 'response_code');
    if (field(answer.data, 'phone_number') !== to) return { verdict: 'error', why: 'unavailable', reached: true };
    if (said === 'accepted') return { verdict: 'correct' };
    return said === 'rejected' ? { verdict: 'wrong' } : { verdict: 'error', why: 'unavailable', reached: true };
  }

  /** With codes of ours they want to hear what became of each. */
  async function tell(ref: string, status: 'accepted' | 'rejected', context: CallContext): Promise<void> {
    if (UUID.test(ref)) await call(`/verifications/${ref}/actions/verify`, { status }, context);
  }

  /** The tag itself, then what it is a form of: `pt-BR`, `pt`. */
  function profileFor(locale = ''): string {
    for (let tag = plain(locale); tag !== ''; tag = tag.slice(0, Math.max(0, tag.lastIndexOf('-')))) {
      const profile = profiles.get(tag);
      if (profile !== undefined) return profile;
    }
    return verifyProfileId;
  }

  return {
    name: 'telnyx-verify',
    webhook: 'telnyx',
    offers: channels.map((channel) => ({ channel, code: codeOwner, ...(customCode ? {} : { digits: codeLength }) })),
    send,
    ...(customCode
      ? {
          cancel: (ref: string, context: CallContext) => tell(ref, 'rejected', context),
          confirm: (ref: string, context: CallContext) => tell(ref, 'accepted', context),
        }
      : { check }),
  };
}

function plain(tag: string): string {
  return tag.replaceAll('_', '-').toLowerCase();
}

function requireProfiles(ids: readonly string[]): void {
  if (ids.every((id) => typeof id === 'string' && UUID.test(id))) return;
  throw new MfaError(
    'set_up',
    'telnyxVerify: `verifyProfileId` (or one of `profilesByLanguage`) is not the id of a Verify profile, 8-4-4-4-12 hexadecimal digits.',
  );
}

function requireChannels(channels: readonly TelnyxVerifyChannel[], customCode: unknown): void {
  if (typeof customCode !== 'boolean')
    throw new MfaError('set_up', 'telnyxVerify: `customCode` is true or false (the default).');
  const usable =
    Array.isArray(channels) &&
    channels.length > 0 &&
    new Set(channels).size === channels.length &&
    channels.every((channel) => Object.hasOwn(TELNYX_CHANNEL, channel));
  if (!usable) {
    throw new MfaError(
      'set_up',
      "telnyxVerify: `channels` lists each of 'sms', 'voice', 'whatsapp' and 'flash-call' at most once: ['sms', 'voice'].",
    );
  }
  if (customCode && channels.includes('flash-call')) {
    throw new MfaError(
      'set_up',
      "telnyxVerify: a flash call cannot carry a code of ours, the code is the number that calls. Make a second telnyxVerify with channels: ['flash-call'], without `customCode`.",
    );
  }
}
