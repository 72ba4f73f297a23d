import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** No figure is judged here: the machine is a busy one. */
describe('the bench', () => {
  let said = '';
  beforeAll(async () => {
    await run(process.execPath, ['node_modules/typescript7/bin/tsc', '-p', 'bench/tsconfig.json'], { cwd: ROOT });
    ({ stdout: said } = await run(process.execPath, ['bench/.build/bench/run.js', '--quick'], { cwd: ROOT }));
  }, 240_000);

  const tables = () => [...said.matchAll(/^### (.*)$/gm)].map(([, title]) => title);
  const rowsOf = (title: string): string[][] =>
    (said.split(`### ${title}\n`)[1] ?? '')
      .split('\n###')[0]
      ?.split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
      .slice(1)
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ) ?? [];

  it('prints every table', () => {
    expect(tables()).toEqual([
      'Import above the peers',
      'Round trips, memory',
      'Round trips, Redis',
      'Round trips, Redis + PostgreSQL',
      'require() against a bare session check',
      'Complete sign-ins with an authenticator app, memory',
      'Complete sign-ins with an authenticator app, Redis',
      'Complete sign-ins with an authenticator app, Redis + PostgreSQL',
      'Pending sign-ins in the memory store',
      'Pending sign-ins in Redis',
      'Durable audit rows on PostgreSQL (fsync and synchronous_commit on)',
      'Codes by text message, over a carrier on this machine, memory',
      'The risk check in CPU time',
    ]);
  });

  it('signs people in on every store', () => {
    for (const setup of ['memory', 'Redis', 'Redis + PostgreSQL']) {
      const apps = rowsOf(`Complete sign-ins with an authenticator app, ${setup}`);
      const ours = apps.find(([, app]) => app === 'express-mfa');
      expect(Number(ours?.[2])).toBeGreaterThan(0);
    }
  });

  it.each(['memory', 'Redis'])('counts what a sign-in asks of the store: %s', (setup) => {
    expect(rowsOf(`Round trips, ${setup}`).map(([step, status, calls]) => [step, status, calls])).toEqual([
      ['password, parked', '200', 'read, commit'],
      ['a wrong code', '422', 'commit, append'],
      ['the right code', '200', 'commit, commit'],
      ['a guarded route', '200', 'none'],
    ]);
  });

  it('finds one round trip for each store call on Redis, and none for a guarded route', () => {
    expect(rowsOf('Round trips, Redis').map(([, , calls, commands]) => [calls, commands])).toEqual([
      ['read, commit', 'EVALSHA, EVALSHA'],
      ['commit, append', 'EVALSHA, EVALSHA'],
      ['commit, commit', 'EVALSHA, EVALSHA'],
      ['none', 'none'],
    ]);
  });
});
