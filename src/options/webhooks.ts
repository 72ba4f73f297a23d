/** Reads `webhooks`: which carriers tell what became of a send, and what they sign it with. */

import type { CarrierWebhook } from '../core/carrier-webhook.js';
import { MfaError } from '../core/errors.js';
import { telnyxPublicKey, telnyxWebhook } from '../delivery/telnyx-webhook.js';
import { twilioWebhook } from '../delivery/twilio-webhook.js';
import { isAsExpected, kindOf, known } from './check-options.js';

/** Which carriers tell what became of a send, and what they sign that with. See docs/webhooks.md. */
export interface WebhookOptions {
  readonly twilio?: {
    /** The account's primary auth token; while it is being changed the newest first, then the one before. */
    readonly authTokens: readonly string[];
    /**
     * The address as it stands at Twilio, which signs it: `https://acme.example/webhooks/twilio`. Default: `baseUrl` and the path of the request, which is right
     * unless a proxy changes the path. Never made of the Host header.
     */
    readonly publicUrl?: string;
  };
  readonly telnyx?: {
    /** From the portal: 32 bytes in base64; while it is being changed a list of two, the newest first. */
    readonly publicKey: string | readonly string[];
  };
}

export function readWebhooks(given: WebhookOptions | undefined, origin: string | undefined): readonly CarrierWebhook[] {
  if (given === undefined) return [];
  known('createMfa: webhooks', given, { twilio: 'object', telnyx: 'object' });
  const { twilio, telnyx } = given;
  return [...(twilio ? [readTwilio(twilio, origin)] : []), ...(telnyx ? [readTelnyx(telnyx)] : [])];
}

function readTwilio(given: NonNullable<WebhookOptions['twilio']>, origin: string | undefined): CarrierWebhook {
  known('createMfa: webhooks.twilio', given, { authTokens: 'own', publicUrl: 'text' });
  const { authTokens, publicUrl } = given;
  if (!isAsExpected(authTokens, 'texts') || authTokens.length === 0 || authTokens.length > 2) {
    throw new MfaError(
      'set_up',
      'createMfa: `webhooks.twilio.authTokens` is a list with the account’s primary auth token, and while it is being changed the one before: `[process.env.TWILIO_AUTH_TOKEN]`.',
    );
  }
  if (authTokens.some((token) => !/^[\x21-\x7e]{16,}$/.test(token))) {
    throw new MfaError(
      'set_up',
      'createMfa: `webhooks.twilio.authTokens` holds what is no auth token: those are 32 hexadecimal digits. Copy it from the Twilio console; API keys sign no webhook.',
    );
  }
  if (publicUrl !== undefined) return twilioWebhook({ authTokens, publicUrl: inPlaceOf(publicUrl) });
  if (origin === undefined) {
    throw new MfaError(
      'set_up',
      'createMfa: Twilio signs the address it calls. Write `baseUrl`, or `webhooks: { twilio: { publicUrl } }` with the whole address: https://acme.example/webhooks/twilio.',
    );
  }
  return twilioWebhook({ authTokens, publicUrl: (target) => origin + target });
}

/** Only the query is taken from the request: Twilio puts the hash of the body there. */
function inPlaceOf(publicUrl: string): (target: string) => string {
  const url = URL.canParse(publicUrl) ? new URL(publicUrl) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || /[?#@\s]/.test(publicUrl)) {
    throw new MfaError(
      'set_up',
      `createMfa: \`webhooks.twilio.publicUrl\` is ${kindOf(publicUrl)}, expected the whole address without a query, as in 'https://acme.example/webhooks/twilio'.`,
    );
  }
  return (target) => {
    const query = target.indexOf('?');
    return query === -1 ? publicUrl : publicUrl + target.slice(query);
  };
}

function readTelnyx(given: NonNullable<WebhookOptions['telnyx']>): CarrierWebhook {
  known('createMfa: webhooks.telnyx', given, { publicKey: 'own' });
  const listed: readonly unknown[] = Array.isArray(given.publicKey) ? given.publicKey : [given.publicKey];
  const publicKeys = listed.map(telnyxPublicKey).filter((key) => key !== undefined);
  const areAll = publicKeys.length === listed.length && publicKeys.length > 0 && publicKeys.length <= 2;
  if (areAll) return telnyxWebhook({ publicKeys });
  throw new MfaError(
    'set_up',
    'createMfa: `webhooks.telnyx.publicKey` is the account’s public key from the Telnyx portal: 44 characters of base64, and while it is being changed a list of two. Without it nobody could tell whose the webhooks are.',
  );
}
