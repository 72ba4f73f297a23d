import { randomUUID } from 'node:crypto';
import type { AppDatabase } from './database.js';
import { hashPassword, isPassword } from './passwords.js';

export interface User {
  readonly id: string;
  readonly email: string;
  /** Asked for at sign-up: this person must have a second step. */
  readonly requireMfa: boolean;
  readonly signedInAt: Date | undefined;
}

export interface NewUser {
  readonly email: string;
  readonly password: string;
  readonly requireMfa: boolean;
}

interface Row {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly require_mfa: number;
  readonly signed_in_at: number | null;
}

export type Users = ReturnType<typeof createUsers>;

export function createUsers(database: AppDatabase, clock: () => number) {
  const byId = database.prepare('SELECT * FROM users WHERE id = ?');
  const byEmail = database.prepare('SELECT * FROM users WHERE email = ?');
  const insert = database.prepare(
    `INSERT INTO users (id, email, password, require_mfa, created_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (email) DO NOTHING`,
  );
  const setPassword = database.prepare('UPDATE users SET password = ? WHERE id = ?');
  const setSignedIn = database.prepare('UPDATE users SET signed_in_at = ? WHERE id = ?');

  function findById(id: unknown): User | undefined {
    return userOf(byId.get(String(id)) as Row | undefined);
  }

  return {
    findById,

    /** Nothing where somebody has that address already. */
    async create({ email, password, requireMfa }: NewUser): Promise<User | undefined> {
      const id = randomUUID();
      const added = insert.run(id, email, await hashPassword(password), requireMfa ? 1 : 0, clock());
      return added.changes === 0 ? undefined : findById(id);
    },

    /** The first factor. */
    async withPassword(email: string, password: string): Promise<User | undefined> {
      const row = byEmail.get(email) as Row | undefined;
      return (await isPassword(password, row?.password)) ? userOf(row) : undefined;
    },

    async changePassword({ id }: User, password: string): Promise<void> {
      setPassword.run(await hashPassword(password), id);
    },

    noteSignIn({ id }: User): void {
      setSignedIn.run(clock(), id);
    },
  };
}

function userOf(row: Row | undefined): User | undefined {
  if (!row) return undefined;
  const { id, email, require_mfa, signed_in_at } = row;
  return {
    id,
    email,
    requireMfa: require_mfa === 1,
    signedInAt: signed_in_at === null ? undefined : new Date(signed_in_at),
  };
}
