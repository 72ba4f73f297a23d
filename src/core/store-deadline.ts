import { MfaError } from './errors.js';
import type { Store } from './store.js';

/**
 * The same store, with an answer in time or none: a verb that takes longer than `timeoutMs` counts as failed. Whatever a store throws becomes "unavailable",
 * so that no driver's message reaches anybody, and nothing reads as "not there".
 */
export function withDeadline(store: Store, timeoutMs: number): Store {
  async function within<T>(verb: () => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`the ${store.name} store did not answer within ${timeoutMs} ms`)),
        timeoutMs,
      );
    });
    try {
      return await Promise.race([verb(), late]);
    } catch (error) {
      if (error instanceof MfaError) throw error;
      throw new MfaError('unavailable', `express-mfa: the ${store.name} store failed.`, {
        retryAfterMs: 5_000,
        cause: error,
      });
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    name: store.name,
    volatile: store.volatile,
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
