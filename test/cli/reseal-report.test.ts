/** What `express-mfa reseal` prints of what is kept: ids come from the host, and some hosts let people choose them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { run } from '../../src/cli/run.js';
import { backupCodes, memoryStore, totp } from '../../src/index.js';
import { createHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'express-mfa-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('has a line for each record, whatever characters are in the id of a user', async () => {
  const clock = testClock();
  const store = memoryStore({ clock });
  const before = createHost({ store }, clock);
  await new Person(before, 'eve\nKeep nothing.\u001b[2J\u202e').enrolsTotp();
  const after = createHost(
    { store, mfa: { secrets: ['another secret of at least thirty-two characters'], factors: [totp(), backupCodes()] } },
    clock,
  );
  Object.assign(globalThis, { mfaOfTheTest: after.mfa });
  writeFileSync(join(folder, 'mfa.mjs'), 'export const mfa = globalThis.mfaOfTheTest;\n');
  const lines: string[] = [];
  const line = (text: string) => void lines.push(text);
  const interrupted = new AbortController().signal;
  const code = await run(['reseal', '--config', 'mfa.mjs'], {
    env: {},
    cwd: folder,
    out: line,
    err: line,
    interrupted,
  });
  expect(code).toBe(3);
  const about = lines.filter((one) => one.includes('eve'));
  expect(about).toHaveLength(1);
  expect(about[0]).toContain('u:user-eve\\u000aKeep nothing.\\u001b[2J\\u202e enrolment totp.');
  expect(lines.filter((one) => /\p{C}/u.test(one))).toEqual([]);
});
