/** Carriers' own calls, signed as the vendors sign them: Twilio's by its SDK, Telnyx' with a key pair of its own. */
import { generateKeyPairSync, sign } from 'node:crypto';
import twilio from 'twilio';

export interface SignedCall {
  /** With the query, where the vendor puts something there. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const { getExpectedBodyHash, getExpectedTwilioSignature } = twilio;

/** A status callback: a form. */
export function twilioCallback(authToken: string, url: string, form: Readonly<Record<string, string>>): SignedCall {
  return {
    url,
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'x-twilio-signature': getExpectedTwilioSignature(authToken, url, form),
    },
    body: new URLSearchParams(form).toString(),
  };
}

/** Event Streams: a list as JSON, whose hash is in the address. */
export function twilioEvents(authToken: string, url: string, events: readonly object[]): SignedCall {
  const body = JSON.stringify(events);
  const whole = `${url}?bodySHA256=${getExpectedBodyHash(body)}`;
  const signature = getExpectedTwilioSignature(authToken, whole, {});
  return { url: whole, headers: { 'content-type': 'application/json', 'x-twilio-signature': signature }, body };
}

export interface TelnyxSigner {
  /** As the portal shows it. */
  readonly publicKey: string;
  /** `at`: milliseconds since 1970, or what stands in the header. */
  call(url: string, event: object | string, at: number | string): SignedCall;
}

export function telnyxSigner(): TelnyxSigner {
  const pair = generateKeyPairSync('ed25519');
  const { x = '' } = pair.publicKey.export({ format: 'jwk' });
  return {
    publicKey: Buffer.from(x, 'base64url').toString('base64'),
    call(url, event, at) {
      const body = typeof event === 'string' ? event : JSON.stringify(event);
      const timestamp = typeof at === 'string' ? at : String(Math.floor(at / 1_000));
      const signature = sign(null, Buffer.from(`${timestamp}|${body}`), pair.privateKey).toString('base64');
      return {
        url,
        headers: {
          'content-type': 'application/json',
          'telnyx-timestamp': timestamp,
          'telnyx-signature-ed25519': signature,
        },
        body,
      };
    },
  };
}

/** What Telnyx tells of a message; the number and the text are in there. */
export function telnyxMessageEvent(ref: string, status: string, more: object = {}): object {
  return {
    data: {
      event_type: 'message.finalized',
      id: '3f1f4d1c-6d0a-4f6e-9e3e-0c8f3f3a9b01',
      occurred_at: '2026-11-21T12:00:00.000+00:00',
      payload: {
        id: ref,
        record_type: 'message',
        direction: 'outbound',
        to: [{ phone_number: '+12125550100', status, carrier: 'A CARRIER', line_type: 'Wireless' }],
        text: '424242 is your code',
        errors: [],
        ...more,
      },
      record_type: 'event',
    },
    meta: { attempt: 1, delivered_to: 'https://acme.example/webhooks/telnyx' },
  };
}

/** What Telnyx tells of a verification: with its code, where we made it. */
export function telnyxVerifyEvent(ref: string, more: object = {}): object {
  return {
    data: {
      event_type: 'verify.delivered',
      id: ref,
      occurred_at: '2026-11-21T12:00:00.000+00:00',
      payload: {
        id: ref,
        record_type: 'verification',
        type: 'sms',
        phone_number: '+12125550100',
        profile_id: '4900017a-ff88-7a6f-9a1a-000000000000',
        status: 'pending',
        delivery_status: 'delivered',
        failed_attempts: 0,
        custom_code: '424242',
        timeout_secs: null,
        ...more,
      },
      record_type: 'event',
    },
    meta: { attempt: 1, delivered_to: 'https://acme.example/webhooks/telnyx' },
  };
}
