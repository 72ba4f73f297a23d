import { type Refusal, refuse } from '../core/errors.js';
import type { Factor } from '../core/factor.js';
import type { Count, StoredRecord, Write } from '../core/store.js';
import type { Challenge, Enrolment, PendingSignIn, Subject } from '../core/words.js';
import { type Asking, challengeOf, enrolmentOf, pendingOf } from './account.js';
import type { FlowDeps } from './deps.js';
import { NETWORK } from './known-networks.js';
import { reserveTry, takeBack } from './reserve-try.js';

/** An answer that may be given: by whom, with what, to which question. */
export interface Answering {
  readonly asking: Asking;
  readonly subject: Subject;
  readonly factor: Factor;
  /** An enrolment's id, or the kind. */
  readonly factorId: string;
  readonly challengeId: string | undefined;
}

/** What is compared with the answer, from the very moment at which the try was counted. */
interface Material {
  readonly enrolments: readonly Enrolment[];
  readonly challenge?: Challenge;
  readonly parts: readonly StoredRecord[];
  readonly pending?: PendingSignIn;
  /** Where the user has signed in from, where risk is asked. */
  readonly networks: readonly StoredRecord[];
}

/** A try that is counted already. */
export interface Attempt extends Answering {
  readonly counts: readonly Count[];
  readonly material: Material;
}

/** Counts the try, and brings what it is compared with. */
export async function reserveAnswer(
  deps: FlowDeps,
  answering: Answering,
): Promise<{ readonly ok: true; readonly attempt: Attempt } | Refusal> {
  const { asking, subject, factor, factorId, challengeId } = answering;
  const byKind = factorId === factor.kind;
  const checks: Write[] = [];
  if (!byKind) checks.push({ do: 'check', kind: recordKind(factor), id: factorId, if: 'present' });
  if (challengeId) checks.push({ do: 'check', kind: 'challenge', id: challengeId, if: 'present' });
  const reserved = await reserveTry(deps, {
    subject,
    asking,
    factorId,
    kind: factor.kind,
    writes: checks,
    reads: [
      { kind: recordKind(factor), ...(byKind ? {} : { id: factorId }) },
      { kind: 'challenge', id: challengeId ?? '-' },
      { kind: 'part' },
      { kind: 'pending', id: asking.visitor.state === 'pending' ? asking.visitor.pendingId : '-' },
      ...(deps.risk ? [NETWORK] : []),
    ],
  });
  if (!reserved.ok && 'condition' in reserved)
    return refuse(reserved.condition === 0 && !byKind ? 'not_found' : 'challenge_expired');
  if (!reserved.ok) return reserved;
  const material = materialOf(factor, reserved.records);
  if (material.enrolments.length > 0) return { ok: true, attempt: { ...answering, counts: reserved.counts, material } };
  await takeBack(deps, subject, reserved.counts);
  return refuse('not_found');
}

function materialOf(factor: Factor, records: readonly (readonly StoredRecord[])[]): Material {
  const [enrolments = [], [challenge] = [], parts = [], [pending] = [], networks = []] = records;
  return {
    enrolments: enrolments.map((record) => enrolmentOf(record)).filter((one) => one.kind === factor.kind),
    parts,
    networks,
    ...(challenge ? { challenge: challengeOf(challenge) } : {}),
    ...(pending ? { pending: pendingOf(pending) } : {}),
  };
}

/** Backup codes are not an enrolment of their own: they come and go with the others. */
export function recordKind(factor: Factor): string {
  return factor.role === 'backup' ? 'backup' : 'enrolment';
}

export function purposeOf(asking: Asking): 'sign-in' | 'step-up' {
  return asking.visitor.state === 'pending' ? 'sign-in' : 'step-up';
}
