import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type HostFolder, hostWithThePackage, manifest, TSC } from './packed.js';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

let host: HostFolder;

beforeAll(() => {
  host = hostWithThePackage();
});

afterAll(() => {
  host?.remove();
});

describe('the package as it is published', () => {
  it('holds the built files, the sources they point to, and what a reader needs', () => {
    for (const name of [
      'README.md',
      'CHANGELOG.md',
      'LICENSE',
      'SECURITY.md',
      'docs/errors.md',
      'dist/index.js',
      'src/index.ts',
    ])
      expect(host.packed).toContain(name);
    expect(host.packed.filter((name) => /^(test|scripts|example-app|bench)\//.test(name))).toEqual([]);
  });

  it('has a file behind each of its doors', () => {
    const files = Object.values(manifest().exports).flatMap((door) =>
      typeof door === 'string' ? [door] : Object.values(door as Record<string, string>),
    );
    expect(files.filter((door) => !host.packed.includes(door.replace('./', '')))).toEqual([]);
  });

  it('names no folder of the machine it was built on', () => {
    const dist = join(host.path, 'node_modules/express-mfa/dist');
    const naming = readdirSync(dist, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(js|map|ts)$/.test(name))
      .filter((name) => readFileSync(join(dist, name), 'utf8').includes(process.cwd()));
    expect(naming).toEqual([]);
  });
});

describe('a host', () => {
  it('of JavaScript modules signs people in with it', () => {
    cpSync(fixture('esm/app.mjs'), join(host.path, 'app.mjs'));
    expect(host.node('app.mjs')).toBe('works\n');
  });

  it('of CommonJS requires it', () => {
    cpSync(fixture('commonjs/app.cjs'), join(host.path, 'app.cjs'));
    expect(host.node('app.cjs')).toBe('works\n');
  });

  for (const moduleResolution of ['nodenext', 'bundler'] as const) {
    it(`in TypeScript compiles against it, without twilio or libsql, with skipLibCheck off and ${moduleResolution}`, () => {
      compile({
        module: moduleResolution === 'bundler' ? 'esnext' : 'nodenext',
        moduleResolution,
        exactOptionalPropertyTypes: moduleResolution === 'nodenext',
      });
    });
  }
});

function compile(compilerOptions: object): void {
  const strict = { target: 'es2023', strict: true, skipLibCheck: false, noEmit: true, types: ['node'] };
  cpSync(fixture('typescript/app.ts'), join(host.path, 'app.ts'));
  writeFileSync(join(host.path, 'package.json'), '{ "type": "module" }');
  writeFileSync(
    join(host.path, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...strict, ...compilerOptions }, files: ['app.ts'] }),
  );
  host.add('@types/node', '@types/express', '@types/express-session', '@types/passport');
  expect(host.node(TSC, '-p', '.')).toBe('');
}

/** Every module that loading `entry` brings in. */
function modulesLoadedBy(entry: string): readonly string[] {
  const hooks = `import { writeSync } from 'node:fs';
    export async function load(url, context, next) { writeSync(1, url + '\\n'); return await next(url, context); }`;
  const register = `import { register } from 'node:module';
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}), ${JSON.stringify(pathToFileURL(host.path))});`;
  writeFileSync(join(host.path, 'entry.mjs'), `import '${entry}';`);
  return host
    .node('--import', `data:text/javascript,${encodeURIComponent(register)}`, 'entry.mjs')
    .trim()
    .split('\n');
}

const packagesAmong = (urls: readonly string[]) => [
  ...new Set(urls.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? [])),
];

const doors = Object.keys(manifest().exports)
  .map((door) => door.replace('.', 'express-mfa'))
  .filter((door) => door !== 'express-mfa' && !door.endsWith('.json'));

describe('loading it', () => {
  it('leaves out what only some apps use', () => {
    const packages = packagesAmong(modulesLoadedBy('express-mfa'));
    expect(packages).toContain('express-mfa');
    const heavy = [...Object.keys(manifest().peerDependenciesMeta), 'libphonenumber-js'];
    expect(packages.filter((name) => heavy.includes(name))).toEqual([]);
  });

  it.each(doors)('%s loads no package of others', (door) => {
    expect(packagesAmong(modulesLoadedBy(door))).toEqual(['express-mfa']);
  });
});
