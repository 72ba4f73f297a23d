/** What every flow is given. Made once, in create-mfa. */
import type { Captcha } from '../core/captcha.js';
import type { WebhookName } from '../core/delivery.js';
import type { EventType, MfaEvent } from '../core/events.js';
import type { Factor } from '../core/factor.js';
import type { Sealer } from '../core/sealing.js';
import type { LogRow, Store } from '../core/store.js';
import type { HostUser, RequestFacts, UserId } from '../core/words.js';
import type { Limits } from '../policy/limits.js';
import type { Prices } from '../policy/prices.js';
import type { Policy } from '../policy/sign-in-verdict.js';
import type { RiskCheck } from './assess-risk.js';
import type { CarrierBreakers } from './carrier-breakers.js';
import type { CarrierFaults } from './carrier-faults.js';
import type { Spending } from './spending.js';

/** Questions the host answers. Each may be async; an error in one that decides is a refusal, never a way through. */
export interface HostAnswers {
  findById(id: UserId, tenant: string | undefined): Promise<HostUser | undefined>;
  idOf(user: HostUser): UserId;
  labelOf(user: HostUser): string;
  tenantOf(user: HostUser): string | undefined;
  verifyPassword?(user: HostUser, password: string): Promise<boolean>;
  policy(user: HostUser): Promise<Policy>;
  /** False refuses. */
  beforeChallenge(user: HostUser, about: { factor: string; channel?: string; facts: RequestFacts }): Promise<boolean>;
  beforeSignIn(user: HostUser, about: { factor?: string; facts: RequestFacts }): Promise<boolean>;
  /** Ends the user's other sessions, where the host can. Failure is reported, never fatal. */
  endSessions(userId: UserId, reason: EventType): Promise<void>;
}

export interface FlowDeps {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly factors: ReadonlyMap<string, Factor>;
  readonly limits: Limits;
  readonly carriers: CarrierBreakers;
  readonly carrierFaults: CarrierFaults;
  /** Who may tell afterwards what became of a send, so that it is worth knowing whose it was. */
  readonly webhooks: readonly WebhookName[];
  readonly prices: Prices | undefined;
  readonly carrierOrder: 'given' | 'cost';
  readonly channelOrder: 'given' | 'cost';
  readonly spending: Spending;
  readonly ask: HostAnswers;
  /** Undefined: nobody looks. */
  readonly risk?: RiskCheck;
  readonly captcha?: Captcha;
  readonly issuer: string;
  /** Host name of `baseUrl`, without a port. */
  readonly host: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Tells the listeners; called after the rows are safe in the log. Never throws. */
  readonly publish: (events: readonly MfaEvent[]) => void;
  /** Tells the host of a fault that somebody could work around. Never throws. */
  readonly report: (error: unknown) => void;
  /** This process learns at once that older proofs of the owner are void. */
  readonly noteEpoch: (owner: string, epoch: number) => void;
}

/** Events with their log rows: the rows go into the commit, `publish` follows when it happened. */
export interface Said {
  readonly rows: readonly LogRow[];
  readonly events: readonly MfaEvent[];
}
