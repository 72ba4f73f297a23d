/** What carriers tell afterwards: the port between a vendor's way of signing and saying it, and the flow that notes it. */
import type { FailureClass, WebhookName } from './delivery.js';

/** How a send ended, as far as its carrier knows. */
export type DeliveryState = 'delivered' | 'undelivered';

/** One thing a carrier says about one send: no number, no code, no text. */
export interface DeliveryReport {
  /** What the carrier called the send when it took it. */
  readonly ref: string;
  readonly state: DeliveryState;
  /** With `undelivered`. */
  readonly why?: FailureClass;
  /** The same each time this very event is told. */
  readonly eventId: string;
}

export type CallHeaders = { readonly [name: string]: string | readonly string[] | undefined };

/** A carrier's request, as it came in. */
export interface CarrierCall {
  /** Path and query, as in the request line. */
  readonly target: string;
  readonly headers: CallHeaders;
  /** The very bytes that were sent. */
  readonly body: Buffer;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface CarrierWebhook {
  /** The vendor, and the last part of the address: `twilio`. */
  readonly name: WebhookName;
  /** False where no body could make the call genuine: the signature is missing, there twice, or no signature at all. */
  looksSigned(headers: CallHeaders): boolean;
  /** Never throws. Does the same work whatever is wrong. */
  isGenuine(call: CarrierCall): boolean;
  /** What a genuine call says. Nothing, where it is about something else; undefined, where it cannot be read. Never throws. */
  reportsOf(call: CarrierCall): readonly DeliveryReport[] | undefined;
}
