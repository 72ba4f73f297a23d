/** The operator's price list and the caps by money, in millionths of the currency. */

import type { Channel } from '../core/delivery.js';
import { MfaError } from '../core/errors.js';
import type { SpendingCaps } from '../flows/spending.js';
import { MOST_HOPS } from '../policy/failover.js';
import { dearest, mostOf, type Price, type Prices } from '../policy/prices.js';
import { known } from './check-options.js';
import type { MfaOptions } from './mfa-options.js';

/** One line of a price list. */
export interface PriceOptions {
  /** The delivery's `name`: `twilio-verify`. */
  readonly carrier: string;
  readonly channel: Channel;
  /** The beginning of numbers, `'+1212'`; the longest that fits counts. Not together with `country`. */
  readonly prefix?: string;
  /** ISO 3166 alpha-2. Without `prefix` and `country`: everywhere else. */
  readonly country?: string;
  /** A decimal as a text, `'0.0079'`, with at most six digits after the point: binary fractions cannot hold money. */
  readonly perSend: string;
  /** What a right answer costs on top (Verify services); default `'0'`. */
  readonly perSuccess?: string;
  /** ISO 4217, the same in every line. */
  readonly currency: string;
  /** Counts from then on; default always. */
  readonly from?: Date;
}

const CHANNELS: Readonly<Record<Channel, true>> = {
  sms: true,
  voice: true,
  whatsapp: true,
  'flash-call': true,
  email: true,
};
const MICROS = 1_000_000;
/** Of money, so that a slip of the decimal point is noticed. */
const MOST_PER_SEND = 100;
const MOST_PER_DAY = 50_000;

/** By the operator's list, or by what an answered code costs. */
type Order = 'given' | 'cost';

export interface Money {
  readonly prices: Prices | undefined;
  readonly caps: SpendingCaps;
  readonly carrierOrder: Order;
  readonly channelOrder: Order;
}

export function readMoney({
  prices: lines,
  carrierOrder,
  channelOrder,
  limits = {},
}: Pick<MfaOptions, 'prices' | 'carrierOrder' | 'channelOrder' | 'limits'>): Money {
  const prices = lines === undefined ? undefined : readPrices(lines);
  requireOrder('carrierOrder', carrierOrder);
  requireOrder('channelOrder', channelOrder);
  const byCost = [carrierOrder, channelOrder].includes('cost');
  const { spendPerDay, spendPerDayByCountry } = limits;
  const byMoney = byCost || spendPerDay !== undefined || spendPerDayByCountry !== undefined;
  if (!prices && byMoney) {
    throw new MfaError(
      'set_up',
      "createMfa: caps by money, `carrierOrder: 'cost'` and `channelOrder: 'cost'` need `prices`. Write `prices: [{ carrier: 'twilio-verify', channel: 'sms', perSend: '0.0079', currency: 'USD' }]`.",
    );
  }
  const cap = (name: string, value: string) => readCap(name, value, prices);
  return {
    prices,
    carrierOrder: carrierOrder ?? (prices ? 'cost' : 'given'),
    channelOrder: channelOrder ?? (prices ? 'cost' : 'given'),
    caps: {
      ...(spendPerDay === undefined ? {} : { overall: cap('limits.spendPerDay', spendPerDay) }),
      byCountry: Object.fromEntries(
        Object.entries(spendPerDayByCountry ?? {}).map(([country, value]) => {
          if (country !== 'other') readCountry('limits.spendPerDayByCountry', country);
          return [country, cap(`limits.spendPerDayByCountry.${country}`, value)];
        }),
      ),
    },
  };
}

function requireOrder(name: string, order: unknown): void {
  if (order !== undefined && order !== 'given' && order !== 'cost')
    throw new MfaError('set_up', `createMfa: \`${name}\` is 'given' or 'cost'.`);
}

function readPrices(lines: readonly PriceOptions[]): Prices {
  if (!Array.isArray(lines) || lines.length === 0)
    throw new MfaError('set_up', 'createMfa: `prices` is a list with at least one line, or left out.');
  const table = lines.map(readLine);
  const [currency = '', other] = [...new Set(lines.map((line) => line.currency))];
  if (other !== undefined)
    throw new MfaError(
      'set_up',
      `createMfa: prices: one currency for all lines, not ${currency} and ${other}. Convert them.`,
    );
  return { currency, table };
}

function readLine(line: PriceOptions, index: number): Price {
  const where = `prices[${index}]`;
  if (typeof line !== 'object' || line === null) throw new MfaError('set_up', `createMfa: ${where} is an object.`);
  known(`createMfa: ${where}`, line, {
    carrier: 'text',
    channel: 'text',
    prefix: 'text',
    country: 'text',
    perSend: 'own',
    perSuccess: 'own',
    currency: 'text',
    from: 'own',
  });
  const { carrier, channel, prefix, country, currency, from } = line;
  if (!carrier) throw new MfaError('set_up', `createMfa: ${where}.carrier is missing: the delivery's name.`);
  if (!Object.hasOwn(CHANNELS, channel ?? ''))
    throw new MfaError(
      'set_up',
      `createMfa: ${where}.channel is '${channel}', expected ${Object.keys(CHANNELS).join(', ')}.`,
    );
  if (!/^[A-Z]{3}$/.test(currency ?? ''))
    throw new MfaError('set_up', `createMfa: ${where}.currency is 'USD' or its like.`);
  if (prefix !== undefined && country !== undefined)
    throw new MfaError('set_up', `createMfa: ${where} has a prefix and a country. Write two lines, or one of them.`);
  if (prefix !== undefined && !/^\+[1-9]\d{0,14}$/.test(prefix))
    throw new MfaError(
      'set_up',
      `createMfa: ${where}.prefix is '${prefix}', expected the beginning of a number, as in '+1212'.`,
    );
  if (country !== undefined) readCountry(`${where}.country`, country);
  if (from !== undefined && !(from instanceof Date && Number.isFinite(from.getTime())))
    throw new MfaError('set_up', `createMfa: ${where}.from is a Date.`);
  return {
    carrier,
    channel,
    ...(prefix === undefined ? {} : { prefix }),
    ...(country === undefined ? {} : { country }),
    perSend: micros(`${where}.perSend`, line.perSend, MOST_PER_SEND),
    perSuccess: micros(`${where}.perSuccess`, line.perSuccess ?? '0', MOST_PER_SEND),
    from: from?.getTime() ?? 0,
  };
}

function readCap(name: string, value: string, prices: Prices | undefined): number {
  const cap = micros(name, value, MOST_PER_DAY);
  // With less nothing could be sent where two carriers may be asked.
  const least = prices ? mostOf(dearest(prices.table)) * MOST_HOPS : 0;
  if (cap < least) {
    throw new MfaError(
      'set_up',
      `createMfa: ${name} is ${value}, less than one send by two carriers of the dearest line of \`prices\`.`,
    );
  }
  return cap;
}

function readCountry(name: string, country: string): void {
  if (!/^[A-Z]{2}$/.test(country))
    throw new MfaError('set_up', `createMfa: ${name}: '${country}' is no country, expected two letters as in 'US'.`);
}

/** Read digit by digit: a binary fraction would round. */
function micros(name: string, value: unknown, most: number): number {
  const [, whole = '', fraction = ''] = (typeof value === 'string' && /^(\d{1,6})(?:\.(\d{1,6}))?$/.exec(value)) || [];
  if (whole === '')
    throw new MfaError(
      'set_up',
      `createMfa: ${name}: expected a decimal as a text, such as '0.0079', with at most six digits after the point.`,
    );
  const amount = Number(whole) * MICROS + Number(fraction.padEnd(6, '0'));
  if (amount > most * MICROS)
    throw new MfaError('set_up', `createMfa: ${name} is ${String(value)}, above its ceiling of ${most}.`);
  return amount;
}
