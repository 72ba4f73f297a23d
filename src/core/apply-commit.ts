import { admit, type Counter, refund, settle } from './counting.js';
import type { Commit, Condition, Count, CounterWrite, Hit, Json, Ref, StoredRecord, Write } from './store.js';

/** A record as a shelf keeps it: the data as JSON text, so that nothing outside can reach into it. */
export type Entry = Omit<StoredRecord, 'data'> & { readonly json: string };

/** What one owner has, live things only. Everything is synchronous: no other caller can come between a decision and its write. */
export interface Shelf {
  entry(kind: string, id: string): Entry | undefined;
  entries(kind: string): readonly Entry[];
  setEntry(entry: Entry): void;
  removeEntry(kind: string, id: string): void;
  counter(key: string): Counter | undefined;
  setCounter(key: string, counter: Counter): void;
  clearCounters(prefix: string): void;
}

export type Applied =
  | { readonly ok: true; readonly counts: readonly Count[] }
  | { readonly ok: false; readonly reason: 'condition' | 'limit'; readonly index: number; readonly retryAt?: number };

const NONE: readonly never[] = [];

/** Does the writes, then the counters, then the hits. Where the answer is not ok, the caller takes back what was done so far. */
export function applyCommit(shelf: Shelf, step: Commit, now: number): Applied {
  const { writes = NONE, counters = NONE, hits = NONE } = step;
  const failed = writes.findIndex((write) => !applyWrite(shelf, write, now));
  if (failed >= 0) return { ok: false, reason: 'condition', index: failed };
  for (const write of counters) applyCounterWrite(shelf, write, now);
  return applyHits(shelf, hits, now);
}

function recordOf(entry: Entry): StoredRecord {
  const { kind, id, json, version, mark, createdAt, expiresAt } = entry;
  const data = JSON.parse(json) as Json;
  if (expiresAt === undefined) return { kind, id, data, version, mark, createdAt };
  return { kind, id, data, version, mark, createdAt, expiresAt };
}

/** One list per ref, in order. */
export function readShelf(shelf: Shelf, refs: readonly Ref[]): readonly (readonly StoredRecord[])[] {
  return refs.map(({ kind, id }) => {
    if (id === undefined) return recordsOf(shelf.entries(kind));
    const entry = shelf.entry(kind, id);
    return entry ? [recordOf(entry)] : [];
  });
}

function recordsOf(entries: readonly Entry[]): readonly StoredRecord[] {
  const [first] = entries;
  if (!first) return NONE;
  if (entries.length === 1) return [recordOf(first)];
  return entries.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)).map(recordOf);
}

/** The data as text; throws for what is not JSON. */
export function jsonOf(data: unknown): string {
  const json: string | undefined = JSON.stringify(data);
  if (json === undefined) throw new TypeError('Store data must be JSON.');
  return json;
}

function applyWrite(shelf: Shelf, write: Write, now: number): boolean {
  switch (write.do) {
    case 'check':
      return holds(write.if, shelf.entry(write.kind, write.id));
    case 'put':
      return put(shelf, write, now);
    case 'delete':
      return write.id === undefined ? deleteKind(shelf, write) : deleteOne(shelf, { ...write, id: write.id });
    case 'raise':
      return raise(shelf, write);
    case 'bump':
      return bump(shelf, write, now);
  }
}

function holds(condition: Condition, entry: Entry | undefined): boolean {
  if (condition === 'absent') return entry === undefined;
  if (condition === 'present') return entry !== undefined;
  if ('version' in condition) return entry?.version === condition.version;
  return (entry?.mark ?? 0) === condition.mark;
}

function put(shelf: Shelf, write: Extract<Write, { do: 'put' }>, now: number): boolean {
  const { kind, id, data, ttlMs, atMost } = write;
  const before = shelf.entry(kind, id);
  if (write.if && !holds(write.if, before)) return false;
  const others = () => shelf.entries(kind).filter((entry) => entry.id !== id).length;
  if (atMost !== undefined && others() + 1 > atMost) return false;
  shelf.setEntry({
    kind,
    id,
    json: jsonOf(data),
    version: (before?.version ?? 0) + 1,
    mark: before?.mark ?? 0,
    createdAt: before?.createdAt ?? now,
    ...(ttlMs === undefined ? {} : { expiresAt: now + ttlMs }),
  });
  return true;
}

function deleteOne(shelf: Shelf, write: { kind: string; id: string; if?: Condition }): boolean {
  if (write.if && !holds(write.if, shelf.entry(write.kind, write.id))) return false;
  shelf.removeEntry(write.kind, write.id);
  return true;
}

function deleteKind(shelf: Shelf, write: { kind: string; if?: Condition }): boolean {
  const entries = shelf.entries(write.kind);
  if (write.if && !holds(write.if, entries[0])) return false;
  for (const { id } of entries) shelf.removeEntry(write.kind, id);
  return true;
}

function raise(shelf: Shelf, { kind, id, to }: { kind: string; id: string; to: number }): boolean {
  const entry = shelf.entry(kind, id);
  if (!entry || to <= entry.mark) return false;
  shelf.setEntry({ ...entry, mark: to });
  return true;
}

function bump(shelf: Shelf, { kind, id }: { kind: string; id: string }, now: number): boolean {
  const entry = shelf.entry(kind, id) ?? { kind, id, json: 'null', version: 1, mark: 0, createdAt: now };
  shelf.setEntry({ ...entry, mark: entry.mark + 1 });
  return true;
}

function applyCounterWrite(shelf: Shelf, write: CounterWrite, now: number): void {
  if (write.do === 'clear') {
    shelf.clearCounters(write.prefix);
    return;
  }
  const counter = shelf.counter(write.key);
  if (!counter) return;
  const moved = write.do === 'settle' ? settle(counter, write.upTo, now) : refund(counter, write.hit, now);
  shelf.setCounter(write.key, moved);
}

function applyHits(shelf: Shelf, hits: readonly Hit[], now: number): Applied {
  const counts: Count[] = [];
  for (const [index, hit] of hits.entries()) {
    const admission = admit(shelf.counter(hit.key), hit, now);
    if (!admission.ok) return { ...admission, reason: 'limit', index };
    if (!hit.peek) shelf.setCounter(hit.key, admission.counter);
    counts.push(admission.count);
  }
  return { ok: true, counts };
}
