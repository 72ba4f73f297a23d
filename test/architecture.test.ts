/** The rooms and who may know whom, as docs/architecture.md draws them, read from the sources themselves. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseSync } from '@swc/core';

const SRC = new URL('../src/', import.meta.url).pathname;

/** From the ground up. A room may know those on the storeys below its own; `top` are the files that lie in no room. */
const STOREYS: readonly (readonly string[])[] = [
  ['core'],
  ['policy'],
  ['flows', 'session'],
  ['http', 'passport', 'ops', 'factors', 'delivery', 'captcha', 'stores'],
  ['options', 'testing'],
  ['top'],
  ['cli'],
];
/** Rooms whose every fact comes in at the door. */
const NO_SURROUNDINGS = ['core', 'policy', 'flows', 'session', 'factors'];
const LONGEST_FILE = 300;
/** The ground the library stands on: middlewares and routes are made of it. */
const EVERYWHERE = ['express'];

interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
}

interface Source {
  /** Relative to src/: `flows/say.ts`. */
  readonly file: string;
  readonly room: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  readonly exportsDefault: boolean;
  /** `Date.now`, `new Date()`, `process.env`, `req.session` ... as written in the code, not in comments or texts. */
  readonly uses: ReadonlySet<string>;
}

type Node = Readonly<Record<string, unknown>> & { readonly type?: string };

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

function everyNode(node: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(node)) for (const one of node) everyNode(one, visit);
  else if (isNode(node)) {
    if (typeof node.type === 'string') visit(node);
    for (const value of Object.values(node)) everyNode(value, visit);
  }
}

/** The last name of an expression, through brackets and casts: `req` for `req`, `call.req` and `(req as X)`. */
function lastName(node: unknown): string {
  if (!isNode(node)) return '';
  if (node.type === 'Identifier') return String(node.value);
  if (node.type === 'MemberExpression') return lastName(node.property);
  return lastName(node.expression);
}

function usesOf(node: Node): readonly string[] {
  if (node.type === 'MemberExpression') return [`${lastName(node.object)}.${lastName(node.property)}`];
  if (node.type === 'NewExpression' && (node.arguments as unknown[] | null)?.length === 0)
    return [`new ${lastName(node.callee)}()`];
  if (node.type !== 'VariableDeclarator' || (node.id as Node).type !== 'ObjectPattern') return [];
  const { properties } = node.id as { properties?: Node[] };
  return (properties ?? []).map((property) => `${lastName(node.init)}.${lastName(property.key)}`);
}

function importsOf(node: Node): readonly Import[] {
  const source = (node.source as { value?: string } | null)?.value;
  if (node.type === 'CallExpression' && (node.callee as Node).type === 'Import') {
    const [first] = node.arguments as { expression: { value?: string } }[];
    return [{ from: first?.expression.value ?? 'an expression', typeOnly: false }];
  }
  if (source === undefined) return [];
  const specifiers = (node.specifiers as Node[] | undefined) ?? [];
  const typeOnly = node.typeOnly === true || (specifiers.length > 0 && specifiers.every((one) => one.isTypeOnly));
  return [{ from: source, typeOnly }];
}

function read(file: string, text: string): Source {
  const uses = new Set<string>();
  const imports: Import[] = [];
  let exportsDefault = false;
  everyNode(parseSync(text, { syntax: 'typescript', target: 'es2022' }), (node) => {
    for (const use of usesOf(node)) uses.add(use);
    imports.push(...importsOf(node));
    if (node.type?.startsWith('ExportDefault')) exportsDefault = true;
  });
  const room = file.includes('/') ? (file.split('/')[0] ?? '') : 'top';
  return { file, room, lines: text.split('\n').length - 1, imports, exportsDefault, uses };
}

const sources: readonly Source[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort()
  .map((file) => read(file, readFileSync(join(SRC, file), 'utf8')));

const isOurs = ({ from }: Import) => from.startsWith('.');
const target = (source: Source, { from }: Import) =>
  normalize(join(dirname(source.file), from)).replace(/\.js$/, '.ts');
const roomOf = (file: string) => sources.find((source) => source.file === file)?.room ?? 'nowhere';
const storey = (room: string) => STOREYS.findIndex((rooms) => rooms.includes(room));

/** `flows/a.ts -> http/b.ts` for every arrow between files of ours for which `wrong` holds. */
function arrows(wrong: (from: string, to: string) => boolean): readonly string[] {
  return sources.flatMap((source) =>
    source.imports
      .filter(isOurs)
      .map((one) => target(source, one))
      .filter((to) => wrong(source.room, roomOf(to)))
      .map((to) => `${source.file} -> ${to}`),
  );
}

function using(rooms: readonly string[], ...names: readonly string[]): readonly string[] {
  return sources
    .filter(({ room }) => rooms.includes(room))
    .flatMap(({ file, uses }) => names.filter((name) => uses.has(name)).map((name) => `${file}: ${name}`));
}

const SAMPLE = `
import type { Only } from '../a/type.js';
import { type Also } from '../a/types.js';
import { thing, type Kind } from '../a/thing.js';
export { again } from '../a/again.js';
export default function named() {}
export async function uses(call: any, req: unknown, at = Date.now, Date2 = new Date(5)) {
  const { Lazy } = await import('../a/lazy.js');
  const { session } = req as any;
  call.req.logIn(new Date(), (process).env.X, 'Math.random()' /* req.logout() */);
}
`;

it('reads imports and uses out of code, and not out of texts and comments', () => {
  const { imports, exportsDefault, uses } = read('b/sample.ts', SAMPLE);
  expect(imports.map(({ from, typeOnly }) => `${from} ${typeOnly ? 'type' : 'code'}`).sort()).toEqual([
    '../a/again.js code',
    '../a/lazy.js code',
    '../a/thing.js code',
    '../a/type.js type',
    '../a/types.js type',
  ]);
  expect(exportsDefault).toBe(true);
  const seen = ['Date.now', 'new Date()', 'process.env', 'req.logIn', 'req.session', 'Math.random', 'req.logout'];
  expect(seen.filter((name) => uses.has(name))).toEqual(seen.slice(0, 5));
});

describe('the rooms', () => {
  it('are all drawn, and every import leads to a file', () => {
    expect(sources.length).toBeGreaterThan(100);
    expect([...new Set(sources.map(({ room }) => room))].filter((room) => storey(room) < 0)).toEqual([]);
    expect(arrows((_from, to) => to === 'nowhere')).toEqual([]);
  });

  it('know only what lies below them: no arrow runs back up', () => {
    expect(arrows((from, to) => storey(to) > storey(from))).toEqual([]);
  });

  it('do not know their neighbours', () => {
    expect(arrows((from, to) => from !== to && storey(from) === storey(to))).toEqual([]);
  });

  it('of the stores do not know their neighbours either; `tiered` is given its two', () => {
    const storeOf = (file: string) => /^stores\/([^/.]+)/.exec(file)?.[1];
    const between = sources.flatMap((source) =>
      source.imports
        .filter(isOurs)
        .map((one) => [source.file, target(source, one)] as const)
        .filter(([from, to]) => storeOf(from) && storeOf(to) && storeOf(from) !== storeOf(to)),
    );
    expect(between).toEqual([]);
  });

  it('leave the contracts to those who test', () => {
    expect(arrows((from, to) => to === 'testing' && from !== 'testing')).toEqual([]);
  });

  it('contain no circle of files that load one another', () => {
    expect(circles()).toEqual([]);
  });
});

/** Imports of types alone load nothing, and two types may well speak of each other. */
function circles(): readonly string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const loads = new Map(
    sources.map((source) => [
      source.file,
      source.imports.filter((one) => isOurs(one) && !one.typeOnly).map((one) => target(source, one)),
    ]),
  );
  function walk(file: string, path: readonly string[]): void {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    if (path.includes(file) || done.has(file)) return;
    for (const next of loads.get(file) ?? []) walk(next, [...path, file]);
    done.add(file);
  }
  for (const { file } of sources) walk(file, []);
  return found;
}

describe('what is outside', () => {
  it('comes in at one file for each package', () => {
    const places = new Map<string, Set<string>>();
    for (const { file, imports } of sources) {
      for (const { from, typeOnly } of imports) {
        if (typeOnly || from.startsWith('.') || from.startsWith('node:')) continue;
        const name = from
          .split('/')
          .slice(0, from.startsWith('@') ? 2 : 1)
          .join('/');
        places.set(name, (places.get(name) ?? new Set()).add(file));
      }
    }
    const several = [...places].filter(([name, files]) => files.size > 1 && !EVERYWHERE.includes(name));
    expect(several.map(([name, files]) => `${name}: ${[...files].join(', ')}`)).toEqual([]);
    expect([...places.keys()]).not.toContain('twilio');
  });

  it('is asked for the time, chance and settings only at the doors', () => {
    expect(using(NO_SURROUNDINGS, 'Date.now', 'new Date()', 'Math.random', 'performance.now')).toEqual([]);
    expect(using(STOREYS.flat(), 'Math.random')).toEqual([]);
  });

  it('has its environment read by create-mfa and the command alone', () => {
    expect(using(STOREYS.flat(), 'process.env')).toEqual([
      'cli/express-mfa.ts: process.env',
      'create-mfa.ts: process.env',
    ]);
  });

  it('has its sessions and log-ins touched by session/ alone', () => {
    const others = STOREYS.flat().filter((room) => room !== 'session');
    const names = ['session', 'sessionStore', 'sessionID', 'logIn', 'login', 'logOut', 'logout'];
    expect(using(others, ...names.map((name) => `req.${name}`))).toEqual([]);
    expect(using(['session'], 'req.session')).toEqual(['session/session-data.ts: req.session']);
  });
});

describe('the files', () => {
  it('have no default exports', () => {
    expect(sources.filter(({ exportsDefault }) => exportsDefault).map(({ file }) => file)).toEqual([]);
  });

  it('can be read at a sitting', () => {
    const long = sources.filter(({ lines }) => lines > LONGEST_FILE);
    expect(long.map(({ file, lines }) => `${file}: ${lines} lines`)).toEqual([]);
  });
});
