import { didYouMean } from '../core/did-you-mean.js';
import { MfaError } from '../core/errors.js';
import type { EventType, MfaEvent } from '../core/events.js';
import type { LogRow, Store } from '../core/store.js';
import { EVENT_TYPES } from './listeners.js';

/** Every given field must match. */
export interface AuditQuery {
  /** The user's id, as the host knows it. Left out: everybody's. */
  readonly userId?: string | number;
  /** The user's tenant; only with `userId`. */
  readonly tenant?: string;
  readonly types?: readonly EventType[];
  /** Inclusive. */
  readonly from?: Date;
  /** Exclusive. */
  readonly to?: Date;
  /** Default newest first. */
  readonly order?: 'asc' | 'desc';
  /** 1 to 500; default 50. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

export interface AuditPage {
  readonly events: readonly MfaEvent[];
  /** Present when there are more. */
  readonly next?: string;
}

/** Reads the audit log, page by page. Nothing in it is secret: numbers are masked, codes are not there. */
export async function searchAudit(
  store: Pick<Store, 'scan'>,
  ownerOf: (userId: string | number, tenant: string | undefined) => string,
  query: AuditQuery,
): Promise<AuditPage> {
  refuseUnclear(query);
  const { userId, tenant, types, from, to, order, limit, cursor } = query;
  const page = await store.scan({
    ...(userId === undefined ? {} : { owner: ownerOf(userId, tenant) }),
    ...(types ? { types } : {}),
    ...(from ? { from: from.getTime() } : {}),
    ...(to ? { to: to.getTime() } : {}),
    ...(order ? { order } : {}),
    ...(limit === undefined ? {} : { limit: Math.min(500, Math.max(1, Math.trunc(limit))) }),
    ...(cursor === undefined ? {} : { cursor }),
  });
  return { events: page.rows.map(eventOf), ...(page.next === undefined ? {} : { next: page.next }) };
}

const KNOWN: Readonly<Record<keyof AuditQuery, true>> = {
  userId: true,
  tenant: true,
  types: true,
  from: true,
  to: true,
  order: true,
  limit: true,
  cursor: true,
};

/** A question that was not understood must not be answered with everybody's rows. */
function refuseUnclear(query: AuditQuery): void {
  const unknown = Object.keys(query).find((key) => !Object.hasOwn(KNOWN, key));
  if (unknown !== undefined) refuse(`\`${unknown}\` is not a field.${didYouMean(unknown, Object.keys(KNOWN))}`);
  const { userId, tenant, types, from, to, limit } = query;
  if ('userId' in query && typeof userId !== 'string' && typeof userId !== 'number')
    refuse(`\`userId\` is ${String(userId)}. Leave it out to search everybody's rows.`);
  if (tenant !== undefined && userId === undefined) refuse('`tenant` needs a `userId`.');
  const stranger = types?.find((type) => !EVENT_TYPES.includes(type));
  if (stranger !== undefined) refuse(`there is no event '${stranger}'.${didYouMean(stranger, EVENT_TYPES)}`);
  for (const [name, date] of Object.entries({ from, to })) {
    if (date !== undefined && !(date instanceof Date && Number.isFinite(date.getTime())))
      refuse(`\`${name}\` is not a date.`);
  }
  if (limit !== undefined && !Number.isFinite(limit)) refuse('`limit` is not a number.');
}

function refuse(advice: string): never {
  throw new MfaError('field_invalid', `api.audit.search: ${advice}`);
}

function eventOf(row: LogRow): MfaEvent {
  const { id, at, type, epoch } = row;
  return { ...(row.data as object), id, at, type, ...(epoch === undefined ? {} : { epoch }) } as MfaEvent;
}
