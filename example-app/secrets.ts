import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Secrets {
  /** Signs the session cookie. Newest first. */
  readonly cookie: string[];
  /** Seals what the second factors keep. Newest first: put a new one in front, and leave the old ones for what they sealed. */
  readonly mfa: string[];
}

/** Made at the first start and kept in a file only this account can read. In production they come from your secret store. */
export function readSecrets(path: string): Secrets {
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, `${JSON.stringify(newSecrets(), null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  }
  return JSON.parse(readFileSync(path, 'utf8')) as Secrets;
}

export function newSecrets(): Secrets {
  return { cookie: [randomBytes(32).toString('base64url')], mfa: [randomBytes(32).toString('base64url')] };
}
