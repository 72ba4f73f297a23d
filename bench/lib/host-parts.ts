/** What every contestant on Express shares: the same sessions, kept in the same place, and the same first factor. */
import type { RequestHandler } from 'express';
import session from 'express-session';
import passport from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import { Pool } from 'pg';
import { createClient } from 'redis';
import { PASSWORD } from './people.js';

/** A connected client for one purpose; undefined where this run is in memory. */
export async function redisOf(purpose: string) {
  const url = process.env.BENCH_REDIS;
  if (!url) return undefined;
  const client = createClient({ url, name: purpose, disableOfflineQueue: true });
  client.on('error', (error: unknown) => console.error(purpose, error));
  await client.connect();
  return client;
}

export function postgresOf(): Pool | undefined {
  const connectionString = process.env.BENCH_POSTGRES;
  if (!connectionString) return undefined;
  const pool = new Pool({ connectionString, max: 10 });
  pool.on('error', () => undefined);
  return pool;
}

export async function sessions(): Promise<RequestHandler> {
  const client = await redisOf('sessions');
  const options = { secret: 'cookie', resave: false, saveUninitialized: false };
  if (!client) return session(options);
  // By name: what only the benchmark installs is nobody else's business.
  const name = 'connect-redis';
  const { RedisStore } = (await import(name)) as { RedisStore: new (options: object) => session.Store };
  return session({ ...options, store: new RedisStore({ client, prefix: 'sess:' }) });
}

export function usePasswords(): void {
  passport.use(
    new LocalStrategy((username, password, done) => done(null, password === PASSWORD ? { id: username } : false)),
  );
  passport.serializeUser((user, done) => done(null, (user as { id: string }).id));
  passport.deserializeUser((id, done) => done(null, { id }));
}
