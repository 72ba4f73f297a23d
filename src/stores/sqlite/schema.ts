import { MfaError } from '../../core/errors.js';
import type { Connection } from './handle.js';

// One entry per version, each run once and in order; what has shipped is never edited.
const MIGRATIONS = [
  `CREATE TABLE mfa_records (
     owner TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
     data TEXT NOT NULL, version INTEGER NOT NULL, mark INTEGER NOT NULL,
     expires_at INTEGER, created_at INTEGER NOT NULL,
     PRIMARY KEY (owner, kind, id)
   );
   CREATE INDEX mfa_records_expiry ON mfa_records (expires_at) WHERE expires_at IS NOT NULL;
   CREATE TABLE mfa_counters (
     owner TEXT NOT NULL, key TEXT NOT NULL,
     total INTEGER NOT NULL, floor INTEGER NOT NULL, refunded TEXT NOT NULL,
     last_at INTEGER NOT NULL, before_at INTEGER NOT NULL, reset_at INTEGER,
     PRIMARY KEY (owner, key)
   );
   CREATE INDEX mfa_counters_reset ON mfa_counters (reset_at) WHERE reset_at IS NOT NULL;
   CREATE TABLE mfa_log (
     id TEXT NOT NULL PRIMARY KEY, at INTEGER NOT NULL, type TEXT NOT NULL,
     owner TEXT, epoch INTEGER, data TEXT NOT NULL
   );
   CREATE INDEX mfa_log_at ON mfa_log (at, id);
   CREATE INDEX mfa_log_owner ON mfa_log (owner, at, id);
   CREATE INDEX mfa_log_type ON mfa_log (type, at, id);
   CREATE INDEX mfa_log_bumps ON mfa_log (at, id) WHERE epoch IS NOT NULL;`,
];

/**
 * Makes or updates the tables. The version is in a table of its own, not in `user_version`: a handle that the host shares with
 * us may keep the host's version there. Several processes may start at once; the first to get the write lock does the work.
 */
export function migrate(connection: Connection): void {
  const isMade =
    connection.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'mfa_schema'").length > 0;
  // Without the write lock, or a process that starts would have to wait for those at work.
  if (isMade && versionOf(connection) === MIGRATIONS.length) return;
  connection.write(() => {
    connection.exec('CREATE TABLE IF NOT EXISTS mfa_schema (version INTEGER NOT NULL)');
    const done = versionOf(connection);
    if (done > MIGRATIONS.length) {
      throw new MfaError(
        'set_up',
        `sqliteStore: a newer express-mfa made this file (version ${done}). Update this one.`,
      );
    }
    for (const [index, sql] of MIGRATIONS.entries()) {
      if (index < done) continue;
      connection.exec(sql);
      connection.run('INSERT INTO mfa_schema (version) VALUES (?)', index + 1);
    }
    return { ok: true };
  });
}

function versionOf(connection: Connection): number {
  return Number(connection.all('SELECT max(version) AS version FROM mfa_schema')[0]?.version ?? 0);
}
