/** The package as npm would publish it, put into a folder like a host's: nothing is downloaded, what it depends on is linked from here. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUILT_FROM = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'src'];
export const TSC = join(ROOT, 'node_modules/typescript7/bin/tsc');

export interface HostFolder {
  readonly path: string;
  /** What was in the tarball, `package/` left off. */
  readonly packed: readonly string[];
  /** Installs one more package. */
  add(...names: readonly string[]): void;
  /** Runs node there; the output, or an error that shows it. */
  node(...given: readonly string[]): string;
  remove(): void;
}

/** Builds and packs in a folder of its own: other tests may do the same at this moment, and `dist` may be old. */
export function hostWithThePackage(): HostFolder {
  const path = mkdtempSync(join(tmpdir(), 'express-mfa-host-'));
  const modules = join(path, 'node_modules');
  const packed = unpackInto(path, join(modules, 'express-mfa'));

  function add(...names: readonly string[]): void {
    for (const name of names) {
      mkdirSync(dirname(join(modules, name)), { recursive: true });
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name), 'dir');
    }
  }
  add(...Object.keys(manifest().dependencies), 'express', 'express-session', 'passport');

  return {
    path,
    packed,
    add,
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

function unpackInto(folder: string, target: string): readonly string[] {
  const copy = join(folder, 'to-pack');
  mkdirSync(copy);
  for (const name of [...BUILT_FROM, 'README.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE', 'docs'])
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'dir');
  // Built where it is packed from: a build into another folder writes the way back to this one into its source maps.
  run(process.execPath, [TSC, '-p', 'tsconfig.build.json'], copy);
  // npm may be a script without a shell's rights to run; what runs npm says where it is.
  const npm = process.env.npm_execpath;
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  if (npm?.endsWith('.js')) run(process.execPath, [npm, ...pack], copy);
  else run('npm', pack, copy);
  mkdirSync(target, { recursive: true });
  const tarball = join(folder, `express-mfa-${manifest().version}.tgz`);
  run('tar', ['-xzf', tarball, '-C', target, '--strip-components=1'], folder);
  rmSync(copy, { recursive: true });
  return run('tar', ['-tzf', tarball], folder)
    .trim()
    .split('\n')
    .map((name) => name.replace(/^package\//, ''));
}

function run(command: string, given: readonly string[], cwd: string): string {
  const { NODE_OPTIONS: _, ...env } = process.env;
  try {
    return execFileSync(command, given, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${[command, ...given].join(' ')}\n${stdout ?? ''}${stderr ?? ''}`);
  }
}
