import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type HostFolder, hostWithThePackage } from './packed.js';

describe('what a host loads', () => {
  let host: HostFolder;
  beforeAll(() => {
    host = hostWithThePackage();
  }, 120_000);
  afterAll(() => host.remove());

  it('is a few files, not one for each of ours', () => {
    const loaded = host.packed.filter((name) => name.startsWith('dist/') && name.endsWith('.js'));
    expect(loaded).toContain('dist/index.js');
    expect(loaded.length).toBeLessThan(40);
  });

  it('has one of everything, whichever entry it comes from', () => {
    const script = `
      import { MfaError } from 'express-mfa';
      import { redisStore } from 'express-mfa/redis';
      import { postgresStore } from 'express-mfa/postgres';
      import { sqliteStore } from 'express-mfa/sqlite';
      import { twilioVerify } from 'express-mfa/twilio';
      const thrown = [redisStore, postgresStore, sqliteStore, twilioVerify].map((make) => {
        try { make({}); } catch (error) { return error instanceof MfaError && error.code; }
      });
      console.log(JSON.stringify(thrown));`;
    writeFileSync(join(host.path, 'entries.mjs'), script);
    expect(JSON.parse(host.node('entries.mjs'))).toEqual(['set_up', 'set_up', 'set_up', 'set_up']);
  });
});
