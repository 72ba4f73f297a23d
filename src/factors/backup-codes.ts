import { randomBytes, timingSafeEqual } from 'node:crypto';
import { crockfordTyped, randomCrockford, slowHash } from '../core/codes.js';
import { MfaError, refuse } from '../core/errors.js';
import type { Factor } from '../core/factor.js';
import { refuseUnknownOptions } from '../core/known-options.js';

export interface BackupCodesOptions {
  /** Codes in a set, 5 to 20; default 10. */
  readonly count?: number;
}

/** 13 characters of 5 bits are 65 bits: enough for a saved recovery code too (SP 800-63B-4 4.2.1.1). */
const LENGTH = 13;
const SALT_BYTES = 16;

/** Codes to keep on paper: made with the first factor, each good once, kept only as salted slow hashes. */
export function backupCodes(options: BackupCodesOptions = {}): Factor {
  refuseUnknownOptions('backupCodes', options, ['count']);
  const { count = 10 } = options;
  if (!Number.isInteger(count) || count < 5 || count > 20) {
    throw new MfaError('set_up', `backupCodes.count: got ${count}, expected a whole number from 5 to 20.`);
  }
  return {
    kind: 'backup-codes',
    amr: ['otp', 'mfa'],
    strength: 10,
    role: 'backup',
    async beginEnrolment() {
      return refuse('not_found');
    },
    refuseMalformed(input) {
      return crockfordTyped(input.code, LENGTH) === undefined ? refuse('code_malformed', { field: 'code' }) : undefined;
    },
    async verify() {
      return { ok: false, reason: 'wrong' };
    },
    async makeSet() {
      const salt = randomBytes(SALT_BYTES);
      const codes = Array.from({ length: count }, () => randomCrockford(LENGTH));
      const hashes: Buffer[] = [];
      for (const code of codes) hashes.push(await slowHash(code, salt));
      return {
        data: { salt: salt.toString('base64url') },
        parts: hashes.map((hash, index) => ({
          id: String(index).padStart(2, '0'),
          data: { hash: hash.toString('base64url') },
        })),
        codes: codes.map(grouped),
      };
    },
    // One salt for the set: one slow hash an answer, compared with every code that is left, wherever the right one stands.
    async verifyAmong(answer, parts) {
      const code = crockfordTyped(answer.input.code, LENGTH);
      if (code === undefined) return { ok: false, reason: 'malformed' };
      const { salt } = answer.enrolment.data as { salt: string };
      const given = await slowHash(code, Buffer.from(salt, 'base64url'));
      const spent = parts.filter(({ data }) =>
        timingSafeEqual(given, Buffer.from((data as { hash: string }).hash, 'base64url')),
      );
      return spent.length === 0 ? { ok: false, reason: 'wrong' } : { ok: true, spend: spent.map(({ id }) => id) };
    },
  };
}

/** `ABCDE-FGHJK-MNP`: groups are easier to copy and to type. */
function grouped(code: string): string {
  return [code.slice(0, 5), code.slice(5, 10), code.slice(10)].join('-');
}
