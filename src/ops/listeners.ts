import { type EventType, type MfaEvent, SECURITY_CHANGES } from '../core/events.js';

export type Listener<Type extends EventType = EventType> = (event: MfaEvent<Type>) => unknown;

/** Everybody who hears events. What a listener throws, or rejects with, is reported and changes nothing: the row is in the log already. */
export function createListeners(onError: (error: unknown) => void) {
  const byType = new Map<string, Set<Listener>>();

  function on<Type extends EventType>(type: Type | '*', listener: Listener<Type>): () => void {
    const listeners = byType.get(type) ?? new Set();
    byType.set(type, listeners);
    listeners.add(listener as Listener);
    return () => void listeners.delete(listener as Listener);
  }

  function publish(events: readonly MfaEvent[]): void {
    for (const event of events) {
      for (const listener of [...(byType.get(event.type) ?? []), ...(byType.get('*') ?? [])]) tell(listener, event);
    }
  }

  function tell(listener: Listener, event: MfaEvent): void {
    try {
      Promise.resolve(listener(event)).catch(onError);
    } catch (error) {
      onError(error);
    }
  }

  return { on, publish };
}

/** Calls `notify` for the events a user must hear of. */
export function noticesTo(notify: (userId: MfaEvent['userId'], event: MfaEvent) => unknown): Listener {
  return (event) => (SECURITY_CHANGES.has(event.type) ? notify(event.userId, event) : undefined);
}
