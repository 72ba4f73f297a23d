import { type Refusal, refuse } from '../core/errors.js';
import type { EnrolmentDisplay, Factor, Input } from '../core/factor.js';
import type { Json, Write } from '../core/store.js';
import type { Draft, Enrolment } from '../core/words.js';
import { setUpsAtOnce } from '../policy/limits.js';
import { type Asking, contextOf, factorContext, visitorHolds } from './account.js';
import { newEnrolmentId } from './challenge-ids.js';
import { channelChoice, chooseChannel, draftChannels, keptOf } from './choose-channel.js';
import type { FlowDeps } from './deps.js';
import { guardChange, type MayChange } from './guard-change.js';
import { readName } from './names.js';
import { taken } from './one-send.js';
import { fingerprint } from './places.js';
import { runningDraft } from './running-send.js';
import { begunAs, sendEnrolmentCode } from './send-enrolment-code.js';
import { allOrNothing } from './take-backs.js';
import { SECOND_CLICK_MS } from './unsent.js';

export interface EnrolmentRequest {
  readonly kind: string;
  /** What the person sent: `name`, `phone`, `country` ... */
  readonly input: Input;
  /** An enrolment of the same kind that goes when the new one works, and not before. */
  readonly replaces?: string;
}

export type BegunDraft =
  | { readonly ok: true; readonly draft: Draft; readonly display: EnrolmentDisplay; readonly resendAt?: number }
  | Refusal;

/** Starts setting a factor up. Nothing counts as a factor until `confirmEnrolment`; what is begun and not finished disappears by itself. */
export async function beginEnrolment(deps: FlowDeps, asking: Asking, request: EnrolmentRequest): Promise<BegunDraft> {
  const may = await guardChange(deps, asking, { forcedToo: true });
  if ('code' in may) return may;
  const factor = deps.factors.get(request.kind);
  if (factor?.role !== 'factor' || !may.policy.allows(request.kind)) return refuse('not_found');
  const name = readName(request.input.name);
  if (!name.ok) return name;
  const replaced =
    request.replaces === undefined ? undefined : may.account.enrolments.find((one) => one.id === request.replaces);
  if (request.replaces !== undefined && replaced?.kind !== request.kind) return refuse('not_found');
  if (!replaced && isFull(deps, factor, may)) return refuse('too_many_factors');

  const id = newEnrolmentId(deps.sealer, request.kind, may.account.subject.owner);
  const context = factorContext(deps, may.account.subject, id, asking.facts.locale);
  const begun = await factor.beginEnrolment(request.input, context);
  if (!begun.ok) return begun;
  const quiet: Omit<Draft, 'createdAt' | 'expiresAt'> = {
    id,
    kind: request.kind,
    name: name.name ?? replaced?.name ?? unusedName(begun.defaultName, may.account.enrolments),
    data: begun.data,
    context: contextOf(asking.visitor),
    ...(begun.destination === undefined ? {} : { destination: begun.destination }),
    ...(replaced ? { replaces: replaced.id } : {}),
  };
  const to = begun.channel === undefined ? undefined : await factor.sending?.(begun.data, context);
  const channels = to && draftChannels(may.account, quiet, { factor, to, policy: may.policy });
  const chosen = channels && chooseChannel(factor, await channelChoice(deps, channels), wantedChannel(request.input));
  if (chosen && !chosen.ok) return chosen;
  const draft = chosen ? { ...quiet, ...keptOf(chosen) } : quiet;
  const place = to && {
    context: draft.context,
    kind: [draft.kind, replaced?.id ?? '', chosen?.channel].join(':'),
    to: fingerprint(deps, to.to),
  };
  const holds = visitorHolds(asking.visitor);
  const begin = async () =>
    await deps.store.commit(may.account.subject.owner, {
      ...(place ? { hits: [setUpsAtOnce(place, SECOND_CLICK_MS)] } : {}),
      writes: [
        ...holds,
        ...makeRoom(may.account.drafts, deps.limits.draftsPerUser),
        {
          do: 'put',
          kind: 'draft',
          id,
          data: draft as unknown as Json,
          ttlMs: deps.limits.draftTtlMs,
          if: 'absent',
          atMost: deps.limits.draftsPerUser,
        },
      ],
    });
  let done = await begin();
  if (!done.ok && done.reason === 'limit') {
    const sent = await begunAlready(deps, may, draft, to?.to ?? '');
    if (sent) return sent;
    // Nothing came of the first.
    done = await begin();
    if (!done.ok && done.reason === 'limit') return refuse('send_limited', { retryAfterMs: SECOND_CLICK_MS });
  }
  if (!done.ok) return refuse(done.index < holds.length ? 'sign_in_again' : 'too_many_factors');
  const { now, counts } = done;
  const saved: Draft = { ...draft, createdAt: now, expiresAt: now + deps.limits.draftTtlMs };
  if (!channels || !chosen)
    return { ok: true, draft: saved, display: (await factor.display?.(begun.data, context)) ?? {} };
  return await allOrNothing<BegunDraft>(deps, async (takeBack) => {
    // Where nobody was called they may come again at once: that is no second click.
    takeBack(() =>
      deps.store.commit(may.account.subject.owner, {
        writes: [{ do: 'delete', kind: 'draft', id, if: { version: 1 } }],
        counters: counts.map(taken),
      }),
    );
    return await sendEnrolmentCode(deps, asking, may.account, saved, { channels, chosen });
  });
}

/** What the person named, if anything: the form's first choice is none. */
function wantedChannel({ channel }: Input): string | undefined {
  return typeof channel === 'string' && channel !== '' ? channel : undefined;
}

/** A second click: what comes of the set-up that the first one began. */
async function begunAlready(
  deps: FlowDeps,
  { account: { subject } }: MayChange,
  { kind, context, channel, replaces }: Omit<Draft, 'createdAt' | 'expiresAt'>,
  to: string,
): Promise<BegunDraft | undefined> {
  const factor = deps.factors.get(kind);
  if (!factor || !channel) return undefined;
  const lent = (draft: Draft) => factorContext(deps, subject, draft.id);
  const isIt = async (draft: Draft) =>
    draft.kind === kind && draft.replaces === replaces && (await factor.sending?.(draft.data, lent(draft)))?.to === to;
  const sent = await runningDraft(deps, { owner: subject.owner, context, channel, because: 'under-way' }, isIt);
  return sent?.ok
    ? begunAs(deps, sent.record, (await factor.display?.(sent.record.data, lent(sent.record))) ?? {})
    : sent;
}

function isFull(deps: FlowDeps, factor: Factor, may: MayChange): boolean {
  const ofKind = may.kinds.filter((kind) => kind === factor.kind).length;
  return may.kinds.length >= deps.limits.factorsPerUser || ofKind >= (factor.maxPerUser ?? deps.limits.factorsPerUser);
}

/** Set-ups that were begun and left give way to a new one, oldest first: nobody is locked out of trying again. */
function makeRoom(drafts: readonly Draft[], atMost: number): readonly Write[] {
  return drafts
    .slice(0, Math.max(0, drafts.length - atMost + 1))
    .map(({ id }) => ({ do: 'delete', kind: 'draft', id }));
}

function unusedName(name: string, enrolments: readonly Enrolment[]): string {
  const taken = new Set(enrolments.map((one) => one.name));
  if (!taken.has(name)) return name;
  let number = 2;
  while (taken.has(`${name} ${number}`)) number += 1;
  return `${name} ${number}`;
}
