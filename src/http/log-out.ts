import type { Request } from 'express';
import { cancelSignIn } from '../flows/cancel-sign-in.js';
import { readMfa, sessionOf, writeMfa } from '../session/session-data.js';
import type { HttpDeps } from './http-deps.js';
import { askingOf } from './visitor.js';

type Method = (...args: unknown[]) => unknown;

/** Passport's log-out, and the proof with it: 0.4 and 0.5 leave the session as it is. A pending sign-in is cancelled. */
export function gatedLogOut(
  http: HttpDeps,
  req: Request,
  original: Method | undefined,
  args: readonly unknown[],
): unknown {
  const asking = askingOf(http, req);
  const { pending, proof } = readMfa(req);
  if ((pending || proof) && sessionOf(req)) writeMfa(req, undefined);
  if (asking?.visitor.state !== 'pending') return original?.apply(req, [...args]);
  const callback = args.find((one) => typeof one === 'function') as ((error?: unknown) => void) | undefined;
  const cancelled = cancelSignIn(http.flows, asking);
  if (!callback) {
    cancelled.catch((error: unknown) => http.onError(error, { method: req.method, path: req.path }));
    return original?.apply(req, [...args]);
  }
  cancelled.then(() => original?.apply(req, [...args]), callback);
  return undefined;
}
