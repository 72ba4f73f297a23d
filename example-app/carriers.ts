/** Who brings codes to a phone: Twilio where it is set up in the environment. */
import type { Delivery } from '../src/index.js';
import { StartProblem } from './problems.js';

export interface Carriers {
  readonly sms?: Delivery;
  readonly voice?: Delivery;
  readonly whatsapp?: Delivery;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `TWILIO_ACCOUNT_SID` and `TWILIO_AUTH_TOKEN` with `TWILIO_VERIFY_SERVICE_SID`: Twilio Verify makes, sends and checks the codes. With
 * `TWILIO_FROM` instead, a number of yours: texts and calls with codes of ours. Nothing where Twilio is not set up.
 */
export async function twilioCarriers(env: Environment): Promise<Carriers | undefined> {
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
    const verify = twilioVerify({ client, serviceSid });
    return { sms: verify, voice: verify, ...(env.TWILIO_WHATSAPP === '1' ? { whatsapp: verify } : {}) };
  }
  return from ? { sms: twilioMessages({ client, from }), voice: twilioCalls({ client, from }) } : undefined;
}
