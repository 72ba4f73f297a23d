import { MfaError } from './errors.js';
import type { OwnerPage, OwnerQuery } from './store.js';

/** Owners per page: what was asked for, kept between 1 and 1000. */
export function ownerPageSize({ limit = 100 }: OwnerQuery): number {
  return Math.min(1000, Math.max(1, Math.trunc(limit)));
}

/** The last owner of the page before; undefined for the first page. Throws `MfaError('bad_request')` for what is no cursor. */
export function ownerBefore({ cursor }: OwnerQuery): string | undefined {
  if (cursor === undefined) return undefined;
  const owner = walkedTo(cursor);
  if (typeof owner !== 'string') throw new MfaError('bad_request', 'This is not a cursor.');
  return owner;
}

/** A page of owners that come in order, one more than the page holds where there are so many. */
export function pageOfOwners(found: readonly string[], size: number): OwnerPage {
  const owners = found.slice(0, size);
  const last = owners.at(-1);
  return { owners, ...(found.length > size && last !== undefined ? { next: walkCursor(last) } : {}) };
}

/** The page out of a list of all. */
export function ownerPage(all: readonly string[], query: OwnerQuery): OwnerPage {
  const after = ownerBefore(query);
  const size = ownerPageSize(query);
  const ahead = all.filter((owner) => after === undefined || owner > after).sort();
  return pageOfOwners(ahead.slice(0, size + 1), size);
}

/** Writes how far a walk has come; any JSON that says where to go on. */
export function walkCursor(place: unknown): string {
  return Buffer.from(JSON.stringify([place])).toString('base64url');
}

/** Reads it again; undefined for what `walkCursor` never wrote. */
export function walkedTo(cursor: string): unknown {
  try {
    const read: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(read) && read.length === 1 ? read[0] : undefined;
  } catch {
    return undefined;
  }
}
