import { MfaError } from './errors.js';
import type { LogQuery } from './store.js';

/** Where a page of the audit log ended: the rows are in the order of `at`, then `id`. */
export interface LogPlace {
  readonly at: number;
  readonly id: string;
}

/** Writes a place as the `next` of a page. */
export function cursorOf({ at, id }: LogPlace): string {
  return Buffer.from(JSON.stringify([at, id])).toString('base64url');
}

/** Reads `cursor`; throws `MfaError('bad_request')` for what `cursorOf` never wrote, since cursors come from outside. */
export function placeOf(cursor: string): LogPlace {
  const [at, id] = parsed(cursor);
  if (typeof at !== 'number' || typeof id !== 'string') throw new MfaError('bad_request', 'This is not a cursor.');
  return { at, id };
}

/** Rows per page: what was asked for, kept between 1 and 500. */
export function pageSize({ limit = 50 }: LogQuery): number {
  return Math.min(500, Math.max(1, Math.trunc(limit)));
}

function parsed(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
