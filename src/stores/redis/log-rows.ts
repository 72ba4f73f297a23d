import type { LogPlace } from '../../core/log-cursor.js';
import type { LogQuery, LogRow } from '../../core/store.js';
import { toText } from '../../core/stored-name.js';

/** Where a row stands in every index that has it: texts in this order are rows in the order of `at`, then `id`. */
export interface Place {
  readonly member: string;
}

/** A row as the scripts take it. */
export interface WrittenRow extends Place {
  readonly id: string;
  readonly indexes: readonly string[];
  readonly json: string;
}

const SIGN = 1n << 63n;
const ALL_BITS = (1n << 64n) - 1n;

/** Sixteen letters in whose order the numbers are in theirs, also below 0 and between whole ones. */
function sortable(at: number): string {
  const bytes = Buffer.alloc(8);
  // + 0 makes a 0 of -0, which has other bits.
  bytes.writeDoubleBE(at + 0);
  const bits = bytes.readBigUInt64BE();
  return (bits & SIGN ? bits ^ ALL_BITS : bits | SIGN).toString(16).padStart(16, '0');
}

export function placeIn({ at, id }: LogPlace): Place {
  return { member: sortable(at) + toText(id) };
}

export function written({ id, at, type, owner, epoch, data }: LogRow): WrittenRow {
  if (data === undefined) throw new TypeError('Log rows must be JSON.');
  return {
    id: toText(id),
    ...placeIn({ at, id }),
    indexes: [
      'all',
      `type:${toText(type)}`,
      ...(owner === undefined ? [] : [`owner:${toText(owner)}`]),
      ...(epoch === undefined ? [] : ['bumps']),
    ],
    json: JSON.stringify({ id, at, type, owner, epoch, data }),
  };
}

export function rowOf(json: string): LogRow {
  return JSON.parse(json) as LogRow;
}

/**
 * The indexes to look in, and whether all they have is what was asked for. An owner's rows, and those with an epoch, are few
 * enough to be filtered; types have an index each.
 */
export function indexesFor({ owner, types, bumps }: LogQuery): {
  readonly names: readonly string[];
  readonly isExact: boolean;
} {
  if (owner !== undefined) return { names: [`owner:${toText(owner)}`], isExact: !types && !bumps };
  if (bumps) return { names: ['bumps'], isExact: !types };
  if (types) return { names: [...new Set(types)].map((type) => `type:${toText(type)}`), isExact: true };
  return { names: ['all'], isExact: true };
}

export function matches(row: LogRow, { types, bumps }: LogQuery): boolean {
  return (!types || types.includes(row.type)) && (!bumps || row.epoch !== undefined);
}

/** Where to begin and end in an index, as ZRANGEBYLEX takes it, after this place if any. */
export function boundsOf({ from, to, order }: LogQuery, after: Place | undefined) {
  const low = from === undefined ? '-' : `[${sortable(from)}`;
  const high = to === undefined ? '+' : `(${sortable(to)}`;
  if (order === 'asc') {
    // A cursor from another query may lie outside of the time that is asked for.
    const isInside = after && (from === undefined || after.member >= sortable(from));
    return { first: isInside ? `(${after.member}` : low, last: high, order } as const;
  }
  const isInside = after && (to === undefined || after.member < sortable(to));
  return { first: isInside ? `(${after.member}` : high, last: low, order: 'desc' } as const;
}
