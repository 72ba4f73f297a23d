import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Secrets {
  /** Signs the session cookie. Newest first. */
  readonly cookie: string[];
  /** Seals what the second factors keep. Newest first: put a new one in front, and leave the old ones for what they sealed. */
  readonly mfa: string[];
}

/** Made at the first start and kept in a file only this account can read. In production they come from your secret store. */
export function readSecrets(path: string): Secrets {
  return fileOf(path) ?? makeFile(path);
}

export function newSecrets(): Secrets {
  return { cookie: [randomBytes(32).toString('base64url')], mfa: [randomBytes(32).toString('base64url')] };
}

function fileOf(path: string): Secrets | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Secrets;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Of several processes at their first start one makes the file, whole, and the others read it. */
function makeFile(path: string): Secrets {
  const draft = `${path}.${process.pid}`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(draft, `${JSON.stringify(newSecrets(), null, 2)}\n`, { mode: 0o600 });
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
  return fileOf(path) as Secrets;
}
