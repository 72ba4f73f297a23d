import { randomUUID } from 'node:crypto';
import { hashPassword, isPassword } from '../passwords.js';
import type { AppDatabase, Row } from './database.js';

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

export type Users = ReturnType<typeof createUsers>;

export function createUsers(database: AppDatabase, clock: () => number) {
  async function findById(id: unknown): Promise<User | undefined> {
    const [row] = await database.rows('SELECT * FROM users WHERE id = $1', String(id));
    return row && userOf(row);
  }

  return {
    findById,

    /** Nothing where somebody has that address already. */
    async create({ email, password, requireMfa }: NewUser): Promise<User | undefined> {
      const [row] = await database.rows(
        `INSERT INTO users (id, email, password, require_mfa, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING RETURNING *`,
        randomUUID(),
        email,
        await hashPassword(password),
        requireMfa ? 1 : 0,
        clock(),
      );
      return row && userOf(row);
    },

    /** The first factor. */
    async withPassword(email: string, password: string): Promise<User | undefined> {
      const [row] = await database.rows('SELECT * FROM users WHERE lower(email) = lower($1)', email);
      return (await isPassword(password, row && String(row.password))) && row ? userOf(row) : undefined;
    },

    async changePassword({ id }: User, password: string): Promise<void> {
      await database.rows('UPDATE users SET password = $1 WHERE id = $2', await hashPassword(password), id);
    },

    async remove({ id, email }: User): Promise<void> {
      await database.rows('DELETE FROM users WHERE id = $1', id);
      await database.rows('DELETE FROM letters WHERE recipient = $1', email);
    },

    async noteSignIn({ id }: User): Promise<void> {
      await database.rows('UPDATE users SET signed_in_at = $1 WHERE id = $2', clock(), id);
    },
  };
}

function userOf({ id, email, require_mfa, signed_in_at }: Row): User {
  return {
    id: String(id),
    email: String(email),
    requireMfa: Number(require_mfa) === 1,
    signedInAt: signed_in_at === null ? undefined : new Date(Number(signed_in_at)),
  };
}
