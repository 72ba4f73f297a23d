import { didYouMean } from '../core/did-you-mean.js';
import { MfaError } from '../core/errors.js';
import { type EventType, type MfaEvent, SECURITY_CHANGES } from '../core/events.js';

export type Listener<Type extends EventType = EventType> = (event: MfaEvent<Type>) => unknown;

/** So that nobody listens for what never happens; the type makes sure none is forgotten. */
const TYPES: Readonly<Record<EventType, true>> = {
  'sign_in.pending': true,
  'sign_in.completed': true,
  'sign_in.exempted': true,
  'sign_in.refused': true,
  'risk.scored': true,
  'lookup.made': true,
  'lookup.failed': true,
  'captcha.failed': true,
  'sign_in.cancelled': true,
  'challenge.sent': true,
  'challenge.send_failed': true,
  'challenge.delivered': true,
  'challenge.undelivered': true,
  'sending.blocked': true,
  'challenge.failed': true,
  'challenge.passed': true,
  'factor.added': true,
  'factor.replaced': true,
  'factor.imported': true,
  'factor.renamed': true,
  'factor.removed': true,
  'backup_codes.made': true,
  'backup_code.used': true,
  'user.locked': true,
  'user.unlocked': true,
  'mfa.disabled': true,
  'mfa.reset': true,
  'credentials.changed': true,
  'user.exported': true,
  'user.forgotten': true,
};

export const EVENT_TYPES: readonly string[] = Object.keys(TYPES);

/** Everybody who hears events. What a listener throws, or rejects with, is reported and changes nothing: the row is in the log already. */
export function createListeners(onError: (error: unknown) => void) {
  const byType = new Map<string, Set<Listener>>();

  function on<Type extends EventType>(type: Type | '*', listener: Listener<Type>): () => void {
    if (type !== '*' && !EVENT_TYPES.includes(type)) {
      throw new MfaError(
        'set_up',
        `mfa.on: there is no event '${String(type)}'.${didYouMean(String(type), EVENT_TYPES)}`,
      );
    }
    if (typeof listener !== 'function') throw new MfaError('set_up', `mfa.on('${type}'): expected a function.`);
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
