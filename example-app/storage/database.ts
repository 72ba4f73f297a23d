/** What the app keeps itself: users, sessions, the developer inbox, tries to sign in. The same SQL in a SQLite file and in PostgreSQL. */

export type Value = string | number | null;
export type Row = Readonly<Record<string, unknown>>;

export interface AppDatabase {
  /** One statement; `$1`, `$2` ... stand for the values. Throws `Unavailable` where the database does not answer. */
  rows(sql: string, ...values: readonly Value[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** Made at every start, where they are not there. PostgreSQL gives a BIGINT as a text, so numbers are read with `Number`. */
export const TABLES = `
  CREATE TABLE IF NOT EXISTS users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    password TEXT NOT NULL,
    require_mfa INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    signed_in_at BIGINT
  );
  CREATE UNIQUE INDEX IF NOT EXISTS users_by_email ON users (lower(email));
  CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY,
    user_id TEXT,
    session TEXT NOT NULL,
    expires_at BIGINT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS sessions_of_user ON sessions (user_id);
  CREATE INDEX IF NOT EXISTS sessions_by_expiry ON sessions (expires_at);
  CREATE TABLE IF NOT EXISTS letters (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    place INTEGER NOT NULL,
    send_id TEXT,
    request_id TEXT,
    carrier TEXT,
    outcome TEXT NOT NULL,
    channel TEXT NOT NULL,
    recipient TEXT NOT NULL,
    country TEXT,
    text TEXT NOT NULL,
    code TEXT,
    told TEXT
  );
  CREATE INDEX IF NOT EXISTS letters_by_time ON letters (at);
  CREATE TABLE IF NOT EXISTS carrier_faults (
    carrier TEXT PRIMARY KEY,
    fault TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS attempts (
    address TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    reset_at BIGINT NOT NULL
  );
`;
