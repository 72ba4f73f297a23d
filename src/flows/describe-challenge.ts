import type { Channel } from '../core/delivery.js';
import { type Refusal, refuse } from '../core/errors.js';
import type { Factor } from '../core/factor.js';
import { Unreadable } from '../core/sealing.js';
import type { Challenge, Enrolment, Subject } from '../core/words.js';
import type { ReadPolicy } from '../policy/sign-in-verdict.js';
import { type Account, type Asking, contextOf, readAccount, usableEnrolments, type Visitor } from './account.js';
import { policyOn, riskAllows } from './allowed-factors.js';
import { channelChoice, channelsOf } from './choose-channel.js';
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
  /** What a code may be asked for by, in the operator's order. */
  readonly channels?: readonly Channel[];
  /** By which one it goes where none is named. */
  readonly suggestedChannel?: Channel;
  /** By which the last code came that was answered. */
  readonly lastChannel?: Channel;
  /** By these no code arrived lately. */
  readonly failedChannels?: readonly Channel[];
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
  const policy = await policyOn(deps, account.subject.user);
  const allows = (kind: string) => policy.allows(kind) && riskAllows(account.pending, kind);
  const options = await optionsOf(deps, visitor, account, { ...policy, allows });
  const signedIn = visitor.state === 'signed-in';
  const withPassword = options.length === 0 && signedIn && deps.ask.verifyPassword !== undefined;
  // As at the first factor, where what is set up may not be answered with.
  if (options.length === 0 && account.pending?.next === 'challenge') return refuse('sign_in_refused');
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
  visitor: Visitor,
  account: Account,
  policy: ReadPolicy,
): Promise<readonly ChallengeOption[]> {
  const usable = usableEnrolments(deps, account.enrolments, policy.allows);
  const options: ChallengeOption[] = [];
  let unreadable: Unreadable | undefined;
  for (const enrolment of usable) {
    const factor = deps.factors.get(enrolment.kind);
    if (factor?.sending) {
      const option = await sendingOption(deps, visitor, account, { enrolment, factor, policy });
      if (option instanceof Unreadable) unreadable ??= option;
      else if (option.channels?.length !== 0) options.push(option);
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
  visitor: Visitor,
  account: Account,
  what: { readonly enrolment: Enrolment; readonly factor: Factor; readonly policy: ReadPolicy },
): Promise<ChallengeOption | Unreadable> {
  const { enrolment, factor } = what;
  const to = await sendingOf(deps, account.subject, enrolment);
  if (to instanceof Unreadable) return to;
  return {
    factorId: enrolment.id,
    kind: enrolment.kind,
    name: enrolment.name,
    ...(factor.digits === undefined ? {} : { digits: factor.digits }),
    ...(to ? { destination: to.destination, ...(await channelsShown(deps, visitor, account, { ...what, to })) } : {}),
  };
}

async function channelsShown(
  deps: FlowDeps,
  visitor: Visitor,
  account: Account,
  what: Parameters<typeof channelsOf>[2],
): Promise<Pick<ChallengeOption, 'channels' | 'suggestedChannel' | 'lastChannel' | 'failedChannels'>> {
  const { channels, suggestion, troubles } = await channelChoice(deps, channelsOf(account, visitor, what));
  const { lastChannel } = what.enrolment;
  return {
    channels,
    ...(suggestion ? { suggestedChannel: suggestion.channel } : {}),
    ...(lastChannel === undefined ? {} : { lastChannel }),
    ...(troubles.size > 0 ? { failedChannels: [...troubles.keys()] } : {}),
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
