/** What a factor of sent codes is given to send them by, read once, when the app starts. */
import type { Channel, CodeOwner, Delivery } from '../core/delivery.js';
import { MfaError } from '../core/errors.js';

const DIGITS = 6;

export interface Deliveries {
  readonly codeOwner: CodeOwner;
  readonly digits: number;
  /** The names of those that reach the country, in the order they were given. */
  reaching(country: string | undefined): readonly string[];
  /** The one of that name, or the first. */
  named(name?: string): Delivery;
}

/**
 * Of several deliveries each must carry codes of ours: a code that one of them made is known to nobody else, and a second text would bring a second code. Throws
 * `MfaError` (`set_up`) with advice.
 */
export function readDeliveries(kind: string, channel: Channel, via: Delivery | readonly Delivery[]): Deliveries {
  const all: readonly Delivery[] = Array.isArray(via) ? via : [via];
  const [first] = all;
  if (!first || all.some((one) => typeof one?.send !== 'function')) {
    throw new MfaError(
      'set_up',
      `${kind}: \`via\` is missing. Write \`${kind}({ via: ${channel === 'email' ? 'smtp({ transport })' : "twilioVerify({ client, serviceSid }), countries: ['US']"} })\`.`,
    );
  }
  if (new Set(all.map(({ name }) => name)).size < all.length) {
    throw new MfaError(
      'set_up',
      `${kind}: two deliveries in \`via\` have one name; give one of them another \`name\`.`,
    );
  }
  const offers = all.map((delivery) => ({ delivery, offer: offerOf(kind, channel, delivery) }));
  const codeOwner = offers.some(({ offer }) => offer.code === 'theirs') ? 'theirs' : 'ours';
  if (codeOwner === 'theirs' && all.length > 1) {
    throw new MfaError(
      'set_up',
      `${kind}: with several deliveries each must carry codes of ours, and \`${offers.find(({ offer }) => offer.code === 'theirs')?.delivery.name}\` makes its own. Give a Verify service \`customCode: true\`, or name one delivery only.`,
    );
  }
  return {
    codeOwner,
    digits: codeOwner === 'theirs' ? (offers[0]?.offer.digits ?? DIGITS) : DIGITS,
    reaching: (country) =>
      offers
        .filter(({ offer }) => country === undefined || (offer.countries?.includes(country) ?? true))
        .map(({ delivery }) => delivery.name),
    named: (name) => all.find((one) => one.name === name) ?? first,
  };
}

function offerOf(kind: string, channel: Channel, delivery: Delivery): Delivery['offers'][number] {
  const offer = delivery.offers.find((one) => one.channel === channel);
  if (!offer) throw new MfaError('set_up', `${kind}: the delivery \`${delivery.name}\` does not offer ${channel}.`);
  if (offer.code === 'theirs' && !delivery.check)
    throw new MfaError(
      'set_up',
      `${kind}: the delivery \`${delivery.name}\` makes its own codes and has no \`check\`.`,
    );
  return offer;
}
