import session, { type SessionData } from 'express-session';
import type { AppDatabase } from './database.js';

/** A session store that knows whose a session is, so that all of one person can be ended: express-session itself has no way to do that. */
export interface Sessions extends session.Store {
  /** Signs one person out everywhere. */
  endAllOf(userId: string): Promise<void>;
}

export type Done = ((error: unknown, kept?: SessionData | null) => void) | undefined;

const HOUR_MS = 60 * 60_000;

/** Sessions in the app's database. */
export class DatabaseSessions extends session.Store implements Sessions {
  readonly #database: AppDatabase;
  readonly #clock: () => number;

  constructor(database: AppDatabase, clock: () => number) {
    super();
    this.#database = database;
    this.#clock = clock;
  }

  get(id: string, done: Done): void {
    const sql = 'SELECT session FROM sessions WHERE id = $1 AND expires_at > $2';
    const read = async () => {
      const [row] = await this.#database.rows(sql, id, this.#clock());
      return row && (JSON.parse(String(row.session)) as SessionData);
    };
    answer(done, read());
  }

  set(id: string, kept: SessionData, done?: Done): void {
    const sql = `INSERT INTO sessions (id, user_id, session, expires_at) VALUES ($1, $2, $3, $4) ON CONFLICT (id)
      DO UPDATE SET user_id = excluded.user_id, session = excluded.session, expires_at = excluded.expires_at`;
    const user = userIdIn(kept) ?? null;
    this.#change(done, sql, id, user, JSON.stringify(kept), this.#expiryOf(kept));
  }

  /** Only an update: a session that was ended while a request ran must not come back. */
  override touch(id: string, kept: SessionData, done?: Done): void {
    this.#change(done, 'UPDATE sessions SET expires_at = $1 WHERE id = $2', this.#expiryOf(kept), id);
  }

  destroy(id: string, done?: Done): void {
    this.#change(done, 'DELETE FROM sessions WHERE id = $1', id);
  }

  async sweep(): Promise<void> {
    await this.#database.rows('DELETE FROM sessions WHERE expires_at <= $1', this.#clock());
  }

  async endAllOf(userId: string): Promise<void> {
    await this.#database.rows('DELETE FROM sessions WHERE user_id = $1', userId);
  }

  #change(done: Done, ...statement: Parameters<AppDatabase['rows']>): void {
    answer(
      done,
      this.#database.rows(...statement).then(() => undefined),
    );
  }

  #expiryOf({ cookie }: SessionData): number {
    return this.#clock() + (cookie.originalMaxAge ?? HOUR_MS);
  }
}

/** What Passport keeps under its key. */
interface WithPassport {
  readonly passport?: { readonly user?: unknown };
}

export function userIdIn(kept: SessionData): string | undefined {
  const user = (kept as WithPassport).passport?.user;
  return user === undefined ? undefined : String(user);
}

/** Tells the callback what came of the work. Outside of the promise, where what the callback throws would call it again. */
export function answer(done: Done, work: Promise<SessionData | undefined>): void {
  work.then(
    (kept) => setImmediate(() => done?.(null, kept ?? null)),
    (error: unknown) => setImmediate(() => done?.(error)),
  );
}
