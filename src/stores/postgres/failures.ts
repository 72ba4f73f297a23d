import { MfaError } from '../../core/errors.js';

/** Raised by our functions where the connection does not run at the isolation level they need. */
export const WRONG_ISOLATION = 'MFA02';
/** Raised by our functions on a server that is a replica; and by PostgreSQL, for what writes. */
const READ_ONLY = ['MFA03', '25006'];
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';
const MISSING = ['42P01', '42883', '3F000'];
const NOT_ALLOWED = '42501';

/** PostgreSQL's five letters, or undefined for what never reached the server. */
export function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]{1,30}$/.test(code) ? code : undefined;
}

/** The server took everything back, and the same again may work. */
export function isWorthRetrying(error: unknown): boolean {
  return [SERIALIZATION_FAILURE, DEADLOCK].includes(codeOf(error) ?? '');
}

/** A table, function or schema is not there: never made, or taken away by a migration. */
export function isMissing(error: unknown): boolean {
  return MISSING.includes(codeOf(error) ?? '');
}

export function isNotAllowed(error: unknown): boolean {
  return codeOf(error) === NOT_ALLOWED;
}

/** The driver's own words can hold a host name, an address or a piece of SQL; only the code goes on. */
export function unavailable(error: unknown): MfaError {
  if (error instanceof MfaError) return error;
  const code = codeOf(error);
  if (READ_ONLY.includes(code ?? '')) {
    return new MfaError('unavailable', 'postgresStore: the pool is connected to a read replica; it needs the primary.');
  }
  return new MfaError('unavailable', `postgresStore: ${code ?? 'the database could not be reached in time'}.`);
}

/** Of what `unavailable` made: the server was there, and did not take a value it was given (SQLSTATE classes 22 and 23). */
export function isAboutValues(error: unknown): boolean {
  return error instanceof MfaError && /^postgresStore: 2[23][0-9A-Z]{3}\.$/.test(error.message);
}
