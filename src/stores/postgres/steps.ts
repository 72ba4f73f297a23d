import { jsonOf } from '../../core/apply-commit.js';
import { finite } from '../../core/finite.js';
import type {
  Commit,
  Committed,
  Count,
  CounterWrite,
  Json,
  LogRow,
  Ref,
  StoredRecord,
  Write,
} from '../../core/store.js';
import { fromText, toText } from '../../core/stored-name.js';

/** A commit as `mfa_commit_1` takes it. Throws for what is not JSON, before anything has happened. */
export function stepText({ hits, writes, counters, reads, log }: Commit): string {
  return JSON.stringify({
    hits: hits?.map((hit) => ({ ...hit, key: toText(hit.key), limit: finite(hit.limit) })),
    writes: writes?.map(writeOf),
    counters: counters?.map(counterWriteOf),
    reads: reads?.map(refOf),
    log: log && log.length > 0 ? log.map(logRowOf) : undefined,
  });
}

/** What is asked of `mfa_read_1`. */
export function readText(owner: string, refs: readonly Ref[]): string {
  return JSON.stringify({ owner: toText(owner), refs: refs.map(refOf) });
}

/** Rows as `mfa_append_1` takes them, each a text of its own. Throws for what is not JSON. */
export function logTexts(rows: readonly LogRow[]): readonly string[] {
  return rows.map((row) => JSON.stringify(logRowOf(row)));
}

/** What `mfa_commit_1` answered. */
export function committedOf(answer: string, step: Commit): Committed {
  const done = JSON.parse(answer) as Answer;
  if (!done.ok) {
    const { reason, index, retryAt, now } = done;
    return { ok: false, reason, index, now, ...(retryAt === null || retryAt === undefined ? {} : { retryAt }) };
  }
  const keys = (step.hits ?? []).map(({ key }) => key);
  return {
    ok: true,
    now: done.now,
    counts: done.counts.map((count, index) => countOf(keys[index] ?? '', count)),
    records: done.records.map(recordsOf),
  };
}

/** What `mfa_read_1` answered. */
export function readOf(answer: string): {
  readonly now: number;
  readonly records: readonly (readonly StoredRecord[])[];
} {
  const { now, records } = JSON.parse(answer) as { now: number; records: readonly (readonly KeptRecord[])[] };
  return { now, records: records.map(recordsOf) };
}

type Answer =
  | {
      readonly ok: true;
      readonly now: number;
      readonly counts: readonly KeptCount[];
      readonly records: readonly (readonly KeptRecord[])[];
    }
  | {
      readonly ok: false;
      readonly reason: 'condition' | 'limit';
      readonly index: number;
      readonly retryAt?: number | null;
      readonly now: number;
    };

interface KeptCount {
  readonly total: number;
  readonly count: number;
  readonly resetAt: number | null;
}

interface KeptRecord extends Omit<StoredRecord, 'data' | 'expiresAt'> {
  readonly data: string;
  readonly expiresAt: number | null;
}

function countOf(key: string, { total, count, resetAt }: KeptCount): Count {
  return { key, total, count, ...(resetAt === null ? {} : { resetAt }) };
}

function recordsOf(kept: readonly KeptRecord[]): readonly StoredRecord[] {
  return kept
    .map(({ kind, id, data, expiresAt, ...rest }) => ({
      ...rest,
      kind: fromText(kind),
      id: fromText(id),
      data: JSON.parse(data) as Json,
      ...(expiresAt === null ? {} : { expiresAt }),
    }))
    .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
}

function counterWriteOf(write: CounterWrite): object {
  if (write.do === 'clear') return { do: 'clear', prefix: toText(write.prefix) };
  const key = toText(write.key);
  return write.do === 'settle'
    ? { do: 'settle', key, upTo: finite(write.upTo) }
    : { do: 'refund', key, hit: finite(write.hit) };
}

function writeOf(write: Write): object {
  const named = { ...write, kind: toText(write.kind), ...(write.id === undefined ? {} : { id: toText(write.id) }) };
  // As text inside the text: `jsonb` would lose the order of keys.
  if (write.do !== 'put') return named;
  const data = jsonOf(write.data);
  return write.atMost === undefined ? { ...named, data } : { ...named, data, atMost: finite(write.atMost) };
}

function refOf({ kind, id }: Ref): object {
  return { kind: toText(kind), ...(id === undefined ? {} : { id: toText(id) }) };
}

function logRowOf({ id, at, type, owner, epoch, data }: LogRow): object {
  return {
    id: toText(id),
    at,
    type: toText(type),
    ...(owner === undefined ? {} : { owner: toText(owner) }),
    epoch,
    data: jsonOf(data),
  };
}
