import { MfaError } from './errors.js';
import type { Store } from './store.js';

interface Waiting {
  readonly endsAt: number;
  readonly giveUp: (error: Error) => void;
}

/**
 * The same store, with an answer in time or none: a verb that takes longer than `timeoutMs` counts as failed. Whatever a store throws becomes "unavailable",
 * so that no driver's message reaches anybody, and nothing reads as "not there". `monotonic` is in milliseconds and is never set back.
 */
export function withDeadline(store: Store, timeoutMs: number, monotonic: () => number): Store {
  // All wait equally long, so the first that began is the first to end: one timer is enough, however many calls there are.
  const waiting = new Set<Waiting>();
  let timer: NodeJS.Timeout | undefined;

  function watch(): void {
    const [first] = waiting;
    if (!first || timer) return;
    timer = setTimeout(giveUpLate, Math.max(1, Math.ceil(first.endsAt - monotonic())));
    timer.unref();
  }

  function giveUpLate(): void {
    timer = undefined;
    for (const one of waiting) {
      if (one.endsAt > monotonic()) break;
      waiting.delete(one);
      one.giveUp(new Error(`the ${store.name} store did not answer within ${timeoutMs} ms`));
    }
    watch();
  }

  function failure(error: unknown): MfaError {
    if (error instanceof MfaError) return error;
    return new MfaError('unavailable', `express-mfa: the ${store.name} store failed.`, {
      retryAfterMs: 5_000,
      cause: error,
    });
  }

  function within<T>(verb: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const one: Waiting = { endsAt: monotonic() + timeoutMs, giveUp: (error) => reject(failure(error)) };
      const failed = (error: unknown) => {
        waiting.delete(one);
        reject(failure(error));
      };
      waiting.add(one);
      watch();
      try {
        verb().then((answer) => {
          waiting.delete(one);
          resolve(answer);
        }, failed);
      } catch (error) {
        failed(error);
      }
    });
  }

  return {
    name: store.name,
    volatile: store.volatile,
    ...(store.tiers && {
      tiers: store.tiers.map(({ tier, store: part }) => ({ tier, store: withDeadline(part, timeoutMs, monotonic) })),
    }),
    read: (owner, refs) => within(() => store.read(owner, refs)),
    commit: (owner, step) => within(() => store.commit(owner, step)),
    append: (rows) => within(() => store.append(rows)),
    scan: (query) => within(() => store.scan(query)),
    owners: (query) => within(() => store.owners(query)),
    // Cleaning up is nobody's request, and may take its time.
    sweep: (options) => store.sweep(options),
    forget: (owner, only) => within(() => store.forget(owner, only)),
    ping: () => within(() => store.ping()),
    close: () => store.close(),
  };
}
