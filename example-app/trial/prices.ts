/** What a message would cost. Made-up numbers in the order of size of real ones; yours are in your carrier's price list. */
import type { Channel, PriceOptions } from '../../src/index.js';

const CURRENCY = 'USD';

/** For one message, by the country of the number; `other` for the rest. */
const EXAMPLE: Readonly<Record<string, Readonly<Partial<Record<Channel, Readonly<Record<string, string>>>>>>> = {
  'carrier-a': {
    sms: { US: '0.008', CA: '0.008', GB: '0.045', DE: '0.085', FR: '0.07', IN: '0.04', NG: '0.26', other: '0.06' },
    voice: { US: '0.014', CA: '0.014', other: '0.06' },
    whatsapp: { IN: '0.003', BR: '0.007', other: '0.015' },
    email: { other: '0.0001' },
  },
  'carrier-b': {
    sms: { US: '0.011', CA: '0.011', GB: '0.05', DE: '0.09', FR: '0.08', IN: '0.05', NG: '0.22', other: '0.07' },
    voice: { US: '0.012', CA: '0.012', other: '0.07' },
    whatsapp: { IN: '0.004', BR: '0.008', NG: '0.012', other: '0.017' },
    email: { other: '0.0002' },
  },
  'carrier-c': { 'flash-call': { other: '0.004' } },
  // Where a mail server is set up; without a line it would count as the dearest.
  smtp: { email: { other: '0.0001' } },
};

/** The option `prices` of `createMfa`: by these the cheaper carrier is asked first, and the day's money is counted. */
export const EXAMPLE_PRICES: readonly PriceOptions[] = Object.entries(EXAMPLE).flatMap(([carrier, channels]) =>
  Object.entries(channels).flatMap(([channel, prices]) =>
    Object.entries(prices).map(
      ([country, perSend]): PriceOptions => ({
        carrier,
        channel: channel as Channel,
        ...(country === 'other' ? {} : { country }),
        perSend,
        currency: CURRENCY,
      }),
    ),
  ),
);

/** US dollars; undefined where the table says nothing. */
export function examplePrice(carrier: string, channel: Channel, country: string | undefined): number | undefined {
  const prices = EXAMPLE[carrier]?.[channel];
  const price = prices?.[country ?? 'other'] ?? prices?.other;
  return price === undefined ? undefined : Number(price);
}
