import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const REPOSITORY = new URL('../../', import.meta.url);
const pathTo = (file: string) => fileURLToPath(new URL(file, REPOSITORY));

it('takes the SDK’s own client, as a host that checks every declaration compiles it', async () => {
  const compile = [pathTo('node_modules/typescript7/bin/tsc'), '-p', pathTo('test/consumers/fixtures/twilio-client')];
  const outcome = promisify(execFile)(process.execPath, compile).catch(({ stdout }: { stdout: string }) => ({
    stdout,
  }));
  expect((await outcome).stdout).toBe('');
});

it('does not load the SDK, nor name it in a declaration', () => {
  const folder = pathTo('src/delivery/');
  const importing = readdirSync(folder).filter((file) =>
    /from 'twilio|import\('twilio/.test(readFileSync(folder + file, 'utf8')),
  );
  expect(importing).toEqual([]);
});
