import { MfaError } from '../../core/errors.js';
import { cursorOf, pageSize, placeOf } from '../../core/log-cursor.js';
import type { Json, LogPage, LogQuery, LogRow } from '../../core/store.js';
import { fromText, toText } from '../../core/stored-name.js';
import type { Row } from './pool.js';

/** One page as one statement. `rows` of its only row is the page as JSON text, one row longer where there is a next page. */
export function scanStatement(
  schema: string,
  query: LogQuery,
): { readonly text: string; readonly values: readonly unknown[] } {
  const values: unknown[] = [];
  const value = (given: unknown) => `$${values.push(given)}`;
  const order = query.order === 'asc' ? 'ASC' : 'DESC';
  const tail = `ORDER BY at ${order}, id ${order} LIMIT ${pageSize(query) + 1}`;
  const selects = typesOf(query).map((types) => {
    const where = filters(query, types, value).join(' AND ');
    return `(SELECT id, at, type, owner, epoch, data FROM ${schema}.mfa_log ${where && `WHERE ${where}`} ${tail})`;
  });
  const found = selects.length === 1 ? selects[0] : `SELECT * FROM (${selects.join(' UNION ALL ')}) AS several ${tail}`;
  // mfa_now_1 throws on a replica, which might not have the newest rows yet.
  const text = `SELECT ${schema}.mfa_now_1(0), (SELECT coalesce(json_agg(page), '[]') FROM (${found}) AS page)::text AS rows`;
  return { text, values };
}

export function pageOf([answer]: readonly Row[], query: LogQuery): LogPage {
  const found = (JSON.parse(String(answer?.rows)) as readonly KeptRow[]).map(rowOf);
  const size = pageSize(query);
  const rows = found.slice(0, size);
  const last = rows.at(-1);
  return { rows, ...(found.length > size && last ? { next: cursorOf(last) } : {}) };
}

/**
 * Mostly one search. Several types make one each, because no index has the rows of two types in one order; an owner's rows are few
 * enough to be filtered.
 */
function typesOf({ owner, types }: LogQuery): readonly (readonly string[] | undefined)[] {
  if (owner !== undefined || !types || types.length === 0) return [types];
  return [...new Set(types)].map((type) => [type]);
}

function filters(
  { owner, from, to, bumps, order, cursor }: LogQuery,
  types: readonly string[] | undefined,
  value: (given: unknown) => string,
): readonly string[] {
  const place = cursor === undefined ? undefined : placeOf(cursor);
  if (place && !Number.isSafeInteger(place.at)) throw new MfaError('bad_request', 'This is not a cursor.');
  const [only] = types?.length === 1 ? types : [];
  const given = [
    owner !== undefined && `owner = ${value(toText(owner))}`,
    only !== undefined && `type = ${value(toText(only))}`,
    types && only === undefined && `type = ANY(${value(types.map(toText))}::text[])`,
    from !== undefined && `at >= ${value(wholeMs(from))}::bigint`,
    to !== undefined && `at < ${value(wholeMs(to))}::bigint`,
    bumps && 'epoch IS NOT NULL',
    place && `(at, id) ${order === 'asc' ? '>' : '<'} (${value(place.at)}::bigint, ${value(toText(place.id))})`,
  ];
  return given.filter((filter) => typeof filter === 'string');
}

/** Rows have whole milliseconds: from 1.5 is from 2, and to 1.5 is to 2. */
function wholeMs(ms: number): number {
  return Math.ceil(Math.min(Math.max(ms, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER));
}

interface KeptRow {
  readonly id: string;
  readonly at: number;
  readonly type: string;
  readonly owner: string | null;
  readonly epoch: number | null;
  readonly data: string;
}

function rowOf({ id, at, type, owner, epoch, data }: KeptRow): LogRow {
  return {
    id: fromText(id),
    at,
    type: fromText(type),
    ...(owner === null ? {} : { owner: fromText(owner) }),
    ...(epoch === null ? {} : { epoch }),
    data: JSON.parse(data) as Json,
  };
}
