import { refuse } from '../core/errors.js';
import type { EnrolmentDisplay } from '../core/factor.js';
import type { Json } from '../core/store.js';
import type { Draft } from '../core/words.js';
import { type Account, type Asking, factorContext } from './account.js';
import type { BegunDraft } from './begin-enrolment.js';
import {
  type ChannelsAsked,
  type ChosenChannel,
  channelChoice,
  chooseChannel,
  draftChannels,
  keptOf,
  suggestInstead,
} from './choose-channel.js';
import type { FlowDeps } from './deps.js';
import { findDraft } from './find-draft.js';
import { guardChange } from './guard-change.js';
import { runningDraft } from './running-send.js';
import { sendCode, sends, type Waiting } from './send-code.js';

/** Sends the code of an enrolment that is being set up, once more. */
export async function resendEnrolmentCode(
  deps: FlowDeps,
  asking: Asking,
  { id, channel }: { readonly id: string; readonly channel?: string },
): Promise<BegunDraft> {
  const may = await guardChange(deps, asking, { forcedToo: true });
  if ('code' in may) return may;
  const draft = findDraft(deps, asking, may.account, id);
  if ('ok' in draft) return draft;
  const factor = deps.factors.get(draft.kind);
  if (!factor || !sends(factor)) return refuse('not_found');
  const to = await factor.sending(draft.data, factorContext(deps, may.account.subject, draft.id));
  const channels = draftChannels(may.account, draft, { factor, to, policy: may.policy });
  const chosen = chooseChannel(factor, await channelChoice(deps, channels), channel);
  return chosen.ok ? await sendEnrolmentCode(deps, asking, may.account, draft, { channels, chosen }) : chosen;
}

/** Counted against the same budgets as a challenge, and written down before the call. */
export async function sendEnrolmentCode(
  deps: FlowDeps,
  asking: Asking,
  { subject, pending }: Pick<Account, 'subject' | 'pending'>,
  draft: Draft,
  { channels, chosen }: { readonly channels: ChannelsAsked; readonly chosen: ChosenChannel },
): Promise<BegunDraft> {
  const { factor, to } = channels;
  if (!sends(factor)) return refuse('not_found');
  const lent = factorContext(deps, subject, draft.id, asking.facts.locale);
  const display = (await factor.display?.(draft.data, lent)) ?? {};
  // Whatever stronger kinds the user has: setting one more up is not answered with them.
  const account = { subject, enrolments: [], ...(pending ? { pending } : {}) };
  const waiting = waitingDraft(deps, draft, chosen);
  const sent = await sendCode(deps, asking, { account, factor, enrolment: draft, chosen, to, lent, waiting });
  return sent.ok ? begunAs(deps, sent.record, display) : await suggestInstead(deps, channels, chosen.channel, sent);
}

/** What whoever set the sending off is answered. */
export function begunAs({ limits }: Pick<FlowDeps, 'limits'>, draft: Draft, display: EnrolmentDisplay): BegunDraft {
  const wait = draft.sent && limits.resendWaitsMs[draft.sent.sendNo - 1];
  return { ok: true, draft, display, ...(wait === undefined ? {} : { resendAt: (draft.sent?.at ?? 0) + wait }) };
}

/** It lives as long as it was given when it was begun, however often a code is sent. */
function waitingDraft(deps: FlowDeps, draft: Draft, chosen: ChosenChannel): Waiting<Draft> {
  const { clock, limits } = deps;
  const { id, context, sent: before } = draft;
  const put: Waiting<Draft>['put'] = (record) => {
    const ttlMs = Math.max(1, draft.expiresAt - clock());
    return { do: 'put', kind: 'draft', id, data: record as unknown as Json, ttlMs, if: 'present' };
  };
  return {
    kind: 'draft',
    lastHops: draft.channel === chosen.channel ? before?.hops : undefined,
    async running({ subject: { owner }, channel }, because) {
      return await runningDraft(deps, { owner, context, channel, because }, (one) => one.id === id);
    },
    next({ sendNo }) {
      const at = clock();
      const made = { sendNo, at, expiresAt: at + limits.codeTtlMs };
      return {
        sendId: `${id}.${sendNo}.${chosen.channel}`,
        ...(before ? { previous: before.data } : {}),
        record: (sent) => ({ ...draft, ...keptOf(chosen), sent: { ...made, ...sent } }),
      };
    },
    put,
    beside: () => ({ writes: [], counters: [] }),
    whenFailed: put,
    gone: { before: 'enrolment_expired', after: 'enrolment_expired' },
  };
}
