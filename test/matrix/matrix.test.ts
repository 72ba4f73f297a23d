/** The packed package in real hosts: enough of the matrix that every two versions meet. `npm run matrix` tries all of it. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { npm, packedTarball } from '../consumers/packed.js';
import { AXES, pairwise, titleOf } from './axes.js';
import { startDatabases } from './databases.js';
import { nodeOf, removeFolders } from './install.js';
import { play } from './play.js';

let databases: Awaited<ReturnType<typeof startDatabases>>;

beforeAll(async () => {
  for (const version of AXES.node) nodeOf(version);
  databases = await startDatabases();
}, 180_000);

afterAll(async () => {
  removeFolders();
  await databases?.stop();
}, 120_000);

describe('npm', () => {
  const oldest = ['express@4.16.4', 'passport@0.4.1', 'express-session@1.17.0', '@types/express@4.17.21'];
  const newest = ['express@5.3.0', 'passport@0.7.0', 'express-session@1.19.0', '@types/express@5.0.6'];

  it.each([
    ['oldest', oldest],
    ['newest', newest],
  ])(
    'installs the tarball beside the %s of everything, and one set of types for Express',
    (_, beside) => {
      const folder = mkdtempSync(join(tmpdir(), 'express-mfa-npm-'));
      try {
        writeFileSync(join(folder, 'package.json'), '{}');
        const flags = [
          '--silent',
          '--no-audit',
          '--no-fund',
          '--prefer-offline',
          '--strict-peer-deps',
          '--engine-strict',
        ];
        npm(['install', ...flags, packedTarball(), ...beside], folder);
        const files = readdirSync(join(folder, 'node_modules'), { recursive: true, encoding: 'utf8' });
        const types = files.filter((file) => file.endsWith('@types/express/package.json'));
        expect(types).toEqual(['@types/express/package.json']);
        expect(files).toContain('express-mfa/dist/index.js');
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    120_000,
  );
});

describe('password, challenge, step-up and log-out, and no session id from before works afterwards, on', () => {
  it.each(pairwise(AXES).map((of) => [titleOf(of), of] as const))(
    '%s',
    async (_, of) => {
      await play(of, databases);
    },
    120_000,
  );
});
