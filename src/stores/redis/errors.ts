import { MfaError } from '../../core/errors.js';

const NAMED = new Set([
  'AbortError',
  'ClientClosedError',
  'ClientOfflineError',
  'ConnectionTimeoutError',
  'DisconnectsClientError',
  'MaxCommandRedirectionsError',
  'ReconnectStrategyError',
  'RootNodesUnavailableError',
  'SocketClosedUnexpectedlyError',
  'SocketTimeoutError',
  'TimeoutError',
]);
const REPLY_CODE = /^[A-Z]{2,30}(?= |$)/;

/** The driver's words can hold a key, a user's name or an address; only the kind of failure goes on. */
export function unavailable(error: unknown): MfaError {
  return error instanceof MfaError ? error : new MfaError('unavailable', `redisStore: ${kindOf(error)}.`);
}

export function isNoScript(error: unknown): boolean {
  return replyCode(error) === 'NOSCRIPT';
}

/** The server does not let this user run the command. */
export function isNotAllowed(error: unknown): boolean {
  return replyCode(error) === 'NOPERM';
}

function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the client failed';
  // node-redis gives its errors no name, so that each is called "Error"; what tells them apart is the class.
  const { name } = error.constructor;
  return NAMED.has(name) ? name : (replyCode(error) ?? 'the client failed');
}

function replyCode(error: unknown): string | undefined {
  return error instanceof Error ? REPLY_CODE.exec(error.message)?.[0] : undefined;
}
