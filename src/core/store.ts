/**
 * The store port: everything this library remembers goes through these few verbs.
 *
 * Records, counters and log rows belong to an *owner* (a user, an address, a phone number). One `commit` concerns one owner and
 * is atomic: on Redis Cluster it is one hash slot, on a database one transaction. No flow reads and then writes what it
 * decided from the read: whatever must still be true is said again as a condition of the commit.
 *
 * All times are the store's own clock, so that two processes with different clocks agree on what has expired.
 *
 * Names (owners, kinds, ids, keys, types) are any texts of at most 800 bytes as `core/stored-name.ts` counts them, NUL and lone
 * surrogates included; a longer one is `MfaError('bad_request')`. Durations are numbers from 0 with an end, limits and `atMost` numbers
 * from 0 (Infinity: none), marks and versions whole numbers; anything else is a TypeError, before anything is done.
 */

/** Plain JSON. What is secret in it has been sealed or hashed before it gets here. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Names a record; without an id, every live record of the kind that the owner has. */
export interface Ref {
  readonly kind: string;
  readonly id?: string;
}

/** One stored thing: an enrolment, a challenge, a pending sign-in. */
export interface StoredRecord {
  readonly kind: string;
  readonly id: string;
  readonly data: Json;
  /** Starts at 1 and grows by one with every `put`. */
  readonly version: number;
  /** A whole number that only ever goes up (a TOTP step, a signature counter, the epoch); 0 when never set. `put` leaves it alone. */
  readonly mark: number;
  /** Milliseconds since 1970 by the store's clock; undefined for what does not expire. */
  readonly expiresAt?: number;
  /** Milliseconds since 1970 by the store's clock, of the first `put`. */
  readonly createdAt: number;
}

/**
 * What must be true of one record for the whole commit to happen. A record is absent from its `expiresAt` on.
 * `mark` counts an absent record as 0.
 */
export type Condition = 'absent' | 'present' | { readonly version: number } | { readonly mark: number };

/** One step of a commit. */
export type Write =
  /** Changes nothing; the commit fails unless the condition holds. */
  | { readonly do: 'check'; readonly kind: string; readonly id: string; readonly if: Condition }
  /**
   * Writes the data. Without `ttlMs` the record stays until it is deleted. `atMost` refuses the commit when the owner would
   * afterwards hold more than so many live records of this kind.
   */
  | {
      readonly do: 'put';
      readonly kind: string;
      readonly id: string;
      readonly data: Json;
      readonly ttlMs?: number;
      readonly if?: Condition;
      readonly atMost?: number;
    }
  /**
   * Deletes the record (and its mark). Deleting what is not there is fine unless `if` says otherwise. Without an id: all of the
   * kind, where `present` asks for at least one, and a version or mark is an error.
   */
  | { readonly do: 'delete'; readonly kind: string; readonly id?: string; readonly if?: Condition }
  /** Sets the mark to `to`; refuses the commit unless `to` is above the mark now. The record must be present. */
  | { readonly do: 'raise'; readonly kind: string; readonly id: string; readonly to: number }
  /** Adds 1 to the mark, making the record (data null, no expiry) where there is none. */
  | { readonly do: 'bump'; readonly kind: string; readonly id: string };

/**
 * One counter to move. The window starts with the first hit and is not extended by later ones.
 * Every hit has a number. What counts against the limit are the hits that were neither settled nor refunded.
 */
export interface Hit {
  readonly key: string;
  /** The hit is refused when already this many count. */
  readonly limit: number;
  /** The counter is forgotten this long after its first hit; undefined keeps it until it is cleared. */
  readonly windowMs?: number;
  /**
   * Pauses: `waits[n]` milliseconds must pass after the n-th counted hit before the next is admitted.
   * `{ 10: 900000 }` locks for fifteen minutes after the tenth. A pause starts with the latest hit that was not refunded.
   */
  readonly waits?: { readonly [count: number]: number };
  /** Admitted or refused like a hit, and not counted. Its `Count` is where the counter stands. */
  readonly peek?: true;
}

/** Where a counter stands after an admitted hit. */
export interface Count {
  readonly key: string;
  /**
   * The number of this hit, for `settle` and `refund`: above those of all earlier hits of the key, also of those before the
   * counter was forgotten or cleared. It need not start at 1; what people are shown is `count`.
   */
  readonly total: number;
  /** What counts against the limit, this hit included. */
  readonly count: number;
  /** When the counter is forgotten; undefined: never by itself. */
  readonly resetAt?: number;
}

/** Takes counted hits back. */
export type CounterWrite =
  /** Everything up to and including hit number `upTo` no longer counts; later hits do. Doing it twice changes nothing more. */
  | { readonly do: 'settle'; readonly key: string; readonly upTo: number }
  /** Takes one hit back, unless number `hit` was settled already. The caller does this at most once per hit. */
  | { readonly do: 'refund'; readonly key: string; readonly hit: number }
  /**
   * Forgets counters whose key begins with this. `unneeded`: what they counted ends with a record that this commit deletes, so a store made of
   * several may forget them together with that record, before the rest of the commit is decided.
   */
  | { readonly do: 'clear'; readonly prefix: string; readonly unneeded?: true };

/** One row of the audit log. */
export interface LogRow {
  /** Unique; appending a row whose id is there already changes nothing. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly type: string;
  readonly owner?: string;
  /** Set on rows that made the owner's epoch grow: its new value. */
  readonly epoch?: number;
  readonly data: Json;
}

/**
 * One atomic step for one owner. Nothing of it happens unless all of it can. The writes are done in order, each seeing those
 * before it, then the counters, then the hits.
 */
export interface Commit {
  /** Counted last: a failed condition moves no counter. All counters move, or none. */
  readonly hits?: readonly Hit[];
  readonly writes?: readonly Write[];
  readonly counters?: readonly CounterWrite[];
  /** Read after the writes, inside the same step. */
  readonly reads?: readonly Ref[];
  /** Rows that exist exactly if the commit happened. */
  readonly log?: readonly LogRow[];
  /**
   * The caller has just seen that all of it can be done. A store made of several need not ask them first; where somebody came in between, the commit is
   * refused all the same, but what it took from one of them may be gone.
   */
  readonly seenToHold?: true;
}

/** What became of a commit. */
export type Committed =
  | {
      readonly ok: true;
      /** One per `hits`, peeks included, in order. */
      readonly counts: readonly Count[];
      /** One list per `reads`, in order; records sorted by createdAt, then id. */
      readonly records: readonly (readonly StoredRecord[])[];
      /** The store's clock. */
      readonly now: number;
    }
  | {
      readonly ok: false;
      /** `condition`: write number `index` did not hold. `limit`: hit number `index` was refused. */
      readonly reason: 'condition' | 'limit';
      readonly index: number;
      /** For `limit`: when a hit will be admitted again; undefined when only `clear` or `settle` opens it. */
      readonly retryAt?: number;
      readonly now: number;
    };

/** What to look for in the audit log; every given field must match. */
export interface LogQuery {
  readonly owner?: string;
  readonly types?: readonly string[];
  /** Inclusive, milliseconds since 1970. */
  readonly from?: number;
  /** Exclusive. */
  readonly to?: number;
  /** Only rows with an epoch. */
  readonly bumps?: boolean;
  /** Default `desc`: newest first. */
  readonly order?: 'asc' | 'desc';
  /** Rows per page, 1 to 500 (what is outside is taken as the nearest); default 50. */
  readonly limit?: number;
  /** `next` of the page before. Anything else throws. */
  readonly cursor?: string;
}

export interface LogPage {
  readonly rows: readonly LogRow[];
  /** Present when there are more rows. */
  readonly next?: string;
}

/** Whose records of one kind: the first step of work that concerns everybody. */
export interface OwnerQuery {
  readonly kind: string;
  /** About so many owners a page, 1 to 1000; default 100. A store may answer fewer, even none, and a few more. */
  readonly limit?: number;
  /** `next` of the page before, from any process that has the store. Anything else throws. */
  readonly cursor?: string;
}

export interface OwnerPage {
  readonly owners: readonly string[];
  /** Present until the walk is over. */
  readonly next?: string;
}

/**
 * Implement this to keep everything in a database of your own; `storeContract` in `express-mfa/testing` tells you whether it is
 * right. A verb that cannot do its work throws (any error: the library answers 503); it never answers "nothing there" instead.
 */
export interface Store {
  /** Shown in health and set-up messages: `memory`, `sqlite`. */
  readonly name: string;
  /** True where the records are gone with the process, or are not shared by several; refused in production unless allowed. */
  readonly volatile: boolean;
  /** The stores this one is made of, so that health can name the one that fails. */
  readonly tiers?: readonly { readonly tier: 'durable' | 'fast'; readonly store: Store }[];
  /** One list per ref, in order, from one consistent moment. A strong read: what was committed before is seen. */
  read(owner: string, refs: readonly Ref[]): Promise<readonly (readonly StoredRecord[])[]>;
  commit(owner: string, step: Commit): Promise<Committed>;
  append(rows: readonly LogRow[]): Promise<void>;
  scan(query: LogQuery): Promise<LogPage>;
  /**
   * One page of the owners that have a record of the kind, in any order. Whoever has one from the first page to the last is named, some
   * more than once; who gets or loses one meanwhile may be named or not, and so may those whose records have just expired.
   */
  owners(query: OwnerQuery): Promise<OwnerPage>;
  /** Deletes what has expired, and log rows older than `logBefore`. Safe beside live traffic and in several processes. */
  sweep(options?: { readonly logBefore?: number }): Promise<{ readonly removed: number }>;
  /** Deletes every record and counter of the owner, and its log rows. With `only`, just log rows, and not those whose ids it names. */
  forget(owner: string, only?: { readonly rowsBut: readonly string[] }): Promise<void>;
  /** Throws when the store cannot work now. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
