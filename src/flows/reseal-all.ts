import { refuseUnknownOptions } from '../core/known-options.js';
import type { FlowDeps } from './deps.js';
import { resealOwner, type UnreadableRecord } from './reseal-owner.js';

export interface ResealOptions {
  /** Goes on where an earlier call was: the `cursor` of its progress or of its report. */
  readonly cursor?: string;
  /** Hears how far it is, after each page of some hundred users. */
  readonly onProgress?: (progress: ResealProgress) => void;
  /** Stops after the page that is being worked on; the report then has a `cursor`. */
  readonly signal?: AbortSignal;
}

export interface ResealProgress {
  /** Users that were looked at. */
  readonly users: number;
  /** Records that hold something sealed. */
  readonly looked: number;
  /** Of those, how many an older secret had sealed and the newest has now. */
  readonly resealed: number;
  /** How many are still sealed with an older secret, or have their place among a number's accounts under one, because somebody changed them each time. */
  readonly left: number;
  /** How many no secret of now opens. */
  readonly unreadableCount: number;
  /** Where to go on; absent at the end. */
  readonly cursor?: string;
}

export interface ResealReport extends ResealProgress {
  /** The first hundred of them. */
  readonly unreadable: readonly UnreadableRecord[];
  /**
   * From then on nothing needs the older secrets any more: what is short-lived has expired too. Absent while something is left or cannot be read, and for a
   * run that was stopped or did not begin at the beginning. It holds where every process had the newest secret at the head of `secrets` before this began.
   */
  readonly olderSecretsFreeFrom?: Date;
}

const MOST_LISTED = 100;
const USERS_PER_PAGE = 200;
/** So many users at a time: enough to hide round trips, few enough to leave the store to those who sign in. */
const AT_ONCE = 4;

/**
 * Goes over everything that is kept sealed, and seals with the newest secret what an older one sealed. Safe while the app runs and in several processes at
 * once; doing it again is harmless. Throws `unavailable` where the store fails: what was done stays done.
 */
export async function resealAll(deps: FlowDeps, options: ResealOptions = {}): Promise<ResealReport> {
  refuseUnknownOptions('api.resealAll', options, ['cursor', 'onProgress', 'signal']);
  const { onProgress, signal } = options;
  const unreadable: UnreadableRecord[] = [];
  let so: ResealProgress = { users: 0, looked: 0, resealed: 0, left: 0, unreadableCount: 0 };
  let { cursor } = options;

  async function takeEach(owners: Iterator<string>): Promise<void> {
    for (let next = owners.next(); !next.done; next = owners.next()) {
      const at = await resealOwner(deps, next.value);
      unreadable.push(...at.unreadable.slice(0, MOST_LISTED - unreadable.length));
      so = {
        users: so.users + 1,
        looked: so.looked + at.looked,
        resealed: so.resealed + at.resealed,
        left: so.left + at.left,
        unreadableCount: so.unreadableCount + at.unreadable.length,
      };
    }
  }

  do {
    const page = await deps.store.owners({
      kind: 'enrolment',
      limit: USERS_PER_PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    // All take from one list, each the next that nobody has taken.
    const owners = page.owners.values();
    await Promise.all(Array.from({ length: AT_ONCE }, () => takeEach(owners)));
    cursor = page.next;
    onProgress?.({ ...so, ...(cursor === undefined ? {} : { cursor }) });
  } while (cursor !== undefined && !signal?.aborted);

  if (cursor !== undefined) return { ...so, cursor, unreadable };
  const isAll = options.cursor === undefined && so.left === 0 && so.unreadableCount === 0;
  return { ...so, unreadable, ...(isAll ? { olderSecretsFreeFrom: new Date(deps.clock() + shortLivedMs(deps)) } : {}) };
}

/** What was begun under an older secret (a code on its way, a set-up, backup codes to be shown) is over by then. */
function shortLivedMs({ limits }: FlowDeps): number {
  return Math.max(limits.codeTtlMs, limits.pendingTtlMs, limits.draftTtlMs, limits.freshCodesTtlMs);
}
