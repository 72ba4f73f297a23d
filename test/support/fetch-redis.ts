/** Where redis-server is: on the PATH, else in `.cache/redis`, into which it is unpacked once with apt (nothing is installed). */
import { type ExecFileSyncOptions, execFileSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../../.cache/', import.meta.url));
const FETCHED = join(CACHE, 'redis', 'redis-server');
const PACKAGES = ['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1'];

/** The path of a redis-server that starts, or why there is none. */
export function findRedisServer(): { readonly path: string } | { readonly reason: string } {
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'redis-server'));
  const found = [...onPath, FETCHED].find(isRunnable);
  if (found) return { path: found };
  try {
    fetchIt();
    return { path: FETCHED };
  } catch (error) {
    return { reason: error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error) };
  }
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    execFileSync(path, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** In a folder of its own, which becomes the cache in one step: several test files may be at it at once. */
function fetchIt(): void {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'redis-'));
  try {
    chmodSync(folder, 0o755);
    unpackInto(folder);
    if (!isRunnable(join(folder, 'redis-server'))) throw new Error('the fetched redis-server does not start');
    if (!isRunnable(FETCHED)) rmSync(join(CACHE, 'redis'), { recursive: true, force: true });
    if (!existsSync(FETCHED)) renameSync(folder, join(CACHE, 'redis'));
  } catch (error) {
    if (!isRunnable(FETCHED)) throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function unpackInto(folder: string): void {
  const [lists, archives, packages, root] = ['lists', 'archives', 'packages', 'root'].map((name) => join(folder, name));
  if (!lists || !archives || !packages || !root) throw new Error('no folders');
  for (const each of [join(lists, 'partial'), archives, packages, root]) mkdirSync(each, { recursive: true });
  // Lists of our own, so that nobody has to be root.
  const own = ['-o', `Dir::State::Lists=${lists}`, '-o', `Dir::Cache=${archives}`, '-o', 'APT::Sandbox::User='];
  const quiet: ExecFileSyncOptions = { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, LC_ALL: 'C' } };
  execFileSync('apt-get', [...own, 'update'], quiet);
  execFileSync('apt-get', [...own, 'download', ...PACKAGES], { ...quiet, cwd: packages });
  for (const file of readdirSync(packages)) execFileSync('dpkg-deb', ['-x', join(packages, file), root], quiet);
  for (const each of [lists, archives, packages]) rmSync(each, { recursive: true, force: true });
  const start = [
    '#!/bin/sh',
    // Found from where the script is, because the folder is renamed.
    'root="$(cd "$(dirname "$0")" && pwd)/root"',
    'export LD_LIBRARY_PATH="$(echo "$root"/usr/lib/*-linux-gnu | tr " " :)"',
    'exec "$root/usr/bin/redis-server" "$@"',
    '',
  ];
  writeFileSync(join(folder, 'redis-server'), start.join('\n'));
  chmodSync(join(folder, 'redis-server'), 0o755);
}
