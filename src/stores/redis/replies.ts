import type { Committed, Count, Hit, Json, Ref, StoredRecord } from '../../core/store.js';
import { fromText } from '../../core/stored-name.js';

const ENTRY = /^(\S+) (\S+) (\S+) (\S+) (.*)$/s;

/** What the script of `lua-commit.ts` answers. */
export interface Reply {
  readonly committed: Committed;
  /** How many expired things it cleared away. */
  readonly removed: number;
  /** Log rows that are not in the log yet: their ids as the outbox has them, and their JSON. */
  readonly outbox: readonly (readonly [id: string, json: string])[];
}

export function replyOf(reply: unknown, hits: readonly Hit[], refs: readonly Ref[]): Reply {
  const [ok, at, ...rest] = listOf(reply);
  const now = Number(at);
  if (Number(ok) !== 1) return { committed: refusalOf(rest, now), removed: 0, outbox: [] };
  const [removed, counts, reads, outbox] = rest;
  const lists = listOf(reads);
  const committed: Committed = {
    ok: true,
    counts: listOf(counts).map((count, index) => countOf(listOf(count), hits[index]?.key ?? '')),
    records: refs.map(({ kind }, index) => recordsOf(kind, lists[index])),
    now,
  };
  return { committed, removed: Number(removed), outbox: pairsOf(listOf(outbox)) };
}

/** A flat list, by twos. */
export function pairsOf(list: readonly unknown[]): readonly (readonly [string, string])[] {
  return list.flatMap((first, index) => (index % 2 ? [] : [[String(first), String(list[index + 1])] as const]));
}

export function listOf(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? (reply as readonly unknown[]) : [];
}

function refusalOf([why, index, retryAt]: readonly unknown[], now: number): Committed {
  const reason = String(why) === 'limit' ? 'limit' : 'condition';
  const opensAt = String(retryAt);
  return { ok: false, reason, index: Number(index), ...(opensAt === '' ? {} : { retryAt: Number(opensAt) }), now };
}

function countOf([total, count, resetAt]: readonly unknown[], key: string): Count {
  const ends = String(resetAt);
  return { key, total: Number(total), count: Number(count), ...(ends === '' ? {} : { resetAt: Number(ends) }) };
}

function recordsOf(kind: string, list: unknown): readonly StoredRecord[] {
  return pairsOf(listOf(list))
    .map(([id, text]) => recordOf(kind, fromText(id), text))
    .toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
}

function recordOf(kind: string, id: string, text: string): StoredRecord {
  const [, version, mark, createdAt, expiresAt = '-', data = 'null'] = ENTRY.exec(text) ?? [];
  return {
    kind,
    id,
    data: JSON.parse(data) as Json,
    version: Number(version),
    mark: Number(mark),
    createdAt: Number(createdAt),
    ...(expiresAt === '-' ? {} : { expiresAt: Number(expiresAt) }),
  };
}
