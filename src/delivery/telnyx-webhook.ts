/** Telnyx' webhooks of messages and verifications. https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type {
  CallHeaders,
  CarrierCall,
  CarrierWebhook,
  DeliveryReport,
  DeliveryState,
} from '../core/carrier-webhook.js';
import type { FailureClass } from '../core/delivery.js';
import { field } from '../core/field.js';
import { classOfTelnyxCode } from './telnyx-errors.js';

const TOLERANCE_MS = 300_000;
const SIGNATURE = /^[A-Za-z0-9+/]{86}==$/;
const TIMESTAMP = /^\d{1,12}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The state of each status that is an end; `delivery_unconfirmed` is none. */
const STATES: ReadonlyMap<string, DeliveryState> = new Map([
  ['delivered', 'delivered'],
  ['sending_failed', 'undelivered'],
  ['delivery_failed', 'undelivered'],
  ['expired', 'undelivered'],
]);

/** The key of an Ed25519 signature from the 32 bytes the portal shows in base64; undefined for anything else. */
export function telnyxPublicKey(base64: unknown): KeyObject | undefined {
  if (typeof base64 !== 'string' || !/^[A-Za-z0-9+/]{43}=$/.test(base64)) return undefined;
  const x = Buffer.from(base64, 'base64').toString('base64url');
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  } catch {
    return undefined;
  }
}

/** Two keys while the account's is being changed. */
export function telnyxWebhook({ publicKeys }: { readonly publicKeys: readonly KeyObject[] }): CarrierWebhook {
  return {
    name: 'telnyx',
    looksSigned: (headers) =>
      SIGNATURE.test(one(headers, 'telnyx-signature-ed25519')) && TIMESTAMP.test(one(headers, 'telnyx-timestamp')),
    isGenuine({ headers, body, now }: CarrierCall) {
      const timestamp = one(headers, 'telnyx-timestamp');
      const given = one(headers, 'telnyx-signature-ed25519');
      const signed = Buffer.concat([Buffer.from(`${timestamp}|`), body]);
      const signature = Buffer.from(SIGNATURE.test(given) ? given : '', 'base64');
      let right = false;
      for (const key of publicKeys) right = verify(null, signed, key, signature) || right;
      const at = TIMESTAMP.test(timestamp) ? Number(timestamp) * 1_000 : Number.NaN;
      return right && Math.abs(now - at) <= TOLERANCE_MS;
    },
    reportsOf: ({ body }) => reportsOf(body),
  };
}

/**
 * Goes by the statuses and not by the event's name, of which three different lists are documented. What else is in there (the code itself, the number, the text) is
 * left where it is.
 */
function reportsOf(body: Buffer): readonly DeliveryReport[] | undefined {
  let event: unknown;
  try {
    event = field(JSON.parse(body.toString('utf8')), 'data');
  } catch {
    return undefined;
  }
  const payload = field(event, 'payload');
  const to = field(payload, 'to');
  const status = field(payload, 'delivery_status') ?? (Array.isArray(to) ? field(to[0], 'status') : undefined);
  const ref = field(payload, 'id');
  const state = STATES.get(String(status));
  if (state === undefined || typeof ref !== 'string' || !UUID.test(ref)) return [];
  // In their samples a verification and all its events have one id.
  const named = [field(event, 'id'), field(event, 'event_type'), status, field(payload, 'status')];
  const eventId = named.map(text).join(' ');
  return [{ ref, state, eventId, ...(state === 'undelivered' ? { why: whyOf(payload) } : {}) }];
}

function whyOf(payload: unknown): FailureClass {
  const errors = field(payload, 'errors');
  const code = Array.isArray(errors) ? field(errors[0], 'code') : undefined;
  return classOfTelnyxCode(text(code)) ?? 'unreachable';
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 100) : '';
}

function one(headers: CallHeaders, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}
