/** What is other where nobody pays: whoever tries the app out needs many codes, from one address, in a few minutes. */
import type { MfaOptions } from '../../src/index.js';
import { countryOf } from './place.js';
import { EXAMPLE_PRICES } from './prices.js';

/** The options of `createMfa` about money and fraud. */
export type SendingRules = Pick<MfaOptions, 'limits' | 'prices' | 'rateLimit' | 'risk'>;

/** One number still gets no more than five codes in ten minutes, and the day's money for New Zealand is soon spent. */
export const TRIAL_RULES: SendingRules = {
  limits: {
    sendsPerNumber10Min: 5,
    sendsPerNumberHour: 20,
    sendsPerNumberDay: 50,
    sendsPerUserHour: 50,
    sendsPerIpHour: 1000,
    sendsPerPrefix10Min: 1000,
    sendsPerPrefixHour: 1000,
    spendPerDay: '20',
    spendPerDayByCountry: { NZ: '1' },
  },
  // The scripts come from the address you sit at.
  rateLimit: { limit: 1000 },
  prices: EXAMPLE_PRICES,
  risk: {
    // The guide uses curl, and an hour's work is done in minutes. Somebody in another country, on another network, is asked for more.
    weights: { velocity: 0.3, 'bot-agent': 0.2, 'new-country': 0.5 },
    countryOf,
  },
};

/** Real carriers: the defaults. Yours have `prices` and caps as well. */
export const REAL_RULES: SendingRules = { risk: {} };
