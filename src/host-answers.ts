import { MfaError } from './core/errors.js';
import type { HostUser, UserId } from './core/words.js';
import type { HostAnswers } from './flows/deps.js';
import type { MfaOptions } from './options/mfa-options.js';
import type { Policy } from './policy/sign-in-verdict.js';

/** The host's functions, with their defaults, and with every doubt answered by "no". */
export function hostAnswers<User extends HostUser>(
  options: MfaOptions<User>,
  report: (error: unknown) => void,
): HostAnswers {
  const { users } = options;
  const idOf = users.idOf ?? defaultId;
  const { verifyPassword } = users;

  return {
    async findById(id, tenant) {
      return (await users.findById(id, tenant)) || undefined;
    },
    idOf(user) {
      const given: unknown = idOf(user as User);
      const id = typeof given === 'bigint' ? String(given) : given;
      if ((typeof id === 'string' && id !== '') || (typeof id === 'number' && Number.isSafeInteger(id))) return id;
      throw new MfaError(
        'unavailable',
        'express-mfa: a user has no usable id. Pass `users.idOf`, returning a non-empty text or a whole number that never changes.',
      );
    },
    labelOf: (user) => String(users.labelOf?.(user as User) ?? defaultLabel(user)),
    tenantOf: (user) => tenantFrom(users.tenantOf?.(user as User)),
    ...(verifyPassword
      ? {
          verifyPassword: async (user: HostUser, password: string) =>
            (await verifyPassword(user as User, password)) === true,
        }
      : {}),
    async policy(user) {
      return options.policy ? readable(await options.policy(user as User)) : 'optional';
    },
    beforeChallenge: (user, about) =>
      mayGoOn(options.beforeChallenge && (() => options.beforeChallenge?.(user as User, about))),
    beforeSignIn: (user, about) => mayGoOn(options.beforeSignIn && (() => options.beforeSignIn?.(user as User, about))),
    async endSessions(userId, reason) {
      try {
        await options.endSessions?.(userId, reason);
      } catch (error) {
        report(error);
      }
    },
  };

  /** Only `false` and an error are a veto: a hook that merely looks returns nothing. */
  async function mayGoOn(asked: (() => unknown) | undefined): Promise<boolean> {
    try {
      return (await asked?.()) !== false;
    } catch (error) {
      report(error);
      return false;
    }
  }
}

/** A database's null is nobody's tenant; anything else but a text could be mistaken for another's. */
function tenantFrom(given: unknown): string | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given === 'string' && given !== '') return given;
  throw new MfaError('unavailable', 'express-mfa: `users.tenantOf` must return a non-empty text, or undefined.');
}

/** A policy that forgets to return, or says a word we do not know, has not said "optional". */
function readable(policy: unknown): Policy {
  const { mfa, factors, channels }: { mfa?: unknown; factors?: unknown; channels?: unknown } =
    typeof policy === 'object' && policy !== null ? policy : { mfa: policy };
  const areTexts = [factors, channels].every(
    (list) => list === undefined || (Array.isArray(list) && list.every(isText)),
  );
  if ((mfa === 'optional' || mfa === 'required') && areTexts) return policy as Policy;
  throw new MfaError(
    'unavailable',
    "express-mfa: `policy` must return 'optional', 'required' or { mfa: 'required', factors: ['totp'] }.",
  );
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

/** `id`, also where it is an object that prints itself, as MongoDB's. */
function defaultId(user: HostUser): UserId {
  const { id, _id } = user as { id?: unknown; _id?: unknown };
  const found = id ?? _id;
  return typeof found === 'number'
    ? found
    : typeof found === 'object' && found !== null
      ? printed(found)
      : (found as UserId);
}

/** An id object prints itself as its id; one that prints as every other object does, or as bytes, would make many users one. */
function printed(id: object): string {
  const text = ArrayBuffer.isView(id) ? '' : String(id);
  return text.startsWith('[object') ? '' : text;
}

function defaultLabel(user: HostUser): unknown {
  const { email, username, name } = user as Record<string, unknown>;
  return email ?? username ?? name ?? defaultId(user);
}
