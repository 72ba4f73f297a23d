/** Step-up rules: data in, verdict out. */

import { didYouMean } from '../core/did-you-mean.js';
import { type Duration, durationMs } from '../core/duration.js';
import { MfaError } from '../core/errors.js';
import type { Grant, HostUser, Proof } from '../core/words.js';

/** What a route asks for. Without `anyOf`, `allOf` or a predicate: any second factor. */
export interface Rule {
  /** How recent the proof must be; default: any time since the sign-in. */
  readonly within?: Duration;
  /** One of these kinds. */
  readonly anyOf?: readonly string[];
  /** Every one of these kinds. */
  readonly allOf?: readonly string[];
  /** Reads the store instead of the in-process list of ended proofs: at most zero seconds late instead of five. Default false. */
  readonly strict?: boolean;
  /** Where a stopped form submission goes after the step-up; default: the page it came from. A same-origin path. */
  readonly returnTo?: string;
}

/** For what data cannot say. Return true to let the request through; an error is a refusal. */
export type RulePredicate = (proof: {
  readonly grants: readonly Grant[];
  readonly user: HostUser | undefined;
}) => boolean;

export interface CompiledRule {
  readonly withinMs?: number;
  readonly anyOf?: readonly string[];
  readonly allOf?: readonly string[];
  readonly strict: boolean;
  readonly returnTo?: string;
  readonly predicate?: RulePredicate;
}

const RULE_KEYS = ['within', 'anyOf', 'allOf', 'strict', 'returnTo'];

/** Does the thinking once; throws a set-up error with advice. `kinds` are the configured factors. */
export function compileRule(rule: Rule | RulePredicate, kinds: readonly string[]): CompiledRule {
  if (typeof rule === 'function') return { strict: false, predicate: rule };
  for (const key of Object.keys(rule)) {
    if (!RULE_KEYS.includes(key)) {
      throw new MfaError('set_up', `mfa.require: \`${key}\` is not part of a rule.${didYouMean(key, RULE_KEYS)}`);
    }
  }
  for (const kind of [...(rule.anyOf ?? []), ...(rule.allOf ?? [])]) {
    if (!kinds.includes(kind)) {
      throw new MfaError(
        'set_up',
        `mfa.require: no factor of kind \`${kind}\` is configured (${kinds.join(', ')}).${didYouMean(kind, kinds)}`,
      );
    }
  }
  if (rule.anyOf?.length === 0 || rule.allOf?.length === 0) {
    throw new MfaError(
      'set_up',
      'mfa.require: an empty list of factors can never be satisfied. Leave it out to accept any factor.',
    );
  }
  return {
    strict: rule.strict ?? false,
    ...(rule.within === undefined ? {} : { withinMs: durationMs(rule.within, 'require.within') }),
    ...(rule.anyOf ? { anyOf: rule.anyOf } : {}),
    ...(rule.allOf ? { allOf: rule.allOf } : {}),
    ...(rule.returnTo ? { returnTo: rule.returnTo } : {}),
  };
}

/** One thing that is asked for and not there. */
export interface Unmet {
  /** The kinds any one of which would do; empty: any second factor. */
  readonly factors: readonly string[];
  readonly problem: 'missing' | 'expired';
}

/** What of the rule the proof does not meet; empty when it meets all of it. */
export function unmetBy(
  rule: CompiledRule,
  proof: Pick<Proof, 'grants'>,
  now: number,
  user?: HostUser,
): readonly Unmet[] {
  if (rule.predicate) return accepts(rule.predicate, proof, user) ? [] : [{ factors: [], problem: 'missing' }];
  const wanted: (readonly string[])[] = (rule.allOf ?? []).map((kind) => [kind]);
  if (rule.anyOf) wanted.push(rule.anyOf);
  if (wanted.length === 0) wanted.push([]);
  return wanted.flatMap((factors) => unmet(factors, rule.withinMs, proof.grants, now));
}

function unmet(
  factors: readonly string[],
  withinMs: number | undefined,
  grants: readonly Grant[],
  now: number,
): readonly Unmet[] {
  // A first factor may have the name of a second one (a door that signs in by text message); it is none all the same.
  const fitting = grants.filter(
    (grant) => grant.enrolment !== undefined && (factors.length === 0 || factors.includes(grant.factor)),
  );
  if (fitting.length === 0) return [{ factors, problem: 'missing' }];
  if (fitting.some((grant) => isWithin(grant, withinMs, now))) return [];
  return [{ factors, problem: 'expired' }];
}

/** A grant from the future (a clock stepped back) is as good as one from now, and no better. */
function isWithin(grant: Grant, withinMs: number | undefined, now: number): boolean {
  return withinMs === undefined || now - grant.at <= withinMs;
}

function accepts(predicate: RulePredicate, proof: Pick<Proof, 'grants'>, user: HostUser | undefined): boolean {
  try {
    return predicate({ grants: proof.grants, user }) === true;
  } catch {
    return false;
  }
}
