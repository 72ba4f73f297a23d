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

type Name = 'logIn' | 'login' | 'logOut' | 'logout';
type AnyFunction = (...args: unknown[]) => unknown;

/** What one request has of a method: ours, and Passport's as soon as it was seen. */
class Owned {
  readonly ours: AnyFunction;
  captured: AnyFunction | undefined;

  constructor(ours: AnyFunction, found: unknown) {
    this.ours = ours;
    this.captured = typeof found === 'function' ? (found as AnyFunction) : undefined;
  }

  original(): AnyFunction | undefined {
    return this.captured;
  }
}

/** A method under both its names. */
export interface OwnableMethod {
  /** Takes it over on this request; `ours` is what the app calls from now on. */
  own(req: Request, ours: AnyFunction): { original(): AnyFunction | undefined };
}

/**
 * Owns a method of requests under both its names. Whatever Passport assigns is captured, whatever the app calls is ours. Until something was
 * captured the property reads as undefined: Passport 0.6 and later assign their own function only where they find none.
 *
 * All requests share the accessors: with functions of their own, V8 would make each request a slow dictionary for everybody who reads it after us. Where Passport has
 * assigned its own before, it does so all the same.
 */
export function ownableMethod(names: readonly [Name, Name]): OwnableMethod {
  const owned = new WeakMap<object, Owned>();
  /** Also of what was made from a request (`Object.create(req)`). */
  const ownedBy = (target: object | null): Owned | undefined =>
    target === null ? undefined : (owned.get(target) ?? ownedBy(Object.getPrototypeOf(target) as object | null));
  const accessors = {
    configurable: false,
    enumerable: true,
    get(this: object) {
      const one = ownedBy(this);
      return one?.captured ? one.ours : undefined;
    },
    set(this: object, value: unknown) {
      const one = ownedBy(this);
      if (one && typeof value === 'function' && value !== one.ours) one.captured = value as AnyFunction;
    },
  };

  return {
    own(req, ours) {
      const target = req as unknown as Record<string, unknown>;
      const one = new Owned(ours, target[names[0]] ?? target[names[1]]);
      for (const name of names) {
        if (Object.getOwnPropertyDescriptor(req, name)?.configurable === false) {
          throw new MfaError(
            'set_up',
            'express-mfa: two gates of different `createMfa` calls stand in the way of one request.',
          );
        }
        Object.defineProperty(req, name, accessors);
      }
      owned.set(req, one);
      return one;
    },
  };
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
