/** Who brings codes: Twilio, Telnyx and a mail server, where they are set up in the environment. */
import type { Delivery, WebhookOptions } from '../src/index.js';
import { mailServer } from './mail.js';
import { StartProblem } from './problems.js';

/** For each channel, in the order in which they are asked; where there is none, the developer inbox takes its place. */
export interface Carriers {
  readonly sms?: readonly Delivery[];
  readonly voice?: readonly Delivery[];
  readonly whatsapp?: readonly Delivery[];
  readonly flashCall?: readonly Delivery[];
  readonly email?: readonly Delivery[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * All that is set up; undefined where nothing is. Twilio and Telnyx together bring codes of ours, so that one can take over from the other; one Verify service alone makes
 * and checks its own.
 */
export async function realCarriers(env: Environment): Promise<Carriers | undefined> {
  const hasBoth = Boolean(env.TWILIO_ACCOUNT_SID) && Boolean(env.TELNYX_API_KEY);
  const all = await Promise.all([twilioCarriers(env, hasBoth), telnyxCarriers(env, hasBoth), mailCarriers(env)]);
  const of = (channel: keyof Carriers) => {
    const found = all.flatMap((carriers) => carriers?.[channel] ?? []);
    return found.length === 0 ? {} : { [channel]: found };
  };
  const carriers: Carriers = { ...of('sms'), ...of('voice'), ...of('whatsapp'), ...of('flashCall'), ...of('email') };
  return Object.keys(carriers).length === 0 ? undefined : carriers;
}

/**
 * `TWILIO_ACCOUNT_SID` and `TWILIO_AUTH_TOKEN` with `TWILIO_VERIFY_SERVICE_SID`: Twilio Verify. With `TWILIO_FROM` instead, a number of yours: texts and calls with codes of ours.
 */
async function twilioCarriers(env: Environment, customCode: boolean): Promise<Carriers | undefined> {
  const { TWILIO_ACCOUNT_SID: account, TWILIO_AUTH_TOKEN: token } = env;
  const { TWILIO_VERIFY_SERVICE_SID: serviceSid, TWILIO_FROM: from } = env;
  if (!account && !token && !serviceSid && !from) return undefined;
  if (!account || !token || !(serviceSid || from)) {
    throw new StartProblem(
      'Twilio is half set up. It needs TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, and TWILIO_VERIFY_SERVICE_SID or TWILIO_FROM.',
    );
  }
  const { default: twilio } = await import('twilio');
  // In your app: import { twilioVerify } from 'express-mfa/twilio';
  const { twilioCalls, twilioMessages, twilioVerify } = await import('../src/delivery/twilio.js');
  const client = twilio(account, token, { autoRetry: false, timeout: 10_000 });
  if (serviceSid) {
    const verify = twilioVerify({ client, serviceSid, customCode });
    return { sms: [verify], voice: [verify], ...(env.TWILIO_WHATSAPP === '1' ? { whatsapp: [verify] } : {}) };
  }
  const statusCallback = webhookUrl(env, 'twilio');
  const sender = { client, from: String(from), ...(statusCallback ? { statusCallback } : {}) };
  return { sms: [twilioMessages(sender)], voice: [twilioCalls(sender)] };
}

/** `TELNYX_API_KEY` with `TELNYX_VERIFY_PROFILE_ID`: Telnyx Verify. With `TELNYX_FROM` instead, a number of yours: texts with codes of ours. */
async function telnyxCarriers(env: Environment, customCode: boolean): Promise<Carriers | undefined> {
  const { TELNYX_API_KEY: apiKey, TELNYX_VERIFY_PROFILE_ID: verifyProfileId, TELNYX_FROM: from } = env;
  if (!apiKey && !verifyProfileId && !from) return undefined;
  if (!apiKey || !(verifyProfileId || from)) {
    throw new StartProblem(
      'Telnyx is half set up. It needs TELNYX_API_KEY, and TELNYX_VERIFY_PROFILE_ID or TELNYX_FROM.',
    );
  }
  // In your app: import { telnyxVerify } from 'express-mfa/telnyx';
  const { telnyxMessages, telnyxVerify } = await import('../src/delivery/telnyx.js');
  if (verifyProfileId) {
    const verify = telnyxVerify({ apiKey, verifyProfileId, customCode });
    if (env.TELNYX_FLASH_CALLS !== '1') return { sms: [verify], voice: [verify] };
    // Its number is its code: one of ours cannot be sent so.
    const rings = telnyxVerify({ apiKey, verifyProfileId, channels: ['flash-call'] });
    return { sms: [verify], voice: [verify], flashCall: [rings] };
  }
  const reports = env.TELNYX_PUBLIC_KEY ? webhookUrl(env, 'telnyx') : undefined;
  const sender = { apiKey, from: String(from), ...(reports ? { webhookUrl: reports } : {}) };
  return { sms: [telnyxMessages(sender)] };
}

/** `SMTP_URL` and `MAIL_FROM`: codes by mail. */
async function mailCarriers(env: Environment): Promise<Carriers | undefined> {
  const server = await mailServer(env);
  if (!server) return undefined;
  // In your app: import { smtp } from 'express-mfa/smtp';
  const { smtp } = await import('../src/delivery/smtp.js');
  return { email: [smtp(server)] };
}

/**
 * What Twilio and Telnyx sign their webhooks with, where they can reach the app: `BASE_URL`, with the auth token, and `TELNYX_PUBLIC_KEY`. Undefined where neither is there.
 */
export function realWebhooks(env: Environment): WebhookOptions | undefined {
  const { TWILIO_AUTH_TOKEN: token, TELNYX_PUBLIC_KEY: publicKey } = env;
  const twilio = token && webhookUrl(env, 'twilio') ? { twilio: { authTokens: [token] } } : {};
  const telnyx = publicKey ? { telnyx: { publicKey } } : {};
  const webhooks: WebhookOptions = { ...twilio, ...telnyx };
  return Object.keys(webhooks).length === 0 ? undefined : webhooks;
}

/** Carriers call from outside, and by https. */
function webhookUrl({ BASE_URL: origin }: Environment, name: string): string | undefined {
  return origin?.startsWith('https:') ? new URL(`/webhooks/${name}`, origin).href : undefined;
}
