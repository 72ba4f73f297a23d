import session, { type SessionData } from 'express-session';
import Database from 'libsql';

/** Sessions in a file that several processes share, as a host with Redis or a database has them. */
export class SqliteSessions extends session.Store {
  private readonly database: Database.Database;

  constructor(path: string) {
    super();
    this.database = new Database(path);
    this.database.exec('PRAGMA busy_timeout = 5000');
    this.database.exec('CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, kept TEXT NOT NULL)');
  }

  override get(id: string, done: (error: unknown, kept?: SessionData | null) => void): void {
    this.answer(done, () => {
      const row = this.database.prepare('SELECT kept FROM sessions WHERE id = ?').get(id) as
        | { kept: string }
        | undefined;
      return row ? (JSON.parse(row.kept) as SessionData) : null;
    });
  }

  override set(id: string, kept: SessionData, done?: (error?: unknown) => void): void {
    this.answer(done, () => {
      this.database.prepare('INSERT OR REPLACE INTO sessions (id, kept) VALUES (?, ?)').run(id, JSON.stringify(kept));
    });
  }

  override destroy(id: string, done?: (error?: unknown) => void): void {
    this.answer(done, () => void this.database.prepare('DELETE FROM sessions WHERE id = ?').run(id));
  }

  override all(done: (error: unknown, all?: Record<string, SessionData>) => void): void {
    this.answer(done, () => {
      const rows = this.database.prepare('SELECT id, kept FROM sessions').all() as { id: string; kept: string }[];
      return Object.fromEntries(rows.map(({ id, kept }) => [id, JSON.parse(kept) as SessionData]));
    });
  }

  close(): void {
    this.database.close();
  }

  private answer<T>(done: ((error: unknown, result?: T) => void) | undefined, work: () => T): void {
    let outcome: () => void;
    try {
      const result = work();
      outcome = () => done?.(null, result);
    } catch (error) {
      outcome = () => done?.(error);
    }
    setImmediate(outcome);
  }
}
