/** What an error of a connection tells about the request that was to go over it. */
import type { FailureClass } from './delivery.js';
import { field } from './field.js';

/** The connection never came up, so no byte of the request left. */
const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Node refused to write the request. */
const NEVER_WRITTEN: ReadonlySet<string> = new Set(['ERR_INVALID_URL', 'ERR_INVALID_CHAR', 'ERR_UNESCAPED_CHARACTERS']);

const TIMED_OUT: ReadonlySet<string> = new Set([
  'ECONNABORTED',
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
  'ERR_CANCELED',
  'ABORT_ERR',
]);

/** `no` only where it is certain that no byte of the request left. */
export function connectionBroke(error: unknown): { readonly sent: 'no' | 'unknown'; readonly why: FailureClass } {
  const given = field(error, 'code');
  const code = typeof given === 'string' ? given : '';
  if (NEVER_WRITTEN.has(code)) return { sent: 'no', why: 'config' };
  const neverConnected = NEVER_CONNECTED.has(code) || failedWhileConnecting(error);
  const timedOut = TIMED_OUT.has(code) || isAbort(field(error, 'name'));
  return { sent: neverConnected ? 'no' : 'unknown', why: timedOut ? 'timeout' : 'unavailable' };
}

/** ETIMEDOUT and ECONNRESET also happen later; only the system call tells whether anything could have been written. */
function failedWhileConnecting(error: unknown): boolean {
  const cause = field(error, 'cause');
  if (isConnectCall(error) || isConnectCall(cause)) return true;
  // With several addresses Node reports one error for each.
  const attempts = field(cause, 'errors') ?? field(error, 'errors');
  return Array.isArray(attempts) && attempts.length > 0 && attempts.every(isConnectCall);
}

function isConnectCall(error: unknown): boolean {
  const call = field(error, 'syscall');
  return call === 'connect' || call === 'getaddrinfo';
}

function isAbort(name: unknown): boolean {
  return name === 'AbortError' || name === 'TimeoutError' || name === 'CanceledError';
}
