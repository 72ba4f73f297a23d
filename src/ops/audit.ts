import type { EventType, MfaEvent } from '../core/events.js';
import type { LogRow, Store } from '../core/store.js';

/** Every given field must match. */
export interface AuditQuery {
  /** The user's id, as the host knows it. */
  readonly userId?: string | number;
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

function eventOf(row: LogRow): MfaEvent {
  const { id, at, type, epoch } = row;
  return { ...(row.data as object), id, at, type, ...(epoch === undefined ? {} : { epoch }) } as MfaEvent;
}
