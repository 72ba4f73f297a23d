import type { Request } from 'express';
import { MfaError } from '../core/errors.js';

/** `options` as `passport.authenticate` was given them; a callback only where the host passed one. */
export type LogIn = (user: object, options: LogInOptions, done: (error?: unknown) => void) => void;

export interface LogInOptions {
  readonly session?: boolean;
  readonly keepSessionInfo?: boolean;
  readonly successRedirect?: string;
  readonly successReturnToOrRedirect?: string;
  /** Lets this one door stay open; only with `session: false`. */
  readonly mfa?: 'exempt';
}

export interface OwnedLogIn {
  /** Passport's own function, bound to the request; undefined until Passport has seen the request. */
  original(): LogIn | undefined;
}

type Name = 'logIn' | 'login' | 'logOut' | 'logout';
type AnyFunction = (...args: unknown[]) => unknown;

/**
 * Owns a method of the request under both its names. Whatever Passport assigns is captured, whatever the app calls is `ours`. Until something was
 * captured the property reads as undefined: Passport 0.6 and later assign their own function only where they find none.
 */
export function ownMethod(
  req: Request,
  names: readonly [Name, Name],
  ours: AnyFunction,
): { original(): AnyFunction | undefined } {
  const target = req as unknown as Record<string, unknown>;
  const found = target[names[0]] ?? target[names[1]];
  let captured = typeof found === 'function' ? (found as AnyFunction) : undefined;
  for (const name of names) {
    if (Object.getOwnPropertyDescriptor(req, name)?.configurable === false) {
      throw new MfaError(
        'set_up',
        'express-mfa: two gates of different `createMfa` calls stand in the way of one request.',
      );
    }
    Object.defineProperty(req, name, {
      configurable: false,
      enumerable: true,
      get: () => (captured ? ours : undefined),
      set(value: unknown) {
        if (typeof value === 'function' && value !== ours) captured = value as AnyFunction;
      },
    });
  }
  return { original: () => captured };
}

/** `(user, cb)` and `(user, options, cb)` are both Passport's. */
export function readLogInArguments(args: readonly unknown[]): {
  user: object;
  options: LogInOptions;
  done?: (error?: unknown) => void;
} {
  const [user, second, third] = args;
  const done = typeof second === 'function' ? second : third;
  return {
    user: user as object,
    options: typeof second === 'object' && second !== null ? (second as LogInOptions) : {},
    ...(typeof done === 'function' ? { done: done as (error?: unknown) => void } : {}),
  };
}
