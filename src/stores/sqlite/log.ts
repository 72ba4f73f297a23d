import { jsonOf } from '../../core/apply-commit.js';
import { cursorOf, pageSize, placeOf } from '../../core/log-cursor.js';
import type { Json, LogPage, LogQuery, LogRow } from '../../core/store.js';
import { fromText, toText } from '../../core/stored-name.js';
import type { Connection, Row, SqliteValue } from './handle.js';

const APPEND =
  'INSERT INTO mfa_log (id, at, type, owner, epoch, data) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING';

export function appendRows(connection: Connection, rows: readonly LogRow[]): void {
  for (const { id, at, type, owner, epoch, data } of rows) {
    const whose = owner === undefined ? null : toText(owner);
    connection.run(APPEND, toText(id), at, toText(type), whose, epoch ?? null, jsonOf(data));
  }
}

/** One page. Each index ends in `at, id`, so rows come out of it in order and reading stops at the end of the page. */
export function scanRows(connection: Connection, query: LogQuery): LogPage {
  const size = pageSize(query);
  const found = searches(query).flatMap(({ sql, values }) => connection.all(sql, ...values, size + 1).map(rowOf));
  const rows = found.toSorted(query.order === 'asc' ? byPlace : (a, b) => byPlace(b, a)).slice(0, size);
  const last = rows.at(-1);
  return { rows, ...(found.length > size && last ? { next: cursorOf(last) } : {}) };
}

interface Search {
  readonly sql: string;
  readonly values: readonly SqliteValue[];
}

/**
 * Mostly one search. Several types make one each, because no index has the rows of two types in one order; an owner's rows
 * are few enough to be filtered.
 */
function searches(query: LogQuery): readonly Search[] {
  if (query.owner !== undefined || !query.types) return [search(query, query.types)];
  return [...new Set(query.types)].map((type) => search(query, [type]));
}

function search(query: LogQuery, types: readonly string[] | undefined): Search {
  const [after, order] = query.order === 'asc' ? ['>', 'ASC'] : ['<', 'DESC'];
  const place = query.cursor === undefined ? undefined : placeOf(query.cursor);
  const filters: readonly (readonly [sql: string, values: readonly SqliteValue[]] | undefined)[] = [
    query.owner === undefined ? undefined : ['owner = ?', [toText(query.owner)]],
    types && [`type IN (${types.map(() => '?').join(', ')})`, types.map(toText)],
    query.from === undefined ? undefined : ['at >= ?', [query.from]],
    query.to === undefined ? undefined : ['at < ?', [query.to]],
    query.bumps ? ['epoch IS NOT NULL', []] : undefined,
    place && [`(at, id) ${after} (?, ?)`, [place.at, toText(place.id)]],
  ];
  const given = filters.filter((filter) => filter !== undefined);
  const where = given.length === 0 ? '' : `WHERE ${given.map(([sql]) => sql).join(' AND ')}`;
  return {
    sql: `SELECT id, at, type, owner, epoch, data FROM mfa_log ${where} ORDER BY at ${order}, id ${order} LIMIT ?`,
    values: given.flatMap(([, values]) => values),
  };
}

function rowOf(row: Row): LogRow {
  return {
    id: fromText(String(row.id)),
    at: Number(row.at),
    type: fromText(String(row.type)),
    ...(row.owner === null ? {} : { owner: fromText(String(row.owner)) }),
    ...(row.epoch === null ? {} : { epoch: Number(row.epoch) }),
    data: JSON.parse(String(row.data)) as Json,
  };
}

/** As SQLite orders them: texts by their UTF-8 bytes, or a page would end at another row than the next begins after. */
function byPlace(a: LogRow, b: LogRow): number {
  return a.at - b.at || Buffer.compare(Buffer.from(toText(a.id)), Buffer.from(toText(b.id)));
}
