import { eventId } from '../core/event-id.js';
import type { MfaEvent, NewEvent } from '../core/events.js';
import type { Json, LogRow } from '../core/store.js';
import type { RequestFacts, Subject } from '../core/words.js';
import type { FlowDeps, Said } from './deps.js';

/** Turns what happened into events and their log rows. `epoch`: the owner's new epoch, put on the first of them. */
export function say(
  deps: Pick<FlowDeps, 'clock'>,
  about: {
    readonly subject: Pick<Subject, 'id' | 'owner' | 'tenant'>;
    readonly facts?: RequestFacts;
    readonly actor?: string;
  },
  news: readonly NewEvent[],
  epoch?: number,
): Said {
  const { ip, userAgent, requestId } = about.facts ?? {};
  const at = deps.clock();
  const events = news.map((fact, index) => ({
    id: eventId(at),
    at,
    userId: about.subject.id,
    ...(about.subject.tenant === undefined ? {} : { tenant: about.subject.tenant }),
    ...(ip === undefined ? {} : { ip }),
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(about.actor === undefined ? {} : { actor: about.actor }),
    ...(epoch !== undefined && index === 0 ? { epoch } : {}),
    ...fact,
  })) as MfaEvent[];
  return { events, rows: events.map((event) => rowOf(event, about.subject.owner)) };
}

/** Writes events that belong to no commit, then tells them. */
export async function sayNow(
  deps: Pick<FlowDeps, 'clock' | 'store' | 'publish'>,
  about: Parameters<typeof say>[1],
  news: readonly NewEvent[],
): Promise<void> {
  const said = say(deps, about, news);
  await deps.store.append(said.rows);
  deps.publish(said.events);
}

function rowOf(event: MfaEvent, owner: string): LogRow {
  const { id, at, type, epoch, ...rest } = event;
  return { id, at, type, owner, ...(epoch === undefined ? {} : { epoch }), data: rest as Json };
}
