import type { Channel } from '../core/delivery.js';
import { type Refusal, refuse } from '../core/errors.js';
import { Unreadable } from '../core/sealing.js';
import type { Challenge, Enrolment, Subject } from '../core/words.js';
import { readPolicy } from '../policy/sign-in-verdict.js';
import { type Account, type Asking, contextOf, readAccount, usableEnrolments, type Visitor } from './account.js';
import { riskAllows } from './allowed-factors.js';
import type { FlowDeps } from './deps.js';
import { sendingOf } from './sending-of.js';
import { PASSWORD } from './verify-password.js';

/** One way of answering. */
export interface ChallengeOption {
  /** What `verifyChallenge` and `sendChallenge` take: an enrolment's id, or the kind for factors that send nothing. */
  readonly factorId: string;
  readonly kind: string;
  readonly name: string;
  readonly digits?: number;
  /** Masked. */
  readonly destination?: string;
  readonly channels?: readonly Channel[];
  /** Seconds until an answer can be accepted: the code an app shows now was used already. */
  readonly waitSeconds?: number;
}

export interface ChallengeDescription {
  readonly ok: true;
  readonly purpose: 'sign-in' | 'step-up';
  /** `enrol`: there is no factor to answer with; the password, where it is offered, only opens the way to setting one up. */
  readonly next: 'challenge' | 'enrol';
  readonly subject: Subject;
  /** Strongest first, backup codes last. */
  readonly options: readonly ChallengeOption[];
  /** The codes sent for this very sign-in or session that still count. */
  readonly challenges: readonly Challenge[];
  /** Of the pending sign-in. */
  readonly expiresAt?: number;
}

/** What may be answered, and how; changes nothing. */
export async function describeChallenge(deps: FlowDeps, asking: Asking): Promise<ChallengeDescription | Refusal> {
  const account = await readAccount(deps, asking.visitor);
  return 'code' in account ? account : await describeAnswers(deps, asking.visitor, account);
}

/** The same from what was just read. */
export async function describeAnswers(
  deps: FlowDeps,
  visitor: Visitor,
  account: Account,
): Promise<ChallengeDescription | Refusal> {
  const policy = readPolicy(await deps.ask.policy(account.subject.user));
  const allows = (kind: string) => policy.allows(kind) && riskAllows(account.pending, kind);
  const options = await optionsOf(deps, account, allows);
  const signedIn = visitor.state === 'signed-in';
  const withPassword = options.length === 0 && signedIn && deps.ask.verifyPassword !== undefined;
  if (options.length === 0 && !signedIn && account.pending?.next !== 'enrol') return refuse('not_found');
  return {
    ok: true,
    purpose: visitor.state === 'pending' ? 'sign-in' : 'step-up',
    next: account.pending?.next ?? (options.length === 0 ? 'enrol' : 'challenge'),
    subject: account.subject,
    options: withPassword ? [{ factorId: PASSWORD, kind: PASSWORD, name: PASSWORD }] : options,
    challenges: account.challenges.filter((one) => one.context === contextOf(visitor)),
    ...(account.pending ? { expiresAt: account.pending.expiresAt } : {}),
  };
}

async function optionsOf(
  deps: FlowDeps,
  account: Account,
  allows: (kind: string) => boolean,
): Promise<readonly ChallengeOption[]> {
  const usable = usableEnrolments(deps, account.enrolments, allows);
  const options: ChallengeOption[] = [];
  let unreadable: Unreadable | undefined;
  for (const enrolment of usable) {
    const factor = deps.factors.get(enrolment.kind);
    if (factor?.sending) {
      const option = await sendingOption(deps, account.subject, enrolment);
      if (option instanceof Unreadable) unreadable ??= option;
      else options.push(option);
    } else if (!options.some((one) => one.kind === enrolment.kind)) options.push(quietOption(deps, enrolment, usable));
  }
  const backup = account.backup && deps.factors.get(account.backup.kind);
  if (backup && (options.length > 0 || unreadable) && account.parts.length > 0)
    options.push({ factorId: backup.kind, kind: backup.kind, name: backup.kind });
  // What cannot be sent is not offered; where it is all there is, that is a fault, and not "no factor".
  if (unreadable && options.length === 0) throw unreadable;
  return options;
}

async function sendingOption(
  deps: FlowDeps,
  subject: Subject,
  enrolment: Enrolment,
): Promise<ChallengeOption | Unreadable> {
  const factor = deps.factors.get(enrolment.kind);
  const sending = await sendingOf(deps, subject, enrolment);
  if (sending instanceof Unreadable) return sending;
  return {
    factorId: enrolment.id,
    kind: enrolment.kind,
    name: enrolment.name,
    ...(factor?.digits === undefined ? {} : { digits: factor.digits }),
    ...(sending ? { destination: sending.destination, channels: sending.channels } : {}),
  };
}

/** Several authenticators of one kind are one choice: a code of any of them will do. */
function quietOption(deps: FlowDeps, enrolment: Enrolment, usable: readonly Enrolment[]): ChallengeOption {
  const factor = deps.factors.get(enrolment.kind);
  const siblings = usable.filter((one) => one.kind === enrolment.kind);
  const waits = siblings.map((one) => factor?.waitSeconds?.(one, deps.clock()) ?? 0);
  const waitSeconds = Math.min(...waits);
  return {
    factorId: enrolment.kind,
    kind: enrolment.kind,
    name: siblings.length === 1 ? enrolment.name : enrolment.kind,
    ...(factor?.digits === undefined ? {} : { digits: factor.digits }),
    ...(waitSeconds > 0 ? { waitSeconds } : {}),
  };
}
