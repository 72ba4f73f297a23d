import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type HostFolder, hostWithThePackage, TSC } from '../consumers/packed.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const PAGES = [
  'README.md',
  'CHANGELOG.md',
  'SECURITY.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true })
    .map((name) => `docs/${String(name)}`)
    .filter((name) => name.endsWith('.md')),
];

interface Block {
  /** `README.md:61`. */
  readonly at: string;
  readonly code: string;
}

function blocks(page: string, language: string): readonly Block[] {
  const text = read(page);
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map((match) => ({
    at: `${page}:${text.slice(0, match.index).split('\n').length}`,
    code: String(match[1]),
  }));
}

describe('the examples', () => {
  let host: HostFolder;

  beforeAll(() => {
    host = hostWithThePackage();
    host.add(
      '@types/node',
      '@types/express',
      '@types/express-session',
      '@types/passport',
      '@types/pg',
      'pg',
      'redis',
      'nodemailer',
      '@types/nodemailer',
      'twilio',
    );
  });

  afterAll(() => {
    host?.remove();
  });

  it('compile against the package as it is published', () => {
    const all = PAGES.flatMap((page) => blocks(page, 'ts'));
    expect(all.length).toBeGreaterThan(15);
    const names = new Map(all.map((block, index) => [`block-${index}.ts`, block]));
    for (const [name, { code }] of names) writeFileSync(join(host.path, name), `${code}export {};\n`);
    cpSync(
      fileURLToPath(new URL('../consumers/fixtures/readme/host.d.ts', import.meta.url)),
      join(host.path, 'host.d.ts'),
    );
    const compilerOptions = {
      target: 'es2023',
      module: 'nodenext',
      strict: true,
      skipLibCheck: false,
      noEmit: true,
      types: ['node'],
    };
    writeFileSync(join(host.path, 'package.json'), '{ "type": "module" }');
    writeFileSync(
      join(host.path, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: ['host.d.ts', ...names.keys()] }),
    );
    expect(problems(host, names)).toBe('');
  });

  it('begin with the two commands a newcomer runs', () => {
    const commands = blocks('README.md', 'sh').map(({ code }) => code.trim());
    expect(commands.slice(0, 2)).toEqual(['npm install && npm run example', 'npm test']);
    expect(Object.keys(JSON.parse(read('package.json')).scripts)).toEqual(expect.arrayContaining(['example', 'test']));
  });
});

/** What the compiler says, at the lines of the pages. */
function problems(host: HostFolder, names: ReadonlyMap<string, Block>): string {
  try {
    return host.node(TSC, '-p', '.');
  } catch (error) {
    return String((error as Error).message).replace(
      /(block-\d+\.ts)\((\d+),/g,
      (_, name: string, line: string) => `${names.get(name)?.at} line ${line} (`,
    );
  }
}

/** The members of an exported interface of src/options. */
function members(file: string, name: string): readonly string[] {
  const body = read(`src/options/${file}.ts`).split(`export interface ${name}`)[1]?.split('\n}')[0] ?? '';
  return [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, member]) => String(member));
}

describe('the tables of options', () => {
  const named = new Set(
    [...read('README.md').matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell]) =>
      [...String(cell).matchAll(/`(\w+)`/g)].map(([, name]) => String(name)),
    ),
  );

  it.each([
    ['mfa-options', 'MfaOptions'],
    ['mfa-options', 'UsersOptions'],
    ['limits', 'LimitOptions'],
  ])('name every member of options/%s.ts: %s', (file, name) => {
    expect(members(file, name).length).toBeGreaterThan(3);
    expect(members(file, name).filter((member) => !named.has(member))).toEqual([]);
  });
});

it('every link between the pages leads somewhere', () => {
  const dead = PAGES.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)]
      .map(([, target]) => String(target))
      .filter((target) => !existsSync(join(ROOT, dirname(page), target)))
      .map((target) => `${page} -> ${target}`),
  );
  expect(dead).toEqual([]);
});
