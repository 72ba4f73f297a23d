/** The package as npm would publish it, put into a folder like a host's: nothing is downloaded, what it depends on is linked from here. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUILT_FROM = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/bundle.mjs', 'src'];
export const TSC = join(ROOT, 'node_modules/typescript7/bin/tsc');

export interface HostFolder {
  readonly path: string;
  /** What was in the tarball, `package/` left off. */
  readonly packed: readonly string[];
  /** Installs one more package, unless it is there. */
  add(...names: readonly string[]): void;
  /** The same as files of its own, for types: what they import is then what this host has. */
  addCopy(...names: readonly string[]): void;
  /** Runs node there; the output, or an error that shows it. */
  node(...given: readonly string[]): string;
  remove(): void;
}

/** A new folder of a host. Another version than ours is one of our aliases: `{ express: 'express-4-16' }`. */
export function hostWithThePackage(aliases: Readonly<Record<string, string>> = {}): HostFolder {
  const path = mkdtempSync(join(tmpdir(), 'express-mfa-host-'));
  const modules = join(path, 'node_modules');
  const target = join(modules, 'express-mfa');
  const tarball = packedTarball();
  mkdirSync(target, { recursive: true });
  run('tar', ['-xzf', tarball, '-C', target, '--strip-components=1'], path);
  const packed = run('tar', ['-tzf', tarball], path)
    .trim()
    .split('\n')
    .map((name) => name.replace(/^package\//, ''));

  const installed = (name: string) => join(ROOT, 'node_modules', aliases[name] ?? name);
  function add(...names: readonly string[]): void {
    for (const name of names.filter((one) => !existsSync(join(modules, one)))) {
      mkdirSync(dirname(join(modules, name)), { recursive: true });
      symlinkSync(installed(name), join(modules, name), 'dir');
    }
  }
  function addCopy(...names: readonly string[]): void {
    for (const name of names) cpSync(installed(name), join(modules, name), { recursive: true, dereference: true });
  }
  add(...Object.keys(manifest().dependencies), 'express', 'express-session', 'passport');

  return {
    path,
    packed,
    add,
    addCopy,
    node: (...given) => run(process.execPath, given, path),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, unknown>>;
  readonly exports: Readonly<Record<string, unknown>>;
}

export function manifest(): Manifest {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
}

let tarball: string | undefined;

/** Built and packed once, in a folder of its own: other tests may do the same at this moment, and `dist` may be old. */
export function packedTarball(): string {
  if (tarball) return tarball;
  const folder = mkdtempSync(join(tmpdir(), 'express-mfa-packed-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const copy = join(folder, 'to-pack');
  mkdirSync(copy);
  for (const name of [...BUILT_FROM, 'README.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE', 'docs'])
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'dir');
  // Built where it is packed from: a build into another folder writes the way back to this one into its source maps.
  run(process.execPath, [TSC, '-p', 'tsconfig.build.json'], copy);
  run(process.execPath, ['scripts/bundle.mjs'], copy);
  npm(['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], copy);
  rmSync(copy, { recursive: true });
  tarball = join(folder, `express-mfa-${manifest().version}.tgz`);
  return tarball;
}

/** npm may be a script without a shell's rights to run; what runs npm says where it is. */
export function npm(given: readonly string[], cwd: string): string {
  const script = process.env.npm_execpath;
  return script?.endsWith('.js') ? run(process.execPath, [script, ...given], cwd) : run('npm', given, cwd);
}

/** The output, or an error that shows it. */
export function run(command: string, given: readonly string[], cwd: string): string {
  const { NODE_OPTIONS: _, ...env } = process.env;
  try {
    return execFileSync(command, given, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${[command, ...given].join(' ')}\n${stdout ?? ''}${stderr ?? ''}`);
  }
}
