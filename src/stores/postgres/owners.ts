/** Owners in order, read from the primary key's index; `$4` is the last one of the page before. */
export function ownersText(schema: string, isFirstPage: boolean): string {
  const now = `(SELECT ${schema}.mfa_now_1($2))`;
  // The first condition is asked even where there is no row: on a replica it throws.
  return `SELECT DISTINCT owner FROM ${schema}.mfa_records
    WHERE ${now} > 0 AND kind = $1 AND (expires_at IS NULL OR expires_at > ${now}) ${isFirstPage ? '' : 'AND owner > $4'}
    ORDER BY owner LIMIT $3`;
}
