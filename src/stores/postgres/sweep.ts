const BATCH = 1000;

interface Sweep {
  readonly text: string;
  readonly values: readonly unknown[];
  /** As many rows go at once; fewer than that were the last. */
  readonly batch: number;
}

/** Rows that somebody is using are passed over, not waited for: no sweep stands in the way of a commit or of another sweep. */
export function sweepStatements(schema: string, seen: number, logBefore: number | undefined): readonly Sweep[] {
  const expired = `(SELECT ${schema}.mfa_now_1($1))`;
  const sweep = (table: string, key: string, end: string, value: number): Sweep => ({
    text: `WITH old AS MATERIALIZED (
        SELECT ${key} FROM ${schema}.${table} WHERE ${end} LIMIT ${BATCH} FOR UPDATE SKIP LOCKED
      ), gone AS (
        DELETE FROM ${schema}.${table} WHERE (${key}) IN (SELECT ${key} FROM old) RETURNING 1
      ) SELECT count(*) AS gone FROM gone`,
    values: [value],
    batch: BATCH,
  });
  return [
    sweep('mfa_records', 'owner, kind, id', `expires_at <= ${expired}`, seen),
    sweep('mfa_counters', 'owner, key', `reset_at <= ${expired}`, seen),
    ...(logBefore === undefined ? [] : [sweep('mfa_log', 'id', 'at < $1::bigint', Math.ceil(logBefore))]),
  ];
}
