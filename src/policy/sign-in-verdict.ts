import type { Channel } from '../core/delivery.js';

/** What policy asks of one user. A bare word is the same as `{ mfa: word }`. */
export type Policy =
  | 'optional'
  | 'required'
  | {
      /** `optional`: users with a factor are challenged, others are not. `required`: users without one set one up inside the sign-in. */
      readonly mfa: 'optional' | 'required';
      /** The kinds this user may set up and use; default all that are configured. */
      readonly factors?: readonly string[];
      /** The channels a code may go by to this user; default all that the factors have. */
      readonly channels?: readonly Channel[];
    };

export interface ReadPolicy {
  readonly required: boolean;
  readonly allows: (kind: string) => boolean;
  readonly allowsChannel: (channel: Channel) => boolean;
  readonly kinds?: readonly string[];
}

export function readPolicy(policy: Policy): ReadPolicy {
  const { mfa, factors, channels }: Exclude<Policy, string> = typeof policy === 'string' ? { mfa: policy } : policy;
  return {
    required: mfa === 'required',
    allows: (kind) => factors === undefined || factors.includes(kind),
    allowsChannel: (channel) => channels === undefined || channels.includes(channel),
    ...(factors === undefined ? {} : { kinds: factors }),
  };
}

export type SignInVerdict = 'complete' | 'challenge' | 'enrol' | 'no_usable_factor';

/**
 * What a right first factor leads to. `enrolled` are the kinds of the user's confirmed real factors (backup codes alone are none);
 * `usable` those of them that are configured and allowed, `offered` all that are. Someone whose only factor is no longer configured is refused, not let in; and so is
 * someone who must set one up and may set up none, instead of being sent round in a circle.
 */
export function signInVerdict(input: {
  readonly policy: ReadPolicy;
  readonly enrolled: readonly string[];
  readonly usable: readonly string[];
  readonly offered: readonly string[];
}): SignInVerdict {
  if (input.usable.length > 0) return 'challenge';
  if (input.enrolled.length > 0) return 'no_usable_factor';
  if (!input.policy.required) return 'complete';
  return input.offered.length > 0 ? 'enrol' : 'no_usable_factor';
}
