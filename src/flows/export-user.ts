import type { Channel } from '../core/delivery.js';
import type { Json, LogRow } from '../core/store.js';
import type { Enrolment, Subject, UserId } from '../core/words.js';
import { lockOf, userSends } from '../policy/limits.js';
import { type Account, factorContext, pendingOf, readOwner } from './account.js';
import type { FlowDeps } from './deps.js';
import { sayNow } from './say.js';
import { PASSWORD } from './verify-password.js';
import type { By } from './void-credentials.js';

export interface Exporting extends By {
  /** Default `full`: the numbers are the person's own. `masked`: as the pages show them. */
  readonly destinations?: 'full' | 'masked';
}

/** Everything that is kept about one person and is not a secret, as plain JSON. Times are ISO 8601 in UTC. */
export interface UserExport {
  /** Grows when the shape changes. */
  readonly format: 1;
  readonly exportedAt: string;
  readonly user: { readonly id: UserId; readonly tenant?: string };
  readonly factors: readonly {
    readonly id: string;
    readonly kind: string;
    readonly name: string;
    /** The number codes go to. */
    readonly destination?: string;
    /** There is a number, and no key in `secrets` opens it. */
    readonly destinationUnreadable?: true;
    readonly addedAt: string;
    readonly lastUsedAt?: string;
    /** By which channel the last code came that was answered, which one the person asks for, and by which none arrived lately. */
    readonly lastChannel?: Channel;
    readonly ownChannel?: Channel;
    readonly failedChannels?: readonly Channel[];
  }[];
  readonly backupCodes?: { readonly left: number; readonly total: number; readonly madeAt: string };
  /** Sign-ins that wait for their second factor. */
  readonly pendingSignIns: readonly {
    readonly firstFactor: string;
    readonly returnTo: string;
    readonly startedAt: string;
    readonly expiresAt: string;
  }[];
  /** Set-ups that are not finished. Their numbers are masked. */
  readonly unconfirmedFactors: readonly {
    readonly kind: string;
    readonly name: string;
    readonly destination?: string;
    readonly startedAt: string;
    readonly expiresAt: string;
  }[];
  /** Codes that were sent and are still good, where to and when; never the codes. */
  readonly openChallenges: readonly {
    readonly kind: string;
    readonly channel: string;
    readonly destination: string;
    readonly sentAt: string;
    readonly expiresAt: string;
  }[];
  /** Kinds of factor with wrong answers that count. `lockedUntil` null: until an admin opens it. */
  readonly wrongAnswers: readonly {
    readonly factor: string;
    readonly count?: number;
    readonly locked: boolean;
    readonly lockedUntil?: string | null;
  }[];
  /** Codes sent in the hour that the budget counts now. */
  readonly codesSentThisHour: number;
  readonly audit: {
    /** Newest first, at most 10,000. Who of the staff did it (`actor`) is left out: that is somebody else's data. */
    readonly events: readonly {
      readonly id: string;
      readonly at: string;
      readonly type: string;
      readonly [field: string]: Json;
    }[];
    /** Present when there are more: the `cursor` for `api.audit.search({ userId, tenant, cursor })`. */
    readonly next?: string;
  };
}

const MOST_ROWS = 10_000;
const PAGE = 500;

/** Answers a person's request for their data; changes nothing but the log, which says first that it was asked for. */
export async function exportUser(
  deps: FlowDeps,
  subject: Subject,
  { destinations = 'full', ...by }: Exporting = {},
): Promise<UserExport> {
  await sayNow(deps, { subject, ...by }, [{ type: 'user.exported' }]);
  const account = await readOwner(deps, subject);
  const [pending = []] = await deps.store.read(subject.owner, [{ kind: 'pending' }]);
  return {
    format: 1,
    exportedAt: iso(deps.clock()),
    user: { id: subject.id, ...(subject.tenant === undefined ? {} : { tenant: subject.tenant }) },
    factors: await Promise.all(account.enrolments.map((one) => factorOf(deps, account, one, destinations))),
    ...backupOf(account),
    pendingSignIns: pending.map(pendingOf).map(({ firstFactor, returnTo, startedAt, expiresAt }) => ({
      firstFactor,
      returnTo,
      startedAt: iso(startedAt),
      expiresAt: iso(expiresAt),
    })),
    unconfirmedFactors: account.drafts.map(({ kind, name, destination, createdAt, expiresAt }) => ({
      kind,
      name,
      ...(destination === undefined ? {} : { destination }),
      startedAt: iso(createdAt),
      expiresAt: iso(expiresAt),
    })),
    openChallenges: account.challenges.map(({ kind, channel, destination, sentAt, expiresAt }) => ({
      kind,
      channel,
      destination,
      sentAt: iso(sentAt),
      expiresAt: iso(expiresAt),
    })),
    wrongAnswers: await wrongAnswersOf(deps, subject),
    codesSentThisHour: await sentOf(deps, subject),
    audit: await rowsOf(deps, subject),
  };
}

async function factorOf(
  deps: FlowDeps,
  { subject, failedChannels }: Account,
  enrolment: Enrolment,
  destinations: 'full' | 'masked',
) {
  const { id, kind, name, createdAt, lastUsedAt, lastChannel, ownChannel } = enrolment;
  const failed = failedChannels.filter(({ enrolmentId }) => enrolmentId === id).map(({ channel }) => channel);
  return {
    id,
    kind,
    name,
    ...(await destinationOf(deps, subject, enrolment, destinations)),
    addedAt: iso(createdAt),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt: iso(lastUsedAt) }),
    ...(lastChannel === undefined ? {} : { lastChannel }),
    ...(ownChannel === undefined ? {} : { ownChannel }),
    ...(failed.length > 0 ? { failedChannels: failed } : {}),
  };
}

/** A key that is gone must not keep the rest from its owner. */
async function destinationOf(
  deps: FlowDeps,
  subject: Subject,
  { id, kind, data }: Enrolment,
  destinations: 'full' | 'masked',
) {
  try {
    const sending = await deps.factors.get(kind)?.sending?.(data, factorContext(deps, subject, id));
    return sending ? { destination: destinations === 'full' ? sending.to : sending.destination } : {};
  } catch {
    return { destinationUnreadable: true as const };
  }
}

function backupOf({ backup, parts }: Account) {
  return backup ? { backupCodes: { left: parts.length, total: backup.total, madeAt: iso(backup.createdAt) } } : {};
}

/** Looks at the counters as a try would, and counts nothing. */
async function wrongAnswersOf(deps: FlowDeps, { owner }: Subject): Promise<UserExport['wrongAnswers']> {
  const found: UserExport['wrongAnswers'][number][] = [];
  for (const factor of [...deps.factors.keys(), PASSWORD]) {
    const looked = await deps.store.commit(owner, { hits: [lockOf(factor, deps.limits)] });
    if (!looked.ok) {
      const { retryAt } = looked;
      found.push({ factor, locked: true, lockedUntil: retryAt === undefined ? null : iso(retryAt) });
    } else if (looked.counts[0] && looked.counts[0].count > 0) {
      found.push({ factor, locked: false, count: looked.counts[0].count });
    }
  }
  return found;
}

async function sentOf(deps: FlowDeps, { owner }: Subject): Promise<number> {
  const looked = await deps.store.commit(owner, { hits: [{ ...userSends(deps.limits), peek: true }] });
  return looked.ok ? (looked.counts[0]?.count ?? 0) : deps.limits.sendsPerUserHour;
}

async function rowsOf(deps: FlowDeps, { owner }: Subject): Promise<UserExport['audit']> {
  const rows: LogRow[] = [];
  let next: string | undefined;
  do {
    const page = await deps.store.scan({ owner, limit: PAGE, ...(next === undefined ? {} : { cursor: next }) });
    rows.push(...page.rows);
    next = page.next;
  } while (next !== undefined && rows.length < MOST_ROWS);
  return { events: rows.map(eventOf), ...(next === undefined ? {} : { next }) };
}

function eventOf({ id, at, type, data }: LogRow): UserExport['audit']['events'][number] {
  const { actor: _, ...rest } = data as { readonly [field: string]: Json };
  return { ...rest, id, at: iso(at), type };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
