import type { Channel } from '../core/delivery.js';
import type { Refusal } from '../core/errors.js';
import type { Enrolment, Subject } from '../core/words.js';
import type { ReadPolicy } from '../policy/sign-in-verdict.js';
import { type Account, type Asking, kindsOf, readAccount, readOwner } from './account.js';
import { policyOn } from './allowed-factors.js';
import type { FlowDeps } from './deps.js';
import { hasSeveral } from './failed-channels.js';
import { isFresh } from './guard-change.js';
import { sendingOf } from './sending-of.js';

/** One confirmed factor, as its owner may see it: nothing secret, destinations masked. */
export interface FactorDescription {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly destination?: string;
  readonly createdAt: number;
  readonly lastUsedAt?: number;
  /** By which the last code came that was answered. */
  readonly lastChannel?: Channel;
}

export interface FactorsDescription {
  readonly ok: true;
  readonly subject: Subject;
  readonly factors: readonly FactorDescription[];
  /** Kinds that can be added, strongest first. */
  readonly canAdd: readonly string[];
  /** For kinds with several channels: those that may be asked for, in the operator's order. */
  readonly channels: { readonly [kind: string]: readonly Channel[] };
  readonly backupCodes?: { readonly left: number; readonly total: number; readonly low: boolean };
  readonly required: boolean;
  readonly canDisable: boolean;
  /** The visitor must set up a factor to complete the sign-in. */
  readonly forced: boolean;
  /** Changes are allowed now, without another proof. */
  readonly fresh: boolean;
}

/** At so many left the pages warn. */
const FEW_CODES = 3;

/** What is set up, and what may be done; changes nothing. */
export async function describeFactors(deps: FlowDeps, asking: Asking): Promise<FactorsDescription | Refusal> {
  const account = await readAccount(deps, asking.visitor);
  if ('code' in account) return account;
  const description = await describe(deps, account);
  return {
    ...description,
    forced: account.pending?.next === 'enrol',
    fresh: isFresh(deps, asking, account.enrolments.length > 0),
  };
}

/** The same about any user, for the headless calls. */
export async function describeUser(deps: FlowDeps, subject: Subject): Promise<FactorsDescription> {
  return { ...(await describe(deps, await readOwner(deps, subject))), forced: false, fresh: false };
}

async function describe(deps: FlowDeps, account: Account): Promise<Omit<FactorsDescription, 'forced' | 'fresh'>> {
  const policy = await policyOn(deps, account.subject.user);
  const kinds = kindsOf(account.enrolments);
  return {
    ok: true,
    subject: account.subject,
    factors: await Promise.all(account.enrolments.map((one) => describeOne(deps, account.subject, one))),
    canAdd: addable(deps, policy, kinds),
    channels: channelsOf(deps, policy),
    ...(account.backup ? { backupCodes: leftOf(account.parts.length, account.backup.total) } : {}),
    required: policy.required,
    canDisable: kinds.length > 0 && !policy.required,
  };
}

async function describeOne(deps: FlowDeps, subject: Subject, enrolment: Enrolment): Promise<FactorDescription> {
  const sending = await sendingOf(deps, subject, enrolment);
  const { id, kind, name, createdAt, lastUsedAt, lastChannel } = enrolment;
  return {
    id,
    kind,
    name,
    createdAt,
    ...(sending && 'destination' in sending ? { destination: sending.destination } : {}),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
    ...(lastChannel === undefined ? {} : { lastChannel }),
  };
}

function addable(deps: FlowDeps, policy: ReadPolicy, kinds: readonly string[]): readonly string[] {
  if (kinds.length >= deps.limits.factorsPerUser) return [];
  return [...deps.factors.values()]
    .filter((factor) => factor.role === 'factor' && policy.allows(factor.kind))
    .filter(
      (factor) =>
        kinds.filter((kind) => kind === factor.kind).length < (factor.maxPerUser ?? deps.limits.factorsPerUser),
    )
    .sort((a, b) => b.strength - a.strength)
    .map((factor) => factor.kind);
}

function channelsOf({ factors }: FlowDeps, policy: ReadPolicy): FactorsDescription['channels'] {
  const several = [...factors.values()].filter((factor) => hasSeveral(factor) && policy.allows(factor.kind));
  return Object.fromEntries(several.map(({ kind, channels = [] }) => [kind, channels.filter(policy.allowsChannel)]));
}

function leftOf(left: number, total: number) {
  return { left, total, low: left <= FEW_CODES };
}
