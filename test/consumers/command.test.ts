/** The command `express-mfa` as npm installs it: real processes of the packed package, against a real PostgreSQL and a real SQLite file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { sqliteStore } from '../../src/stores/sqlite.js';
import { createHost } from '../support/host.js';
import { Person } from '../support/person.js';
import { ownPostgres } from '../support/postgres-server.js';
import { type HostFolder, hostWithThePackage } from './packed.js';

const OLD = 'test secret of at least thirty-two characters';
const NEW = 'another secret of at least thirty-two characters';

let host: HostFolder;
const postgres = await ownPostgres();
const started: ChildProcess[] = [];

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

beforeAll(() => {
  host = hostWithThePackage();
  mkdirSync(join(host.path, 'node_modules/.bin'));
  // What npm does with `bin` when it installs.
  chmodSync(join(host.path, 'node_modules/express-mfa/dist/cli/express-mfa.js'), 0o755);
  symlinkSync('../express-mfa/dist/cli/express-mfa.js', join(host.path, 'node_modules/.bin/express-mfa'));
}, 120_000);

afterAll(async () => {
  for (const child of started) if (child.exitCode === null) child.kill('SIGKILL');
  if (typeof postgres !== 'string') await postgres.close();
  host?.remove();
});

function start(words: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const { NODE_OPTIONS: _, DATABASE_URL: __, ...rest } = process.env;
  const child = spawn(join(host.path, 'node_modules/.bin/express-mfa'), words, {
    cwd: host.path,
    env: { ...rest, ...env },
  });
  started.push(child);
  return child;
}

async function command(words: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = start(words, env);
  const ended = once(child, 'close') as Promise<[number | null]>;
  const [out, err] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
  ]);
  const [code] = await ended;
  return { code, out, err };
}

describe('the command', () => {
  it('is installed so that it can be run, and says what it can do', async () => {
    const file = join(host.path, 'node_modules/express-mfa/dist/cli/express-mfa.js');
    expect(readFileSync(file, 'utf8').split('\n')[0]).toBe('#!/usr/bin/env node');
    const help = await command(['--help']);
    expect(help).toMatchObject({ code: 0, err: '' });
    for (const word of ['migrate up', 'migrate down', 'migrate status', 'reseal', 'secret', '--config', 'DATABASE_URL'])
      expect(help.out).toContain(word);
    expect(await command([])).toEqual({ ...help, code: 2 });
    const { version } = JSON.parse(readFileSync(join(host.path, 'node_modules/express-mfa/package.json'), 'utf8'));
    expect(await command(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  it.each<[readonly string[], RegExp]>([
    [['migrat'], /no command 'migrat'.*migrate/],
    [['migrate'], /status`, `up` or `down/],
    [['migrate', 'sideways'], /status`, `up` or `down/],
    [['migrate', 'up', '--to', '1'], /for `migrate down`/],
    [['migrate', 'up', '--config', 'x'], /takes no --config/],
    [['reseal', '--schema', 'x'], /takes no --schema/],
    [['secret', 'word'], /no further words/],
    [['reseal', '--confg', 'x'], /--confg.*--config/],
    [['migrate', 'up', '--schema'], /--schema/],
  ])('%j is answered with what to write instead', async (words, advice) => {
    const { code, out, err } = await command(words);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(advice);
    expect(err).not.toMatch(/\n {4}at |node:internal/);
  });

  it('makes secrets that are good, and another one each time', async () => {
    const [one, two] = [await command(['secret']), await command(['secret'])];
    for (const { code, out, err } of [one, two]) {
      expect([code, err]).toEqual([0, '']);
      expect(Buffer.from(out.trim(), 'base64url')).toHaveLength(32);
      expect(out).toMatch(/^[\w-]{43}\n$/);
    }
    expect(one.out).not.toBe(two.out);
  });
});

describe('migrate', () => {
  it('says what is missing: the database, a URL of PostgreSQL, the package pg', async () => {
    const nothing = await command(['migrate', 'up']);
    expect([nothing.code, nothing.err]).toEqual([2, expect.stringMatching(/Set DATABASE_URL/)]);
    const other = await command(['migrate', 'up'], { DATABASE_URL: 'mysql://ada:s3cret@db.internal/x' });
    expect([other.code, other.err]).toEqual([2, expect.stringMatching(/does not begin with postgresql:/)]);
    expect(other.err).not.toMatch(/s3cret|db\.internal/);
    const lost = await command(['migrate', 'up'], { DATABASE_URL: 'postgresql://ada:s3cret@db.internal/x' });
    expect([lost.code, lost.err]).toEqual([2, expect.stringMatching(/npm install pg/)]);
  });

  it('takes no password from a command line', async () => {
    for (const url of ['postgresql://ada:s3cret@db/x', 'postgresql://db/x?user=ada&password=s3cret']) {
      const { code, err } = await command(['migrate', 'up', '--database-url', url]);
      expect([code, err]).toEqual([2, expect.stringMatching(/DATABASE_URL/)]);
      expect(err).not.toContain('s3cret');
    }
  });

  it('says that a server cannot be reached, without its address', async () => {
    host.add('pg');
    const { code, out, err } = await command(['migrate', 'status'], {
      DATABASE_URL: 'postgresql://ada:s3cret@127.0.0.1:1/x',
    });
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/Is the server running/);
    expect(err).not.toMatch(/s3cret|127\.0|\n {4}at /);
  });

  (typeof postgres === 'string' ? it.skip : it)(
    'goes up from several places at once, says where it is, and goes down again only when told twice',
    async () => {
      if (typeof postgres === 'string') return;
      host.add('pg');
      const { url } = postgres;
      const env = { DATABASE_URL: url };
      const schema = ['--schema', 'command_test'];
      expect(await command(['migrate', 'status', ...schema], env)).toMatchObject({
        code: 3,
        out: expect.stringMatching(/of version 0.*\n.*migrate up/),
      });
      const ups = await Promise.all([1, 2, 3].map(() => command(['migrate', 'up', ...schema], env)));
      expect(ups.map(({ code }) => code)).toEqual([0, 0, 0]);
      expect(ups.filter(({ out }) => out.includes('went from version 0')).length).toBe(1);
      expect(await command(['migrate', 'status', ...schema], env)).toMatchObject({ code: 0, err: '' });
      // Without a password it may be on the command line.
      expect(await command(['migrate', 'status', '--database-url', url, ...schema])).toMatchObject({ code: 0 });

      const pool = new pg.Pool({ connectionString: url, max: 1 });
      const tables = async () =>
        (await pool.query(`SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'command_test'`)).rows[0]?.n;
      const before = await tables();
      expect(before).toBeGreaterThan(3);
      const down = await command(['migrate', 'down', '--to', '0', ...schema], env);
      expect([down.code, down.err]).toEqual([2, expect.stringMatching(/every enrolment.*--drop-everything/)]);
      expect((await command(['migrate', 'down', '--to', '99', ...schema], env)).code).toBe(2);
      expect((await command(['migrate', 'down', '--to', 'x', ...schema], env)).code).toBe(2);
      expect(await tables()).toBe(before);
      expect((await command(['migrate', 'down', '--to', '0', '--drop-everything', ...schema], env)).code).toBe(0);
      expect(await tables()).toBe(0);
      await pool.end();
    },
  );
});

describe('reseal', () => {
  const path = () => join(host.path, 'mfa.db');

  function config(name: string, secrets: readonly string[], more = ''): string {
    writeFileSync(
      join(host.path, name),
      `import { createMfa, totp } from 'express-mfa';
       import { sqliteStore } from 'express-mfa/sqlite';
       ${more}
       // What a host's own clients do: they keep a process alive.
       setInterval(() => undefined, 1000);
       export const mfa = createMfa({
         issuer: 'Acme', secrets: ${JSON.stringify(secrets)}, users: { findById: () => undefined },
         factors: [totp()], store: sqliteStore({ path: ${JSON.stringify(path())} }),
       });`,
    );
    return `./${name}`;
  }

  async function enrolled(): Promise<Person> {
    const app = createHost({ store: sqliteStore({ path: path() }) });
    const ada = await new Person(app, 'ada').enrolsTotp();
    await app.mfa.close();
    return ada;
  }

  it('says what it needs, and what is wrong with what it got', async () => {
    const nothing = await command(['reseal']);
    expect([nothing.code, nothing.err]).toEqual([2, expect.stringMatching(/--config \.\/mfa\.js/)]);
    const gone = await command(['reseal', '--config', './nowhere.js']);
    expect([gone.code, gone.err]).toEqual([2, expect.stringMatching(/ERR_MODULE_NOT_FOUND/)]);
    writeFileSync(join(host.path, 'other.mjs'), 'export const app = 1;');
    const other = await command(['reseal', '--config', './other.mjs']);
    expect([other.code, other.err]).toEqual([2, expect.stringMatching(/exports no mfa object/)]);
    writeFileSync(join(host.path, 'broken.mjs'), "throw new Error('postgresql://ada:s3cret@db/x');");
    const broken = await command(['reseal', '--config', './broken.mjs']);
    expect([broken.code, broken.err]).toEqual([2, expect.stringMatching(/Run `node/)]);
    expect(broken.err).not.toContain('s3cret');
    const short = config('short.mjs', ['too short']);
    host.add('libsql');
    const wrong = await command(['reseal', '--config', short]);
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(/secrets\[0\].*at least 32/)]);
    expect(wrong.err).not.toContain('too short');
  });

  it('seals everything anew, so that the older secret can go', async () => {
    host.add('libsql');
    const ada = await enrolled();
    const early = await command(['reseal', '--config', config('new.mjs', [NEW])]);
    expect([early.code, early.out]).toEqual([
      3,
      expect.stringMatching(
        /1 cannot be read:\n {2}u:user-ada enrolment totp\.\S+: key_missing, sealed with key [\w-]{8}\nKeep/,
      ),
    ]);
    const done = await command(['reseal', '--config', config('both.mjs', [NEW, OLD]), '--json']);
    expect(done.code).toBe(0);
    expect(JSON.parse(done.out)).toMatchObject({ users: 1, looked: 1, resealed: 1, left: 0, unreadable: [] });
    const again = await command(['reseal', '--config', './both.mjs']);
    expect([again.code, again.out]).toEqual([
      0,
      expect.stringMatching(/1 users, 1 records .*, 0 of them sealed anew.\nNothing needs the older secrets from 20/),
    ]);
    for (const { out, err } of [early, done, again]) {
      for (const secret of [OLD, NEW, ada.secret]) expect(out + err).not.toContain(secret);
    }
    const app = createHost({ store: sqliteStore({ path: path() }), mfa: { secrets: [NEW] } });
    const later = Object.assign(new Person(app, 'ada'), { secret: ada.secret });
    app.clock.advance(60_000);
    await (await later.signsIn()).get('/app').expect(200);
    await app.mfa.close();
  });

  it('takes the object from a function or a CommonJS module too', async () => {
    host.add('libsql');
    config('both.mjs', [NEW, OLD]);
    writeFileSync(join(host.path, 'made.mjs'), "export default async () => (await import('./both.mjs')).mfa;");
    expect((await command(['reseal', '--config', './made.mjs'])).code).toBe(0);
    writeFileSync(
      join(host.path, 'common.cjs'),
      `const { createMfa, totp } = require('express-mfa');
       exports.mfa = createMfa({ issuer: 'Acme', secrets: ['${NEW}'], users: { findById: () => undefined }, factors: [totp()] });`,
    );
    expect((await command(['reseal', '--config', './common.cjs'])).code).toBe(0);
  });
});
