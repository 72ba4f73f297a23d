/** What sends cost by the operator's table, in millionths of the currency: whole numbers, never fractions of one. */
import type { Channel } from '../core/delivery.js';

export interface Price {
  readonly carrier: string;
  readonly channel: Channel;
  /** The beginning of E.164 numbers, with `+`; the longest that fits counts. */
  readonly prefix?: string;
  /** ISO 3166 alpha-2; counts where no prefix fits. */
  readonly country?: string;
  readonly perSend: number;
  /** What a right answer costs on top. */
  readonly perSuccess: number;
  /** Milliseconds since 1970. */
  readonly from: number;
}

export interface Prices {
  readonly currency: string;
  readonly table: readonly Price[];
}

/** What is to be priced. */
export interface Priced {
  readonly carrier: string | undefined;
  readonly channel: Channel;
  readonly to: string;
  readonly country?: string;
  readonly at: number;
}

export interface Cost {
  readonly perSend: number;
  readonly perSuccess: number;
}

/** The row that fits best: the longest prefix, then the country, then the rest; of equals the one that came into force last. Without any, the dearest of the table. */
export function costOf({ table }: Prices, what: Priced): Cost {
  const fitting = table.filter((row) => fits(row, what));
  const [best] = fitting.toSorted((a, b) => closeness(b) - closeness(a) || b.from - a.from);
  return best ?? dearest(table);
}

/** The most that one send can cost. */
export function mostOf({ perSend, perSuccess }: Cost): number {
  return perSend + perSuccess;
}

export function dearest(table: readonly Price[]): Cost {
  const [first] = table.toSorted((a, b) => mostOf(b) - mostOf(a));
  return first ?? { perSend: 0, perSuccess: 0 };
}

function fits({ carrier, channel, prefix, country, from }: Price, what: Priced): boolean {
  if (carrier !== what.carrier || channel !== what.channel || from > what.at) return false;
  if (prefix !== undefined) return what.to.startsWith(prefix);
  return country === undefined || country === what.country;
}

function closeness({ prefix, country }: Price): number {
  if (prefix !== undefined) return 1 + prefix.length;
  return country === undefined ? 0 : 1;
}
