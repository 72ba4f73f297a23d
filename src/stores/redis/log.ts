import { cursorOf, pageSize, placeOf } from '../../core/log-cursor.js';
import type { LogPage, LogQuery, LogRow } from '../../core/store.js';
import { type Connection, script } from './connection.js';
import { boundsOf, indexesFor, matches, type Place, placeIn, rowOf, type WrittenRow, written } from './log-rows.js';
import { APPEND, PAGE, REMOVE } from './lua-log.js';
import { pairsOf } from './replies.js';

/** The audit log: `lua-log.ts` says how it is kept. */
export interface Log {
  readonly key: string;
  append(rows: readonly LogRow[]): Promise<void>;
  page(query: LogQuery): Promise<LogPage>;
  /** Deletes what the query finds, but for the rows with these ids, a few rows at a time; how many. */
  remove(query: Pick<LogQuery, 'owner' | 'to'>, but?: readonly string[]): Promise<number>;
}

interface Found extends Place {
  /** Undefined for what an index has left over. */
  readonly row: LogRow | undefined;
}

// One script does no more than this, so that the server's other callers do not wait for it.
const STEP = 500;
const append = script(APPEND);
const page = script(PAGE);
const remove = script(REMOVE);

export function log(connection: Connection, key: string): Log {
  /** The next rows of one index, at most so many. */
  async function step(
    index: string,
    query: LogQuery,
    after: Place | undefined,
    count: number,
  ): Promise<readonly Found[]> {
    const { first, last, order } = boundsOf(query, after);
    const reply = (await connection.run(page, [key], index, first, last, String(count), order)) as readonly unknown[];
    return pairsOf(reply).map(([member, json]) => ({ member, row: json === '' ? undefined : rowOf(json) }));
  }

  /** Rows of one index that match, in order: one more than a page where there are so many. */
  async function search(index: string, query: LogQuery): Promise<readonly LogRow[]> {
    const wanted = pageSize(query) + 1;
    const count = indexesFor(query).isExact ? wanted : STEP;
    const found: LogRow[] = [];
    let after = query.cursor === undefined ? undefined : placeIn(placeOf(query.cursor));
    for (;;) {
      const rows = await step(index, query, after, count);
      found.push(...rows.flatMap(({ row }) => (row && matches(row, query) ? row : [])));
      after = rows.at(-1);
      if (found.length >= wanted || rows.length < count) return found;
    }
  }

  return {
    key,
    async append(rows) {
      for (let at = 0; at < rows.length; at += STEP) {
        const [list, texts] = wire(rows.slice(at, at + STEP).map(written));
        await connection.run(append, [key], list, ...texts);
      }
    },
    async page(query) {
      const size = pageSize(query);
      const found = (await Promise.all(indexesFor(query).names.map((index) => search(index, query)))).flat();
      const way = query.order === 'asc' ? 1 : -1;
      const rows = found.toSorted((a, b) => way * byPlace(a, b));
      const last = rows[size - 1];
      return { rows: rows.slice(0, size), ...(rows.length > size && last ? { next: cursorOf(last) } : {}) };
    },
    async remove(query, but = []) {
      const [index = 'all'] = indexesFor(query).names;
      let removed = 0;
      let after: Place | undefined;
      for (;;) {
        const rows = await step(index, { ...query, order: 'asc' }, after, STEP);
        const [list] = wire(rows.flatMap(({ row }) => (row && !but.includes(row.id) ? written(row) : [])));
        removed += Number(await connection.run(remove, [key], list));
        after = rows.at(-1);
        if (rows.length < STEP) return removed;
      }
    },
  };
}

/** The rows without their JSON, and their JSON. */
function wire(rows: readonly WrittenRow[]): readonly [list: string, texts: readonly string[]] {
  return [JSON.stringify(rows.map(({ json, ...row }) => row)), rows.map(({ json }) => json)];
}

/** As Redis orders them: by their bytes, or a page would end at another row than the next begins after. */
function byPlace(a: LogRow, b: LogRow): number {
  return Buffer.compare(Buffer.from(placeIn(a).member), Buffer.from(placeIn(b).member));
}
