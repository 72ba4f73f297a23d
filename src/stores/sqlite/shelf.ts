import type { Entry, Shelf } from '../../core/apply-commit.js';
import type { Counter } from '../../core/counting.js';
import { fromText, toText } from '../../core/stored-name.js';
import type { Connection, Row } from './handle.js';

const ENTRY = `SELECT kind, id, data, version, mark, expires_at, created_at FROM mfa_records
  WHERE owner = ? AND kind = ? AND id = ? AND (expires_at IS NULL OR expires_at > ?)`;
const ENTRIES = `SELECT kind, id, data, version, mark, expires_at, created_at FROM mfa_records
  WHERE owner = ? AND kind = ? AND (expires_at IS NULL OR expires_at > ?)`;
const SET_ENTRY = `INSERT INTO mfa_records (owner, kind, id, data, version, mark, expires_at, created_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (owner, kind, id) DO UPDATE SET data = excluded.data, version = excluded.version, mark = excluded.mark,
    expires_at = excluded.expires_at, created_at = excluded.created_at`;
const REMOVE_ENTRY = 'DELETE FROM mfa_records WHERE owner = ? AND kind = ? AND id = ?';
const COUNTER = `SELECT total, floor, refunded, last_at, before_at, reset_at FROM mfa_counters
  WHERE owner = ? AND key = ? AND (reset_at IS NULL OR reset_at > ?)`;
const SET_COUNTER = `INSERT INTO mfa_counters (owner, key, total, floor, refunded, last_at, before_at, reset_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (owner, key) DO UPDATE SET total = excluded.total, floor = excluded.floor, refunded = excluded.refunded,
    last_at = excluded.last_at, before_at = excluded.before_at, reset_at = excluded.reset_at`;
// Not LIKE, which would read % and _ in the prefix as wildcards.
const CLEAR_COUNTERS = 'DELETE FROM mfa_counters WHERE owner = ?1 AND substr(key, 1, length(?2)) = ?2';

/** What one owner has at one moment. */
export function sqliteShelf(connection: Connection, owner: string, now: number): Shelf {
  const own = toText(owner);
  return {
    entry(kind, id) {
      const [row] = connection.all(ENTRY, own, toText(kind), toText(id), now);
      return row && entryOf(row);
    },
    entries: (kind) => connection.all(ENTRIES, own, toText(kind), now).map(entryOf),
    setEntry({ kind, id, json, version, mark, expiresAt, createdAt }) {
      connection.run(SET_ENTRY, own, toText(kind), toText(id), json, version, mark, expiresAt ?? null, createdAt);
    },
    removeEntry: (kind, id) => void connection.run(REMOVE_ENTRY, own, toText(kind), toText(id)),
    counter(key) {
      const [row] = connection.all(COUNTER, own, toText(key), now);
      return row && counterOf(row);
    },
    setCounter(key, { total, floor, refunded, lastAt, beforeAt, resetAt }) {
      const spans = JSON.stringify(refunded);
      connection.run(SET_COUNTER, own, toText(key), total, floor, spans, lastAt, beforeAt, resetAt ?? null);
    },
    clearCounters: (prefix) => void connection.run(CLEAR_COUNTERS, own, toText(prefix)),
  };
}

function entryOf(row: Row): Entry {
  return {
    kind: fromText(String(row.kind)),
    id: fromText(String(row.id)),
    json: String(row.data),
    version: Number(row.version),
    mark: Number(row.mark),
    createdAt: Number(row.created_at),
    ...(row.expires_at === null ? {} : { expiresAt: Number(row.expires_at) }),
  };
}

function counterOf(row: Row): Counter {
  return {
    total: Number(row.total),
    floor: Number(row.floor),
    refunded: JSON.parse(String(row.refunded)) as Counter['refunded'],
    lastAt: Number(row.last_at),
    beforeAt: Number(row.before_at),
    ...(row.reset_at === null ? {} : { resetAt: Number(row.reset_at) }),
  };
}
