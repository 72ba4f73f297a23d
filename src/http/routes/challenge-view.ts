import type { Refusal } from '../../core/errors.js';
import type { Challenge } from '../../core/words.js';
import type { ChallengeDescription, ChallengeOption } from '../../flows/describe-challenge.js';
import { captchaParts } from '../captcha-view.js';
import type { HttpDeps } from '../http-deps.js';
import type { ChallengeView, CodeStatus, FactorView } from '../pages/views.js';

export interface ChallengeWish {
  /** The factor the person chose; undefined for the one that suggests itself. */
  readonly factorId?: string;
  /** Of its channels, the one that they pressed the button of. */
  readonly channel?: string | undefined;
  /** They asked to see all of them. */
  readonly choose?: boolean;
  readonly returnTo?: string | undefined;
  readonly refusal?: Refusal;
  readonly status?: CodeStatus;
  /** What was refused: where a captcha is asked for. */
  readonly refused?: 'send' | 'answer';
  /** The code that came with it. */
  readonly code?: string | undefined;
}

/** The chooser, or straight to the factor that was chosen, that has a code under way, or that is the only one (backup codes aside). */
export function challengeView(http: HttpDeps, described: ChallengeDescription, wish: ChallengeWish): ChallengeView {
  const { options } = described;
  const chosen = wish.choose ? undefined : chosenOption(described, wish.factorId);
  const challenge = chosen && described.challenges.findLast((one) => one.enrolmentId === chosen.factorId);
  const sends = chosen?.channels !== undefined && !challenge;
  const { captcha, problem } = captchaParts(http, { refusal: wish.refusal, sends });
  return {
    purpose: described.purpose,
    others: options.filter((one) => one !== chosen).map(factorView),
    ...(chosen ? { chosen: factorView(withFirst(chosen, wish.refusal?.suggestedChannel ?? wish.channel)) } : {}),
    ...digitsOf(http, chosen, challenge),
    ...(challenge ? { challenge: sentView(http, challenge) } : {}),
    ...(wish.returnTo === undefined ? {} : { returnTo: wish.returnTo }),
    ...(captcha ? { captcha: { ...captcha, before: wish.refused ?? 'send' } } : {}),
    ...(problem ? { problem } : {}),
    ...(wish.code !== undefined && isUnread(wish.refusal) ? { typed: { code: wish.code } } : {}),
    ...(challenge ? statusOf(challenge, wish) : {}),
  };
}

function digitsOf(
  { flows }: HttpDeps,
  chosen: ChallengeOption | undefined,
  challenge: Challenge | undefined,
): { readonly digits?: number } {
  const factor = chosen && flows.factors.get(chosen.kind);
  const digits = (challenge && factor?.digitsBy?.(challenge.channel)) ?? chosen?.digits;
  return digits === undefined ? {} : { digits };
}

/** The one whose button was pressed stays in front; before, it is the suggested one. */
function withFirst(option: ChallengeOption, channel = option.suggestedChannel as string | undefined): ChallengeOption {
  const { channels = [] } = option;
  const first = channels.find((one) => one === channel);
  return first ? { ...option, channels: [first, ...channels.filter((one) => one !== first)] } : option;
}

/** Refused before anything was compared: nobody should have to type it once more. */
function isUnread(refusal: Refusal | undefined): boolean {
  return refusal?.code === 'captcha_required' || refusal?.code === 'captcha_failed';
}

/** What the carrier said of the code, or that one was just sent. Whoever typed it wrongly has it. */
export function statusOf(
  { delivery }: Pick<Challenge, 'delivery'>,
  wish: Pick<ChallengeWish, 'refusal' | 'status'>,
): { readonly status?: CodeStatus } {
  if (delivery !== undefined && !wish.refusal) return { status: `code_${delivery}` };
  return wish.status ? { status: wish.status } : {};
}

function chosenOption(described: ChallengeDescription, factorId: string | undefined): ChallengeOption | undefined {
  const { options, challenges } = described;
  if (factorId !== undefined) return options.find((one) => one.factorId === factorId);
  const underWay = challenges.at(-1);
  if (underWay) return options.find((one) => one.factorId === underWay.enrolmentId);
  const real = options.filter((one) => one.kind !== 'backup-codes');
  return real.length === 1 ? real[0] : undefined;
}

function factorView(option: ChallengeOption): FactorView {
  const { factorId, kind, name, destination, channels, suggestedChannel, lastChannel, waitSeconds } = option;
  return {
    id: factorId,
    kind,
    name: name === kind ? '' : name,
    ...(destination === undefined ? {} : { destination }),
    ...(channels === undefined ? {} : { channels }),
    ...(suggestedChannel === undefined ? {} : { suggestedChannel }),
    ...(lastChannel === undefined ? {} : { lastChannel }),
    ...(waitSeconds === undefined ? {} : { waitSeconds }),
  };
}

function sentView(http: HttpDeps, challenge: Challenge): NonNullable<ChallengeView['challenge']> {
  return {
    id: challenge.id,
    channel: challenge.channel,
    destination: challenge.destination,
    ...sendFacts(http, challenge),
  };
}

/** When the next code may be asked for, how many are left, and how long this one works. */
export function sendFacts(http: HttpDeps, sent: { sendNo: number; sentAt: number; expiresAt: number }) {
  const now = http.flows.clock();
  const waits = http.flows.limits.resendWaitsMs;
  const wait = waits[sent.sendNo - 1] ?? 0;
  return {
    expiresInMinutes: Math.max(1, Math.ceil((sent.expiresAt - now) / 60_000)),
    resendInSeconds: Math.max(0, Math.ceil((sent.sentAt + wait - now) / 1000)),
    resendsLeft: Math.max(0, waits.length + 1 - sent.sendNo),
  };
}
