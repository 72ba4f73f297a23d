/** Sending to a place stops, or a cap of the day is reached: the operator is told once. */
import type { NewEvent, SendLimit } from '../core/events.js';
import { SET_UPS_DAY } from '../policy/limits.js';
import { placeOf, type Scope } from '../policy/toll-fraud.js';
import type { FlowDeps } from './deps.js';
import { SENDS_OWNER, type Send } from './one-send.js';
import { maskedPrefix } from './places.js';
import { say } from './say.js';

/** Kind of the records that stop a place, and end by themselves. */
export const BLOCKED = 'blocked';
const TOLD = 'told';

/** Answers until when. Of many sends at once, in all processes, one opens it and tells. */
export async function openBlock(deps: FlowDeps, send: Send, scope: Scope, now: number): Promise<number> {
  const settingUp = send.lockedBy === undefined;
  const ttlMs = deps.limits.conversion?.blockMs ?? 0;
  await once(
    deps,
    send,
    { kind: BLOCKED, id: placeOf(scope, settingUp), ttlMs },
    {
      type: 'sending.blocked',
      limit: 'conversion',
      stops: settingUp ? 'set-ups' : 'all',
      ...countryOf(send),
      ...(scope.kind === 'prefix' ? { prefix: maskedPrefix(send.to) } : {}),
      until: now + ttlMs,
    },
  );
  return now + ttlMs;
}

/** Told once for each day that it is reached. */
export async function capReached(
  deps: FlowDeps,
  send: Send,
  limit: SendLimit,
  key: string,
  { retryAt, now }: { readonly retryAt: number; readonly now: number },
): Promise<void> {
  await once(
    deps,
    send,
    { kind: TOLD, id: key, ttlMs: Math.max(1, retryAt - now) },
    {
      type: 'sending.blocked',
      limit,
      stops: key === SET_UPS_DAY ? 'set-ups' : 'all',
      ...(limit === 'country_money' ? countryOf(send) : {}),
      until: retryAt,
    },
  );
}

async function once(
  deps: FlowDeps,
  { subject }: Send,
  { kind, id, ttlMs }: { readonly kind: string; readonly id: string; readonly ttlMs: number },
  fact: NewEvent<'sending.blocked'>,
): Promise<void> {
  const said = say(deps, { subject }, [fact]);
  const done = await deps.store.commit(SENDS_OWNER, {
    writes: [{ do: 'put', kind, id, data: null, ttlMs, if: 'absent' }],
    log: said.rows,
  });
  if (done.ok) deps.publish(said.events);
}

function countryOf({ country }: Send): { readonly country?: string } {
  return country === undefined ? {} : { country };
}
