import { MfaError } from '../../core/errors.js';

// It becomes part of function bodies, where no quoting would help against every spelling.
const PLAIN = /^[a-z_][a-z0-9_]{0,62}$/i;

/** The schema as SQL writes it. Throws `MfaError('set_up')` for names that would need more than plain letters. */
export function quoted(schema: string): string {
  if (PLAIN.test(schema)) return `"${schema}"`;
  throw new MfaError('set_up', 'express-mfa/postgres: `schema` must be letters, digits and _, at most 63.');
}
