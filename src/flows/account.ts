/** What the store knows about one user, read in one go, and turned from records into the library's words. */
import { type Refusal, refuse } from '../core/errors.js';
import type { FactorContext } from '../core/factor.js';
import type { Json, Ref, StoredRecord, Write } from '../core/store.js';
import type {
  Challenge,
  Draft,
  Enrolment,
  HostUser,
  PendingSignIn,
  Proof,
  RequestFacts,
  Subject,
  UserId,
} from '../core/words.js';
import type { FlowDeps } from './deps.js';
import { FAILED_CHANNEL, type FailedChannel } from './failed-channels.js';
import type { LastUse } from './last-used.js';

/** Who asks: as read from the session, nothing of it from the body. */
export type Visitor =
  | {
      readonly state: 'pending';
      readonly pendingId: string;
      readonly owner: string;
      readonly userId: UserId;
      readonly epoch: number;
    }
  | { readonly state: 'signed-in'; readonly proof: Proof };

/** One request's visitor, and what of the request the hooks and events may know. */
export interface Asking {
  readonly visitor: Visitor;
  readonly facts: RequestFacts;
  /** What the captcha's widget gave the visitor, where one was asked. */
  readonly captchaToken?: string;
}

export const EPOCH = { kind: 'epoch', id: 'epoch' } as const;

export interface Account {
  readonly subject: Subject;
  readonly epoch: number;
  /** Confirmed real factors of any kind, configured or not. */
  readonly enrolments: readonly Enrolment[];
  /** The set of backup codes, and how many it had. */
  readonly backup?: Enrolment & { readonly total: number };
  readonly challenges: readonly Challenge[];
  readonly drafts: readonly Draft[];
  /** Channels that failed lately. */
  readonly failedChannels: readonly FailedChannel[];
  readonly pending?: PendingSignIn;
  /** Ids of what was read of pending sign-ins, oldest first. */
  readonly pendingIds: readonly string[];
  /** Its codes that are left. */
  readonly parts: readonly StoredRecord[];
}

/** The pending sign-in's or the proof's id: what challenges and drafts are bound to. */
export function contextOf(visitor: Visitor): string {
  return visitor.state === 'pending' ? visitor.pendingId : visitor.proof.id;
}

export function ownerOf(visitor: Visitor): string {
  return visitor.state === 'pending' ? visitor.owner : visitor.proof.owner;
}

/** The store's partition of a user. The tenant comes first, and neither can be mistaken for the other. */
export function ownerKey(id: UserId, tenant: string | undefined): string {
  return tenant === undefined ? `u:${id}` : `t:${encodeURIComponent(tenant)}:u:${id}`;
}

function tenantIn(owner: string): string | undefined {
  const [kind, tenant = ''] = owner.split(':');
  return kind === 't' ? decodeURIComponent(tenant) : undefined;
}

export function subjectOf(deps: FlowDeps, user: HostUser): Subject {
  const id = deps.ask.idOf(user);
  const tenant = deps.ask.tenantOf(user);
  return {
    id,
    owner: ownerKey(id, tenant),
    ...(tenant === undefined ? {} : { tenant }),
    label: deps.ask.labelOf(user),
    user,
  };
}

/** The visitor's user, read again from the host. Gone, disabled or moved to another tenant: the sign-in is over. */
export async function subjectOfVisitor(deps: FlowDeps, visitor: Visitor): Promise<Subject | Refusal> {
  const id = visitor.state === 'pending' ? visitor.userId : visitor.proof.userId;
  const user = await deps.ask.findById(id, tenantIn(ownerOf(visitor)));
  if (!user) return refuse('sign_in_again');
  const subject = subjectOf(deps, user);
  return subject.owner === ownerOf(visitor) ? subject : refuse('sign_in_again');
}

/** The epoch under which the pending sign-in or the proof was made. */
export function epochOf(visitor: Visitor): number {
  return visitor.state === 'pending' ? visitor.epoch : visitor.proof.epoch;
}

/** Conditions that hold as long as the visitor's pending sign-in or proof does; the first ones of every commit on their behalf. */
export function visitorHolds(visitor: Visitor): readonly Write[] {
  const same: Write = { do: 'check', ...EPOCH, if: { mark: epochOf(visitor) } };
  return visitor.state === 'pending'
    ? [same, { do: 'check', kind: 'pending', id: visitor.pendingId, if: 'present' }]
    : [same];
}

const REFS = {
  enrolments: { kind: 'enrolment' },
  used: { kind: 'last-used' },
  challenges: { kind: 'challenge' },
  drafts: { kind: 'draft' },
  backup: { kind: 'backup' },
  parts: { kind: 'part' },
  failed: { kind: FAILED_CHANNEL },
} as const;

/** Reads everything about the visitor's user; refuses a visitor whose pending sign-in or proof is over. */
export async function readAccount(deps: FlowDeps, visitor: Visitor): Promise<Account | Refusal> {
  const subject = await subjectOfVisitor(deps, visitor);
  if ('code' in subject) return subject;
  const pendingRef: Ref = { kind: 'pending', id: visitor.state === 'pending' ? visitor.pendingId : '-' };
  const account = await readOwner(deps, subject, pendingRef);
  if (account.epoch !== epochOf(visitor)) return refuse('sign_in_again');
  if (visitor.state === 'pending' && !account.pending) return refuse('sign_in_again');
  return account;
}

/** The same for a user nobody is signed in as: the begin of a sign-in, and the headless calls. */
export async function readOwner(
  deps: FlowDeps,
  subject: Subject,
  pendingRef: Ref = { kind: 'pending', id: '-' },
): Promise<Account> {
  return accountFrom(subject, await deps.store.read(subject.owner, accountRefs(pendingRef)));
}

/** What `accountFrom` makes an account of, in this order. */
export function accountRefs(pendingRef: Ref): readonly Ref[] {
  const { enrolments, used, challenges, drafts, backup, parts, failed } = REFS;
  return [enrolments, used, challenges, drafts, backup, parts, pendingRef, EPOCH, failed];
}

export function accountFrom(subject: Subject, records: readonly (readonly StoredRecord[])[]): Account {
  const [enrolments = [], used = [], challenges = [], drafts = [], backup = [], parts = [], pending = []] = records;
  const [epoch = [], failed = []] = records.slice(7);
  const uses = new Map(used.map((record) => [record.id, record.data as unknown as LastUse]));
  const [waiting] = pending;
  const [set] = backup;
  return {
    subject,
    epoch: epoch[0]?.mark ?? 0,
    enrolments: enrolments.map((record) => enrolmentOf(record, uses.get(record.id))),
    challenges: challenges.map(challengeOf),
    drafts: drafts.map(draftOf),
    parts,
    failedChannels: failed.map(({ data }) => data as unknown as FailedChannel),
    ...(set ? { backup: { ...enrolmentOf(set), total: (set.data as { total: number }).total } } : {}),
    pendingIds: pending.map(({ id }) => id),
    ...(waiting ? { pending: pendingOf(waiting) } : {}),
  };
}

export function enrolmentOf(record: StoredRecord, use?: LastUse): Enrolment {
  const { kind, name, data } = record.data as { kind: string; name: string; data: Json };
  return {
    id: record.id,
    kind,
    name,
    data,
    mark: record.mark,
    version: record.version,
    createdAt: record.createdAt,
    ...(use === undefined ? {} : { lastUsedAt: use.at }),
    ...(use?.channel === undefined ? {} : { lastChannel: use.channel }),
    ...(use?.own === undefined ? {} : { ownChannel: use.own }),
  };
}

export function challengeOf(record: StoredRecord): Challenge {
  return { ...(record.data as unknown as Challenge), id: record.id, expiresAt: record.expiresAt ?? 0 };
}

export function draftOf(record: StoredRecord): Draft {
  return {
    ...(record.data as unknown as Draft),
    id: record.id,
    createdAt: record.createdAt,
    expiresAt: record.expiresAt ?? 0,
  };
}

export function pendingOf(record: StoredRecord): PendingSignIn {
  return {
    ...(record.data as unknown as PendingSignIn),
    id: record.id,
    startedAt: record.createdAt,
    expiresAt: record.expiresAt ?? 0,
  };
}

/** What sealed texts of an enrolment, or of a set of backup codes, are bound to. */
export function enrolmentBinding(owner: string, enrolmentId: string): readonly string[] {
  return ['enrolment', owner, enrolmentId];
}

/** What a factor is lent for one call about one enrolment; sealed texts are bound to the user and that enrolment. */
export function factorContext(deps: FlowDeps, subject: Subject, enrolmentId: string, locale?: string): FactorContext {
  const binding = enrolmentBinding(subject.owner, enrolmentId);
  const opened = new Map<string, Promise<string>>();
  return {
    subject,
    issuer: deps.issuer,
    host: deps.host,
    now: deps.clock(),
    ...(locale === undefined ? {} : { locale }),
    seal: (text) => deps.sealer.seal(text, binding),
    open(sealed) {
      // Where a code goes is asked for several times on its way.
      const text = opened.get(sealed) ?? deps.sealer.open(sealed, binding);
      opened.set(sealed, text);
      return text;
    },
    keyedHash: (text) => deps.sealer.keyedHash(JSON.stringify([...binding, text])),
    matchesKeyedHash: (text, hash) => deps.sealer.matchesKeyedHash(JSON.stringify([...binding, text]), hash),
    deadline: () => AbortSignal.timeout(deps.limits.sendTimeoutMs),
    report: deps.report,
  };
}

/** Confirmed enrolments whose kind is configured and allowed, strongest first. */
export function usableEnrolments(
  deps: FlowDeps,
  enrolments: readonly Enrolment[],
  allows: (kind: string) => boolean,
): readonly Enrolment[] {
  const strength = (kind: string) => deps.factors.get(kind)?.strength ?? 0;
  return enrolments
    .filter((one) => deps.factors.has(one.kind) && allows(one.kind))
    .sort((a, b) => strength(b.kind) - strength(a.kind));
}

export function kindsOf(enrolments: readonly Enrolment[]): readonly string[] {
  return enrolments.map((one) => one.kind);
}
