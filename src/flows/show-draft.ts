import type { Channel } from '../core/delivery.js';
import type { Refusal } from '../core/errors.js';
import type { EnrolmentDisplay } from '../core/factor.js';
import type { Draft, Subject } from '../core/words.js';
import { type Asking, factorContext } from './account.js';
import { channelChoice, draftChannels } from './choose-channel.js';
import type { FlowDeps } from './deps.js';
import { findDraft } from './find-draft.js';
import { guardChange } from './guard-change.js';

export type ShownDraft =
  | {
      readonly ok: true;
      readonly draft: Draft;
      readonly display: EnrolmentDisplay;
      readonly subject: Subject;
      readonly forced: boolean;
      readonly resendAt?: number;
      /** For factors that send: what the next code may be asked for by, and by which it goes where none is named. */
      readonly channels?: readonly Channel[];
      readonly suggestedChannel?: Channel;
    }
  | Refusal;

/** An unfinished set-up again, to the session that began it: the same secret, so that a reload does not orphan a scanned code. */
export async function showDraft(deps: FlowDeps, asking: Asking, id: string): Promise<ShownDraft> {
  const may = await guardChange(deps, asking, { forcedToo: true });
  if ('code' in may) return may;
  const { account, policy } = may;
  const draft = findDraft(deps, asking, account, id);
  if ('ok' in draft) return draft;
  const factor = deps.factors.get(draft.kind);
  const context = factorContext(deps, account.subject, draft.id);
  const display = (await factor?.display?.(draft.data, context)) ?? {};
  const to = await factor?.sending?.(draft.data, context);
  const choice =
    factor && to ? await channelChoice(deps, draftChannels(account, draft, { factor, to, policy })) : undefined;
  const wait = draft.sent && deps.limits.resendWaitsMs[draft.sent.sendNo - 1];
  return {
    ok: true,
    draft,
    display,
    subject: account.subject,
    forced: account.pending?.next === 'enrol',
    ...(draft.sent && wait !== undefined ? { resendAt: draft.sent.at + wait } : {}),
    ...(choice ? { channels: choice.channels } : {}),
    ...(choice?.suggestion ? { suggestedChannel: choice.suggestion.channel } : {}),
  };
}
