import { jsonOf } from '../../core/apply-commit.js';
import { cursorOf, type LogPlace, pageSize, placeOf } from '../../core/log-cursor.js';
import type { LogPage, LogQuery, LogRow } from '../../core/store.js';

/** A row as text, so that nothing outside can reach into it, and what it is looked for by. */
interface Kept extends LogPlace {
  readonly owner: string | undefined;
  readonly type: string;
  readonly isBump: boolean;
  readonly json: string;
}

export interface LogRows {
  append(rows: readonly Kept[]): void;
  page(query: LogQuery): LogPage;
  /** Drops the rows that `gone` names; tells how many. */
  drop(gone: (row: Kept) => boolean): number;
}

/** What `append` takes; throws for what is not JSON. */
export function writtenDown(rows: readonly LogRow[]): readonly Kept[] {
  return rows.map((row) => {
    const { at, id, owner, type, epoch } = row;
    return { at, id, owner, type, isBump: epoch !== undefined, json: jsonOf(row) };
  });
}

// Taking one row off the front moves all others, so it is done for many at a time.
const DROPPED_TOGETHER = 1_024;

/** Rows in the order of `at`, then `id`; the oldest go when there are more than `maxRows`. */
export function logRows(maxRows: number): LogRows {
  let kept: Kept[] = [];
  const ids = new Set<string>();

  function insert(row: Kept): void {
    if (ids.has(row.id)) return;
    ids.add(row.id);
    const last = kept.at(-1);
    if (!last || isBefore(last, row)) kept.push(row);
    else kept.splice(firstAfter(kept, row), 0, row);
    if (kept.length >= maxRows + DROPPED_TOGETHER) dropOldest();
  }

  function dropOldest(): void {
    for (const { id } of kept.slice(0, Math.max(0, kept.length - maxRows))) ids.delete(id);
    kept = kept.slice(-maxRows);
  }

  return {
    append(rows) {
      for (const row of rows) insert(row);
    },
    page(query) {
      if (kept.length > maxRows) dropOldest();
      const after = query.cursor === undefined ? undefined : placeOf(query.cursor);
      const size = pageSize(query);
      const found: Kept[] = [];
      for (const row of inOrder(kept, query.order === 'asc', after)) {
        if (matches(row, query)) found.push(row);
        if (found.length > size) break;
      }
      const last = found.length > size ? found[size - 1] : undefined;
      const rows = found.slice(0, size).map(({ json }) => JSON.parse(json) as LogRow);
      return { rows, ...(last ? { next: cursorOf(last) } : {}) };
    },
    drop(gone) {
      if (kept.length > maxRows) dropOldest();
      const before = kept.length;
      kept = kept.filter((row) => !gone(row));
      ids.clear();
      for (const { id } of kept) ids.add(id);
      return before - kept.length;
    },
  };
}

function* inOrder(kept: readonly Kept[], isAscending: boolean, after: LogPlace | undefined): Generator<Kept> {
  const step = isAscending ? 1 : -1;
  const start = isAscending
    ? after
      ? firstAfter(kept, after)
      : 0
    : (after ? firstFrom(kept, after) : kept.length) - 1;
  for (let index = start; ; index += step) {
    const next = kept[index];
    if (!next) return;
    yield next;
  }
}

function matches(row: Kept, { owner, types, from, to, bumps }: LogQuery): boolean {
  if (owner !== undefined && row.owner !== owner) return false;
  if (types && !types.includes(row.type)) return false;
  if (from !== undefined && row.at < from) return false;
  if (to !== undefined && row.at >= to) return false;
  return !bumps || row.isBump;
}

const isBefore = (a: LogPlace, b: LogPlace) => a.at < b.at || (a.at === b.at && a.id < b.id);

/** The index of the first row at or after the place. */
function firstFrom(kept: readonly Kept[], place: LogPlace): number {
  return search(kept, (row) => !isBefore(row, place));
}

/** The index of the first row after the place. */
function firstAfter(kept: readonly Kept[], place: LogPlace): number {
  return search(kept, (row) => isBefore(place, row));
}

function search(kept: readonly Kept[], isFound: (row: Kept) => boolean): number {
  let [low, high] = [0, kept.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = kept[middle];
    if (row && !isFound(row)) low = middle + 1;
    else high = middle;
  }
  return low;
}
