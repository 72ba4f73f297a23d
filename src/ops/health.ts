/** What works and what does not, in words that may be shown to whoever runs the app. */
import type { Store } from '../core/store.js';
import type { EpochWatch } from '../flows/epoch-watch.js';
import type { DeliveryWatch, SeenDelivery } from './delivery-watch.js';

export interface StoreHealth {
  readonly name: string;
  /** Where the store is one of two. */
  readonly tier?: 'durable' | 'fast';
  readonly state: 'ok' | 'unavailable';
  /** How long the answer took, or was waited for. */
  readonly ms: number;
}

export interface Health {
  /** `degraded`: sign-ins go on, and something needs to be looked at. `unavailable`: they answer 503. */
  readonly status: 'ok' | 'degraded' | 'unavailable';
  readonly stores: readonly StoreHealth[];
  readonly deliveries: readonly SeenDelivery[];
  /** What this process knows of proofs that ended: `idle` while nobody asks, `failing` where it cannot be read. */
  readonly epochs: { readonly state: 'fresh' | 'idle' | 'failing'; readonly ageMs?: number };
}

export interface HealthDeps {
  /** Answers in time or throws. */
  readonly store: Store;
  readonly deliveries: DeliveryWatch;
  readonly epochs: Pick<EpochWatch, 'freshness' | 'ready'>;
  readonly monotonic: () => number;
}

export interface HealthProbe {
  stores(): Promise<readonly StoreHealth[]>;
  all(): Promise<Health>;
}

export function createHealthProbe({ store, deliveries, epochs, monotonic }: HealthDeps): HealthProbe {
  let asking: Promise<readonly StoreHealth[]> | undefined;

  /** Probes that come together share one answer: an outage must not be met with more and more questions. */
  function stores(): Promise<readonly StoreHealth[]> {
    asking ??= Promise.all(partsOf(store).map(ask)).finally(() => {
      asking = undefined;
    });
    return asking;
  }

  async function ask({ store: part, tier }: Part): Promise<StoreHealth> {
    const startedAt = monotonic();
    const state = await part.ping().then(
      () => 'ok' as const,
      () => 'unavailable' as const,
    );
    return { name: part.name, ...(tier ? { tier } : {}), state, ms: Math.round(monotonic() - startedAt) };
  }

  return {
    stores,
    async all() {
      const asked = await stores();
      const seen = deliveries.seen();
      // Read again only where the last reading failed: otherwise it would be "failing" until the next request of a user.
      if (isUp(asked) && epochs.freshness().state === 'failing') await epochs.ready().catch(() => undefined);
      const fresh = epochs.freshness();
      const isDegraded = fresh.state === 'failing' || seen.some(({ state }) => state === 'failing');
      const status = isUp(asked) ? (isDegraded ? 'degraded' : 'ok') : 'unavailable';
      return { status, stores: asked, deliveries: seen, epochs: fresh };
    },
  };
}

export function isUp(stores: readonly StoreHealth[]): boolean {
  return stores.every(({ state }) => state === 'ok');
}

type Part = { readonly store: Store; readonly tier?: 'durable' | 'fast' };

function partsOf(store: Store): readonly Part[] {
  return store.tiers ?? [{ store }];
}
