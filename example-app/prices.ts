/** What a message would cost. An example: made-up numbers in the order of size of real ones. Yours are in your carrier's price list. */
import type { Channel } from '../src/index.js';

/** US dollars for one message, by the country of the number; `other` for the rest. */
const EXAMPLE: Readonly<Record<string, Readonly<Partial<Record<Channel, Readonly<Record<string, number>>>>>>> = {
  'carrier-a': {
    sms: { US: 0.008, CA: 0.008, GB: 0.045, DE: 0.085, FR: 0.07, IN: 0.04, NG: 0.26, other: 0.06 },
    voice: { US: 0.014, CA: 0.014, other: 0.06 },
    whatsapp: { IN: 0.003, BR: 0.007, other: 0.015 },
    email: { other: 0.0001 },
  },
  'carrier-b': {
    sms: { US: 0.011, CA: 0.011, GB: 0.05, DE: 0.09, FR: 0.08, IN: 0.05, NG: 0.22, other: 0.07 },
    voice: { US: 0.012, CA: 0.012, other: 0.07 },
    whatsapp: { IN: 0.004, BR: 0.008, other: 0.017 },
    email: { other: 0.0002 },
  },
};

/** Undefined where the table says nothing. */
export function examplePrice(carrier: string, channel: Channel, country: string | undefined): number | undefined {
  const prices = EXAMPLE[carrier]?.[channel];
  return prices?.[country ?? 'other'] ?? prices?.other;
}
