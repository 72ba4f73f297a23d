/** Who brings codes: Twilio, Telnyx and a mail server, where they are set up in the environment. */
import type { Delivery } from '../src/index.js';
import { StartProblem } from './problems.js';

/** For each channel, in the order in which they are asked; where there is none, the developer inbox takes its place. */
export interface Carriers {
  readonly sms?: readonly Delivery[];
  readonly voice?: readonly Delivery[];
  readonly whatsapp?: readonly Delivery[];
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
  const carriers: Carriers = { ...of('sms'), ...of('voice'), ...of('whatsapp'), ...of('email') };
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
  return from ? { sms: [twilioMessages({ client, from })], voice: [twilioCalls({ client, from })] } : undefined;
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
    return { sms: [verify], voice: [verify] };
  }
  return from ? { sms: [telnyxMessages({ apiKey, from })] } : undefined;
}

/** `SMTP_URL` and `MAIL_FROM`: codes by mail. */
async function mailCarriers({ SMTP_URL: url, MAIL_FROM: from }: Environment): Promise<Carriers | undefined> {
  if (!url && !from) return undefined;
  if (!url || !from || !/^smtps?:\/\//.test(url)) {
    throw new StartProblem(
      'Mail is half set up. It needs SMTP_URL, as in smtp://user:password@smtp.example:587, and MAIL_FROM, one address.',
    );
  }
  const { default: nodemailer } = await import('nodemailer');
  // In your app: import { smtp } from 'express-mfa/smtp';
  const { smtp } = await import('../src/delivery/smtp.js');
  const times = { connectionTimeout: 3000, greetingTimeout: 3000, socketTimeout: 8000 };
  return { email: [smtp({ transport: nodemailer.createTransport({ url, ...times }), from })] };
}
