import type { Grant, PendingSignIn, Subject } from '../core/words.js';

/**
 * Everything a session change may rest on: a commit has happened that consumed what had to be consumed. Made only by flows, spent once, by the session
 * that holds the same pending sign-in or proof.
 */
export interface Ticket {
  readonly purpose: 'sign-in' | 'step-up';
  readonly subject: Subject;
  readonly epoch: number;
  /** New grants; a step-up adds them to those of the proof. */
  readonly grants: readonly Grant[];
  /** The pending sign-in that was consumed, or the proof the step-up starts from. */
  readonly from: string;
  readonly pending?: PendingSignIn;
  /** Enrolments that are gone now: grants by them go too. */
  readonly withoutEnrolments?: readonly string[];
  /** The next proof's id: things made in the same commit are bound to it already. */
  readonly proofId: string;
}

/** The first factor as a grant. RFC 8176 has a word only for passwords. */
export function firstFactorGrant(name: string, at: number): Grant {
  return { factor: name, at, amr: name === 'password' || name === 'local' ? ['pwd'] : [] };
}
