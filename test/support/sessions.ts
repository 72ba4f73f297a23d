/** The session store as somebody sees it who can read and write it, and the cookies that open it. */
import type session from 'express-session';
import type { Response } from 'supertest';
import type { TestHost } from './host.js';

type Kept = Record<string, unknown> & { mfa?: { pending?: { id: string }; proof?: { id: string } } };

/** Every session, by id. */
export async function storedSessions({ sessions }: Pick<TestHost, 'sessions'>): Promise<Record<string, Kept>> {
  return await new Promise((resolve, reject) => {
    sessions.all?.((error, all) =>
      error ? reject(error as Error) : resolve((all ?? {}) as unknown as Record<string, Kept>),
    );
  });
}

/** Puts a session under an id, as a slow request that saves late does. */
export async function storeSession({ sessions }: Pick<TestHost, 'sessions'>, id: string, kept: Kept): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    sessions.set(id, kept as unknown as session.SessionData, (error) => (error ? reject(error as Error) : resolve()));
  });
}

/** The session cookie an answer has set, as a browser sends it back; an error where it set none. */
export function cookieOf(answer: Response): string {
  const set = (answer.headers['set-cookie'] as unknown as string[] | undefined)?.find((one) =>
    one.startsWith('connect.sid='),
  );
  if (!set) throw new Error('The answer set no session cookie.');
  return set.split(';')[0] ?? '';
}

/** The session's id in a cookie. */
export function idOf(cookie: string): string {
  return decodeURIComponent(cookie).replace('connect.sid=s:', '').split('.')[0] ?? '';
}
