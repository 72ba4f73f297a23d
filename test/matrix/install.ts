/** Folders of hosts with the packed tarball in them, and the Node to run them with. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type HostFolder, hostWithThePackage, npm, run, TSC } from '../consumers/packed.js';
import type { Combination } from './axes.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FIXTURES = fileURLToPath(new URL('fixtures', import.meta.url));
const CACHE = join(ROOT, '.cache', 'node');

/** The names in package.json under which other versions than the newest are installed. */
const ALIASES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  express: { '4.16.4': 'express-4-16', '4.21.2': 'express-4-21' },
  passport: { '0.4.1': 'passport-0-4', '0.5.3': 'passport-0-5', '0.6.0': 'passport-0-6' },
  'express-session': { '1.17.0': 'express-session-1-17' },
};
/** Types that speak of Express, and so must be those of this host's own. */
const TYPES = ['express', 'express-session', 'passport', 'passport-local', 'passport-strategy'];
const BELOW = [
  'body-parser',
  'express-serve-static-core',
  'http-errors',
  'node',
  'qs',
  'range-parser',
  'send',
  'serve-static',
];

/** The real Node of that version, from npm, kept in `.cache/node`. Throws where it cannot be fetched. */
export function nodeOf(version: string): string {
  const name = `node-${process.platform}-${process.arch}`;
  const inFolder = (folder: string) => join(folder, 'node_modules', name, 'bin', 'node');
  const kept = join(CACHE, version);
  if (!existsSync(inFolder(kept))) {
    mkdirSync(CACHE, { recursive: true });
    // Fetched beside it and then renamed: several may be at it at once.
    const folder = mkdtempSync(join(CACHE, 'fetching-'));
    try {
      npm(
        ['install', '--silent', '--no-save', '--no-audit', '--no-fund', '--prefix', folder, `${name}@${version}`],
        folder,
      );
      if (!existsSync(inFolder(kept))) renameSync(folder, kept);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const said = execFileSync(inFolder(kept), ['--version'], { encoding: 'utf8' }).trim();
  if (said !== `v${version}`) throw new Error(`${inFolder(kept)} is Node ${said}, not ${version}`);
  return inFolder(kept);
}

const folders = new Map<string, HostFolder>();

/** One folder for all hosts with these versions. The file to start is `fileOf`. */
export function folderOf({
  express,
  passport,
  sessions,
}: Pick<Combination, 'express' | 'passport' | 'sessions'>): HostFolder {
  const session = sessions === 'memory of 1.17.0' ? '1.17.0' : '1.19.0';
  const name = [express, passport, session].join(' ');
  const folder = folders.get(name) ?? installed({ express, passport, 'express-session': session });
  folders.set(name, folder);
  return folder;
}

export function removeFolders(): void {
  for (const folder of folders.values()) folder.remove();
  folders.clear();
}

function installed(versions: Readonly<Record<string, string>>): HostFolder {
  const aliases = Object.fromEntries(
    Object.entries(versions).map(([name, version]) => [name, ALIASES[name]?.[version] ?? name]),
  );
  const express4 = versions.express?.startsWith('4.') ? { '@types/express': 'types-express-4' } : {};
  const folder = hostWithThePackage({ ...aliases, ...express4 });
  for (const [name, version] of Object.entries(versions)) {
    const found = JSON.parse(readFileSync(join(folder.path, 'node_modules', name, 'package.json'), 'utf8')).version;
    if (found !== version) throw new Error(`${name} is ${found}, not ${version}: run npm install`);
  }
  folder.add('passport-local', 'connect-redis', 'redis', 'connect-pg-simple', 'pg');
  rmSync(join(folder.path, 'node_modules/@types'), { recursive: true });
  folder.addCopy(...TYPES.map((one) => `@types/${one}`));
  folder.add(...BELOW.map((one) => `@types/${one}`));
  cpSync(FIXTURES, folder.path, { recursive: true });
  return folder;
}

/** The file that starts such a host; TypeScript is checked and compiled first. */
export function fileOf({ path }: HostFolder, host: Combination['host']): string {
  if (host === 'commonjs') return join(path, 'commonjs.cjs');
  if (host === 'esm') return join(path, 'esm.mjs');
  return compiled(path, host === 'typescript' ? 'module' : 'commonjs');
}

/** With `skipLibCheck: false`, against the types of this host's own Express. */
function compiled(path: string, type: 'module' | 'commonjs'): string {
  const folder = join(path, `typescript-${type}`);
  const file = join(folder, 'app.js');
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  for (const name of ['app.ts', 'stores.cjs', 'stores.d.cts']) cpSync(join(path, name), join(folder, name));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }));
  const compilerOptions = {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    skipLibCheck: false,
    esModuleInterop: true,
    types: ['node'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }));
  run(process.execPath, [TSC, '-p', '.'], folder);
  return file;
}
