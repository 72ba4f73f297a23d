/** How risky something looks: a score with its reasons, and what follows from it. */
import type { PhoneType } from '../core/phone-numbers.js';
import type { HostUser, UserId } from '../core/words.js';

/** What a signal may look at. What is not known is left out, and never a reason. */
export interface RiskFacts {
  /** The first factor was right, or a code that costs money is about to be sent. */
  readonly moment: 'sign-in' | 'send';
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly userId: UserId;
  readonly user: HostUser;
  readonly ip?: string;
  readonly userAgent?: string;
  /** Right first factors in the last ten minutes, this one included. */
  readonly signIns?: { readonly ofUser?: number; readonly ofAddress?: number };
  /** Sends in the last hour, this one included. */
  readonly sends?: { readonly ofUser?: number; readonly ofAddress?: number };
  /** Wrong answers that no right one has settled, of the kind that has most. */
  readonly wrongAnswers?: number;
  /** Whether the user has signed in from this network (IPv6: /64); undefined while no network of theirs is known. */
  readonly network?: 'known' | 'new';
  /** As `countryOf` said, and whether the user has signed in from there. */
  readonly country?: string;
  readonly countryIs?: 'known' | 'new';
  /** What the number is for, as its plan says, or `lookup`. */
  readonly line?: PhoneType;
  /** Milliseconds since 1970, as `lookup` said; `-Infinity` where it never was. */
  readonly simSwappedAt?: number;
}

/** One thing to look at. What throws, takes too long or says nothing is unknown: no reason, and no way through. */
export interface RiskSignal {
  /** Lower-case words with hyphens; stands in the audit log. */
  readonly name: string;
  /** How much it says at most, from 0 to 0.95. */
  readonly weight: number;
  /** From 0 (as usual) to 1; undefined where it cannot tell. */
  look(facts: RiskFacts): number | undefined | Promise<number | undefined>;
}

export interface RiskReason {
  readonly signal: string;
  readonly weight: number;
  /** What the signal saw, above 0 and at most 1. */
  readonly value: number;
}

export interface RiskScore {
  /** From 0 to below 1. */
  readonly score: number;
  /** The strongest first. */
  readonly reasons: readonly RiskReason[];
}

export type RiskAction = 'allow' | 'captcha' | 'stronger' | 'refuse';

/** From which score on each happens; 1 is never reached. */
export interface RiskThresholds {
  readonly captcha: number;
  readonly stronger: number;
  readonly refuse: number;
}

/**
 * 1 - (1 - w·v)(1 - w·v)…: each reason takes its share of the doubt that is left. More reasons never lower it, no number of weak ones makes certainty, and adding a
 * signal needs no other weight changed. A signal that is named twice counts once, at its highest.
 */
export function riskScore(reasons: readonly RiskReason[]): RiskScore {
  const highest = new Map<string, RiskReason>();
  for (const reason of reasons) {
    const before = highest.get(reason.signal);
    if (reason.value > 0 && (!before || shareOf(reason) > shareOf(before))) highest.set(reason.signal, reason);
  }
  const counted = [...highest.values()].sort((a, b) => shareOf(b) - shareOf(a));
  const trust = counted.reduce((left, reason) => left * (1 - shareOf(reason)), 1);
  // Rounded for the log; never to certainty.
  return { score: Math.min(0.999, Math.round((1 - trust) * 1_000) / 1_000), reasons: counted };
}

export function riskAction(score: number, thresholds: RiskThresholds): RiskAction {
  if (score >= thresholds.refuse) return 'refuse';
  if (score >= thresholds.stronger) return 'stronger';
  return score >= thresholds.captcha ? 'captcha' : 'allow';
}

/** What a signal said, as a reason; undefined where it said nothing that counts. */
export function reasonOf({ name, weight }: RiskSignal, said: unknown): RiskReason | undefined {
  if (typeof said !== 'number' || !(said > 0)) return undefined;
  return { signal: name, weight, value: Math.min(1, said) };
}

function shareOf({ weight, value }: RiskReason): number {
  return weight * value;
}
