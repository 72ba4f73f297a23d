import session, { type SessionData } from 'express-session';
import type { AppDatabase } from './database.js';

type Done = ((error?: unknown) => void) | undefined;

const HOUR_MS = 60 * 60_000;

/** What Passport keeps under its key. */
interface WithPassport {
  readonly passport?: { readonly user?: unknown };
}

/** Sessions in SQLite. Each row knows its user, so that all sessions of one person can be ended: express-session itself has no way to do that. */
export class SqliteSessions extends session.Store {
  readonly #database: AppDatabase;
  readonly #clock: () => number;

  constructor(database: AppDatabase, clock: () => number) {
    super();
    this.#database = database;
    this.#clock = clock;
  }

  get(id: string, done: (error: unknown, session?: SessionData | null) => void): void {
    const find = this.#database.prepare('SELECT session FROM sessions WHERE id = ? AND expires_at > ?');
    settle(done, () => {
      const row = find.get(id, this.#clock()) as { session: string } | undefined;
      return row ? (JSON.parse(row.session) as SessionData) : null;
    });
  }

  set(id: string, data: SessionData, done?: Done): void {
    settle(done, () => {
      this.#database
        .prepare('INSERT OR REPLACE INTO sessions (id, user_id, session, expires_at) VALUES (?, ?, ?, ?)')
        .run(id, userIdIn(data), JSON.stringify(data), this.#expiryOf(data));
    });
  }

  /** Only an update: a session that was ended while a request ran must not come back. */
  override touch(id: string, data: SessionData, done?: Done): void {
    settle(done, () => {
      this.#database.prepare('UPDATE sessions SET expires_at = ? WHERE id = ?').run(this.#expiryOf(data), id);
    });
  }

  destroy(id: string, done?: Done): void {
    settle(done, () => void this.#database.prepare('DELETE FROM sessions WHERE id = ?').run(id));
  }

  /** Signs one person out everywhere. */
  endAllOf(userId: string): void {
    this.#database.prepare('DELETE FROM sessions WHERE user_id = ?').run(userId);
  }

  sweep(): void {
    this.#database.prepare('DELETE FROM sessions WHERE expires_at <= ?').run(this.#clock());
  }

  #expiryOf({ cookie }: SessionData): number {
    return this.#clock() + (cookie.originalMaxAge ?? HOUR_MS);
  }
}

function userIdIn(data: SessionData): string | null {
  const user = (data as WithPassport).passport?.user;
  return user === undefined ? null : String(user);
}

function settle<T>(done: ((error: unknown, result?: T) => void) | undefined, work: () => T): void {
  let outcome: () => void;
  try {
    const result = work();
    outcome = () => done?.(null, result);
  } catch (error) {
    outcome = () => done?.(error);
  }
  setImmediate(outcome);
}
