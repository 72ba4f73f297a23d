import { didYouMean } from './core/did-you-mean.js';
import { MfaError } from './core/errors.js';
import type { Subject, UserId } from './core/words.js';
import { subjectOf } from './flows/account.js';
import type { FlowDeps } from './flows/deps.js';
import { describeUser, type FactorDescription } from './flows/describe-factors.js';
import { BUMPS_KEPT_MS } from './flows/epoch-watch.js';
import { type Exporting, exportUser, type UserExport } from './flows/export-user.js';
import { type Forgetting, forgetUser } from './flows/forget-user.js';
import { type ResealOptions, type ResealReport, resealAll } from './flows/reseal-all.js';
import { PASSWORD } from './flows/verify-password.js';
import { type By, credentialsChanged, resetUser, unlockUser } from './flows/void-credentials.js';
import { type ImportOptions, type ImportReport, importTotp, type TotpRow } from './import-totp.js';
import { type AuditPage, type AuditQuery, searchAudit } from './ops/audit.js';

/** Whom a call is about. The tenant only where the user cannot be found any more. */
export interface About extends By {
  readonly tenant?: string;
}

/** What is set up for one user: nothing secret, destinations masked. */
export interface UserFactors {
  readonly factors: readonly FactorDescription[];
  readonly backupCodesLeft: number;
  readonly required: boolean;
}

/** The flows as functions. None of them takes a code or a password on a user's behalf. */
export interface MfaApi {
  /** Call it when the password changed, or the account was disabled or moved: every proof, pending sign-in and open challenge of the user is void. */
  credentialsChanged(userId: UserId, about?: About): Promise<void>;
  /** All factors gone and all locks open, all or nothing. At the next sign-in policy decides what happens. */
  resetUser(userId: UserId, about: About & { readonly reason: string }): Promise<void>;
  /** Opens the lock of one kind of factor, or of all. */
  unlockUser(userId: UserId, about?: About & { readonly factor?: string }): Promise<void>;
  /** Throws `not_found` for a user `users.findById` does not know. */
  factorsOf(userId: UserId, about?: Pick<About, 'tenant'>): Promise<UserFactors>;
  /**
   * The account is deleted: everything of the user goes from the store, with the rows of the audit log, and what was issued to them is void in all processes.
   * Delete or disable the user with you first. What stays is a number beside the id, and the row `user.forgotten`. Doing it again is fine.
   */
  forgetUser(userId: UserId, about?: About & Pick<Forgetting, 'audit'>): Promise<void>;
  /** Everything kept about one person that is not a secret, as plain JSON, for their request. Leaves the row `user.exported`. */
  exportUser(userId: UserId, about?: About & Pick<Exporting, 'destinations'>): Promise<UserExport>;
  /**
   * Takes over authenticator apps from the columns of another library: a list, or an async iterable for many. Running it again imports nothing twice, and
   * nothing the user has removed since. Rows that cannot be taken over are refused one by one, with a reason; a store that is down throws.
   */
  importTotp(rows: Iterable<TotpRow> | AsyncIterable<TotpRow>, options?: ImportOptions): Promise<ImportReport>;
  readonly audit: {
    /** The audit log, newest first, in pages. */
    search(query?: AuditQuery): Promise<AuditPage>;
  };
  /**
   * Seals with the newest of `secrets` whatever an older one sealed, while the app runs, and tells what is left. Throws `unavailable` where the store fails:
   * what was done stays done, and the next call goes on from it.
   */
  resealAll(options?: ResealOptions): Promise<ResealReport>;
  /**
   * Deletes what has expired, and audit rows older than `auditBefore`. Call it now and then, from any process. Rows of the last 31 days stay: other processes
   * read from them which proofs have ended.
   */
  sweep(options?: { readonly auditBefore?: Date }): Promise<{ readonly removed: number }>;
}

export function createApi(
  flows: FlowDeps,
  ownerOf: (id: UserId, tenant: string | undefined) => string,
  hasTenants: boolean,
): MfaApi {
  /** A user who is gone still has records to void. */
  async function about(call: string, userId: UserId, tenant?: string): Promise<Subject> {
    const user = await flows.ask.findById(usableId(call, userId), tenant);
    if (user) return inTenant(call, subjectOf(flows, user), tenant);
    // Without it the records of nobody would be voided, and those of the user stay good.
    if (hasTenants && tenant === undefined) {
      throw new MfaError(
        'field_invalid',
        `api.${call}: users.findById knows no user ${userId}, and users are kept apart by tenant. Name it: api.${call}(userId, { tenant }).`,
      );
    }
    return {
      id: userId,
      owner: ownerOf(userId, tenant),
      ...(tenant === undefined ? {} : { tenant }),
      label: String(userId),
      user: {},
    };
  }

  return {
    async credentialsChanged(userId, options = {}) {
      await credentialsChanged(flows, await about('credentialsChanged', userId, options.tenant), options);
    },
    async resetUser(userId, options) {
      if (typeof options?.reason !== 'string' || options.reason.trim() === '') {
        throw new MfaError('field_invalid', 'api.resetUser: `reason` is missing; it is what the audit log will say.');
      }
      await resetUser(flows, await about('resetUser', userId, options.tenant), options);
    },
    async unlockUser(userId, options = {}) {
      const { factor } = options;
      if (factor !== undefined && !flows.factors.has(factor) && factor !== PASSWORD) {
        const kinds = [...flows.factors.keys()];
        throw new MfaError(
          'field_invalid',
          `api.unlockUser: there is no factor '${factor}'.${didYouMean(factor, kinds)}`,
        );
      }
      await unlockUser(flows, await about('unlockUser', userId, options.tenant), options);
    },
    async factorsOf(userId, { tenant } = {}) {
      const user = await flows.ask.findById(usableId('factorsOf', userId), tenant);
      if (!user) throw new MfaError('not_found', `api.factorsOf: users.findById knows no user ${userId}.`);
      const subject = inTenant('factorsOf', subjectOf(flows, user), tenant);
      const { factors, backupCodes, required } = await describeUser(flows, subject);
      return { factors, backupCodesLeft: backupCodes?.left ?? 0, required };
    },
    async forgetUser(userId, options = {}) {
      oneOf('forgetUser', 'audit', options.audit, ['delete', 'keep']);
      await forgetUser(flows, await about('forgetUser', userId, options.tenant), options);
    },
    async exportUser(userId, options = {}) {
      oneOf('exportUser', 'destinations', options.destinations, ['full', 'masked']);
      return await exportUser(flows, await about('exportUser', userId, options.tenant), options);
    },
    importTotp: (rows, options) => importTotp(flows, rows, options),
    audit: { search: (query = {}) => searchAudit(flows.store, ownerOf, query) },
    resealAll: (options) => resealAll(flows, options),
    async sweep({ auditBefore } = {}) {
      if (auditBefore === undefined) return await flows.store.sweep();
      const logBefore = auditBefore instanceof Date ? auditBefore.getTime() : Number.NaN;
      if (!Number.isFinite(logBefore)) throw new MfaError('field_invalid', 'api.sweep: `auditBefore` is not a date.');
      return await flows.store.sweep({ logBefore: Math.min(logBefore, flows.clock() - BUMPS_KEPT_MS) });
    },
  };
}

/** `undefined` would name a user nobody has, and a password change would end nothing. */
function usableId(call: string, userId: unknown): UserId {
  if ((typeof userId === 'string' && userId !== '') || (typeof userId === 'number' && Number.isSafeInteger(userId)))
    return userId;
  throw new MfaError('field_invalid', `api.${call}: expected a user's id, got ${String(userId)}.`);
}

/** A word that was misspelt must not mean the default. */
function oneOf(call: string, option: string, given: string | undefined, known: readonly string[]): void {
  if (given === undefined || known.includes(given)) return;
  throw new MfaError(
    'field_invalid',
    `api.${call}: \`${option}\` is ${String(given)}, expected ${known.join(' or ')}.`,
  );
}

function inTenant(call: string, subject: Subject, tenant: string | undefined): Subject {
  if (tenant === undefined || tenant === subject.tenant) return subject;
  throw new MfaError('not_found', `api.${call}: user ${subject.id} is not in the tenant that was named.`);
}
