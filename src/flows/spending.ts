/**
 * Caps by money. Counters count hits of one, and money comes in other sizes: so it is drawn from the store in grains, half of the dearest send each,
 * and spent from the purse of this process. The caps hold over all processes, because what was drawn never exceeds them; what a process has drawn and not spent when it
 * ends is lost, less than a grain as a rule. Corrections go into the purse and cost no call.
 */
import type { Channel } from '../core/delivery.js';
import type { Count, Hit } from '../core/store.js';
import type { Hop } from '../core/words.js';
import { MOST_HOPS } from '../policy/failover.js';
import { costOf, dearest, mostOf, type Prices } from '../policy/prices.js';

/** The most that may be spent in a day, in millionths. */
export interface SpendingCaps {
  readonly overall?: number;
  /** By country; `other` stands for the rest. */
  readonly byCountry?: Readonly<Record<string, number>>;
}

interface SendToPrice {
  readonly channel: Channel;
  readonly to: string;
  readonly country?: string;
  /** Who may be asked: money is drawn for as many as one send may ask, the dearest of them. What was not spent goes back into the purse. */
  readonly carriers: readonly (string | undefined)[];
}

type MoneyLimit = 'money' | 'country_money';

/** Money for one send: `hits` belong into the commit that counts it. */
export interface Draw {
  readonly hits: readonly { readonly limit: MoneyLimit; readonly hit: Hit }[];
  /** All hits were admitted. */
  done(counts: readonly Count[]): void;
  /** A hit was refused, or nothing came of the send: what was taken goes back. */
  undo(): void;
  /** What was really spent, by who was asked. Once. */
  correct(hops: readonly Hop[]): void;
}

export interface Spending {
  draw(send: SendToPrice): Draw;
}

const DAY = 24 * 3_600_000;
const GRAINS_PER_SEND = 2;

const NOTHING: Draw = { hits: [], done() {}, undo() {}, correct() {} };

interface Purse {
  money: number;
  /** The day it was drawn for ends. */
  until: number;
}

/** The size of a grain. */
function grainOf({ table }: Prices): number {
  return Math.max(1, Math.ceil(mostOf(dearest(table)) / GRAINS_PER_SEND));
}

export function createSpending(
  prices: Prices | undefined,
  { overall, byCountry = {} }: SpendingCaps,
  clock: () => number,
): Spending {
  if (!prices || (overall === undefined && Object.keys(byCountry).length === 0)) return { draw: () => NOTHING };
  const grain = grainOf(prices);
  const purses = new Map<string, Purse>();

  function capsOn(country = 'other'): readonly { limit: MoneyLimit; key: string; cap: number }[] {
    const place = Object.hasOwn(byCountry, country) ? country : 'other';
    const cap = byCountry[place];
    return [
      ...(cap === undefined ? [] : [{ limit: 'country_money', key: `all-1d-money-in:${place}`, cap } as const]),
      ...(overall === undefined ? [] : [{ limit: 'money', key: 'all-1d-money', cap: overall } as const]),
    ];
  }

  function purseOf(key: string): Purse {
    const known = purses.get(key);
    if (known && clock() < known.until) return known;
    // As many as countries that have a cap.
    const empty: Purse = { money: 0, until: clock() + DAY };
    purses.set(key, empty);
    return empty;
  }

  return {
    draw({ carriers, ...what }) {
      // The price at the moment of asking: one that comes into force while the carrier answers would be spent and not drawn.
      const at = clock();
      const price = (carrier: string | undefined) => mostOf(costOf(prices, { ...what, carrier, at }));
      const asked = carriers.map(price).toSorted((a, b) => b - a);
      const cost = asked.slice(0, MOST_HOPS).reduce((sum, one) => sum + one, 0);
      const draws = capsOn(what.country).map(({ limit, key, cap }) => {
        const purse = purseOf(key);
        const atHand = Math.min(purse.money, cost);
        purse.money -= atHand;
        const grains = Math.ceil((cost - atHand) / grain);
        const hit: Hit = { key, limit: Math.floor(cap / grain), windowMs: DAY };
        return { limit, purse, atHand, grains, hit };
      });
      let counted = false;
      return {
        hits: draws.flatMap(({ limit, hit, grains }) => Array.from({ length: grains }, () => ({ limit, hit }))),
        done(counts) {
          counted = true;
          for (const { purse, hit, grains, atHand } of draws) {
            purse.money += grains * grain - (cost - atHand);
            purse.until = counts.find(({ key }) => key === hit.key)?.resetAt ?? purse.until;
          }
        },
        undo() {
          for (const { purse, atHand } of draws) purse.money += counted ? cost : atHand;
        },
        correct(hops) {
          if (hops.length === 0) return;
          const spent = hops.filter(({ sent }) => sent !== 'no').reduce((sum, hop) => sum + price(hop.carrier), 0);
          for (const { purse } of draws) purse.money += cost - spent;
        },
      };
    },
  };
}
