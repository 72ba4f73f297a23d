import { MfaError } from './core/errors.js';
import type { HostUser, Subject, UserId } from './core/words.js';
import { subjectOf } from './flows/account.js';
import type { FlowDeps } from './flows/deps.js';
import { importFactor } from './flows/import-factor.js';
import type { By } from './flows/void-credentials.js';

/** One authenticator app of one user, as another library kept it. Only confirmed ones: a code has been right with this secret. */
export interface TotpRow {
  readonly userId: UserId;
  readonly tenant?: string;
  /** The key that the codes are made from: a text with its `encoding`, or the bytes themselves. */
  readonly secret: string | Uint8Array;
  readonly encoding?: 'base32' | 'hex' | 'ascii' | 'base64';
  /** Default `sha1`. */
  readonly algorithm?: 'sha1' | 'sha256' | 'sha512';
  /** Default 6. */
  readonly digits?: 6 | 8;
  /** Seconds; default 30. */
  readonly period?: 30 | 60;
  /** What the person calls it; default `Authenticator app`. */
  readonly name?: string;
  /** The step (seconds since 1970 by `period`) of the last code that was accepted: it and those before are used up here too. */
  readonly lastStep?: number | null;
}

export interface ImportOptions extends By {
  /** Takes over secrets of 80 to 127 bits too; RFC 4226 asks for 128. Default false. Their `factor.imported` says `weak: true`. */
  readonly allowWeak?: boolean;
}

/** What became of the rows. Nothing of a secret is in it. */
export interface ImportReport {
  readonly imported: number;
  /** The very secret was imported for this user before. */
  readonly skipped: number;
  readonly refused: readonly {
    /** Counted from 0. */
    readonly row: number;
    readonly userId?: UserId;
    readonly reason: string;
  }[];
}

/** One row after another, each all or nothing. */
export async function importTotp(
  flows: FlowDeps,
  rows: Iterable<TotpRow> | AsyncIterable<TotpRow>,
  { allowWeak = false, ...by }: ImportOptions = {},
): Promise<ImportReport> {
  if (flows.factors.get('totp')?.importEnrolment === undefined)
    throw new MfaError('field_invalid', 'api.importTotp: `totp()` is not among the factors.');
  if (!isIterable(rows))
    throw new MfaError('field_invalid', 'api.importTotp: expected a list of rows, or an async iterable of them.');
  let [row, imported, skipped] = [0, 0, 0];
  const refused: ImportReport['refused'][number][] = [];
  for await (const given of rows) {
    const subject = await subjectOfRow(flows, given);
    const result =
      typeof subject === 'string'
        ? ({ outcome: 'refused', reason: subject } as const)
        : await importFactor(flows, subject, { kind: 'totp', input: { ...given }, allowWeak }, by);
    if (result.outcome === 'imported') imported += 1;
    else if (result.outcome === 'skipped') skipped += 1;
    else refused.push({ row, ...idOf(given), reason: result.reason });
    row += 1;
  }
  return { imported, skipped, refused };
}

/** The user the row names, or why there is none. Only users the host knows: what nobody owns would never be deleted. */
async function subjectOfRow(flows: FlowDeps, given: unknown): Promise<Subject | string> {
  const { userId } = idOf(given);
  if (userId === undefined) return 'row_malformed';
  const { tenant } = given as Partial<TotpRow>;
  const user: HostUser | undefined = await flows.ask.findById(userId, tenant);
  if (!user) return 'user_unknown';
  const subject = subjectOf(flows, user);
  return tenant !== undefined && tenant !== subject.tenant ? 'user_unknown' : subject;
}

function idOf(given: unknown): { readonly userId?: UserId } {
  const { userId } = (typeof given === 'object' && given !== null ? given : {}) as { userId?: unknown };
  const isUsable = (typeof userId === 'string' && userId !== '') || Number.isSafeInteger(userId);
  return isUsable ? { userId: userId as UserId } : {};
}

function isIterable(rows: unknown): boolean {
  return typeof rows === 'object' && rows !== null && (Symbol.iterator in rows || Symbol.asyncIterator in rows);
}
