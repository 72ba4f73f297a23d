import { type Refusal, refuse } from '../core/errors.js';
import type { Challenge } from '../core/words.js';
import { type Account, type Asking, factorContext, readAccount } from './account.js';
import { mayAnswer, policyOn } from './allowed-factors.js';
import { channelChoice, channelsOf, chooseChannel, suggestInstead } from './choose-channel.js';
import type { FlowDeps } from './deps.js';
import { sendCode, sends } from './send-code.js';
import { startAnew } from './start-anew.js';
import { waitingChallenge } from './waiting-challenge.js';

export interface SendRequest {
  /** An enrolment's id; or a kind, for factors that send nothing. */
  readonly factorId: string;
  readonly channel?: string;
}

export type SentChallenge =
  | { readonly ok: true; readonly challenge: Challenge; readonly resendAt?: number }
  /** The factor sends nothing: its tries start anew. */
  | { readonly ok: true; readonly challenge: undefined }
  | Refusal;

/** Starts a challenge, or sends its code again: only to what is enrolled, over a channel it has, and where the host does not object. */
export async function sendChallenge(deps: FlowDeps, asking: Asking, request: SendRequest): Promise<SentChallenge> {
  const account = await readAccount(deps, asking.visitor);
  if ('code' in account) return account;
  const { subject, enrolments } = account;
  const enrolment = enrolments.find((one) => one.id === request.factorId);
  const factor = deps.factors.get(enrolment?.kind ?? request.factorId);
  const policy = await policyOn(deps, subject.user);
  if (!factor || !mayAnswer(account, factor, policy)) return refuse('not_found');
  if (!sends(factor)) {
    if (!has(account, factor.kind)) return refuse('not_found');
    const begun = await startAnew(deps, asking, request.factorId, factor.kind);
    return begun.ok ? { ok: true, challenge: undefined } : begun;
  }
  if (!enrolment) return refuse('not_found');

  const lent = factorContext(deps, subject, enrolment.id, asking.facts.locale);
  const to = await factor.sending(enrolment.data, lent);
  const channels = channelsOf(account, asking.visitor, { enrolment, factor, to, policy });
  const chosen = chooseChannel(factor, await channelChoice(deps, channels), request.channel);
  if (!chosen.ok) return chosen;
  const code = { account, enrolment, factor, chosen, to, lent };
  const waiting = waitingChallenge(deps, asking, code, account.challenges);
  const sent = await sendCode(deps, asking, { ...code, waiting });
  return sent.ok ? sentAs(deps, sent.record) : await suggestInstead(deps, channels, chosen.channel, sent);
}

function sentAs({ limits }: Pick<FlowDeps, 'limits'>, challenge: Challenge): SentChallenge {
  const wait = limits.resendWaitsMs[challenge.sendNo - 1];
  return { ok: true, challenge, ...(wait === undefined ? {} : { resendAt: challenge.sentAt + wait }) };
}

function has({ enrolments, backup }: Account, kind: string): boolean {
  return backup?.kind === kind || enrolments.some((one) => one.kind === kind);
}
