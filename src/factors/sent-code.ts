/** Codes that are sent: one state machine for carriers and verifiers, for phones and mailboxes. Who owns the code is a fact of the deliveries. */
import { digitsTyped, randomDigits } from '../core/codes.js';
import type { Channel, CheckResult, SendJob, SendResult } from '../core/delivery.js';
import { type Refusal, refuse } from '../core/errors.js';
import type {
  EnrolmentDisplay,
  Factor,
  FactorContext,
  Input,
  PreparedSend,
  SendInput,
  Transmitted,
  Verdict,
} from '../core/factor.js';
import type { Deliveries } from './deliveries.js';
import { inTime } from './in-time.js';

/** What sets one kind of sent code apart from another. */
export interface SentCodeProfile {
  readonly kind: string;
  readonly channel: Channel;
  readonly strength: number;
  readonly amr: readonly string[];
  readonly defaultName: string;
  /** ISO 3166 alpha-2, for phones. */
  readonly countries?: readonly string[];
  /** What the person types. */
  readonly asks: 'phone' | 'email';
  readonly deliveries: Deliveries;
  /** Reads the number or address that was typed. */
  read(input: Input, context: FactorContext): Promise<({ readonly ok: true } & Destination) | Refusal>;
  /** Whether a code may still go there; default always. */
  mayGoTo?(to: string, context: FactorContext): Promise<boolean>;
  /** What the set-up page shows of it, to whoever typed it. */
  show(to: string): Promise<EnrolmentDisplay>;
  /** The text of a code of ours. */
  text(about: CodeAbout): string | CodeWords;
}

/** The text of a code of ours, whole. */
export interface CodeWords {
  readonly text: string;
  /** For mail. */
  readonly subject?: string;
  readonly html?: string;
  /** The language it is in, where that is not the one that was asked for. */
  readonly locale?: string;
}

export interface Destination {
  /** E.164, or one plain address. */
  readonly to: string;
  readonly mask: string;
  readonly country?: string;
}

/** What a text may say. */
export interface CodeAbout {
  readonly code: string;
  readonly issuer: string;
  readonly host: string;
  readonly minutes: number;
  readonly locale?: string;
}

/** Typed once and kept sealed; the mask is all that is shown. */
interface DestinationData {
  readonly to: string;
  readonly mask: string;
  readonly country?: string;
}

/** One sent code: whose it is, and how to tell whether an answer is it. */
interface CodeData {
  readonly owner: 'ours' | 'theirs';
  readonly sendId: string;
  /** Ours: a keyed hash. */
  readonly hash?: string;
  /** What each delivery calls the send. */
  readonly refs?: { readonly [delivery: string]: string };
}

export function sentCode(profile: SentCodeProfile): Factor {
  const { channel, deliveries } = profile;
  const { codeOwner, digits } = deliveries;

  async function prepareSend(job: SendInput, context: FactorContext): Promise<PreparedSend> {
    const { country } = job.enrolment.data as unknown as DestinationData;
    const to = await destinationOf(job.enrolment.data, context);
    const code = codeOwner === 'ours' ? randomDigits(digits) : undefined;
    const base: CodeData = { owner: codeOwner, sendId: job.sendId };
    const made: CodeData = code === undefined ? base : { ...base, hash: context.keyedHash(`${job.sendId} ${code}`) };
    const previous = job.previous as unknown as CodeData | undefined;
    async function transmit(signal: AbortSignal, by?: { carrier: string; data: unknown }): Promise<Transmitted> {
      const via = deliveries.named(by?.carrier);
      const data = (by?.data as CodeData | undefined) ?? made;
      const before = previous?.refs?.[via.name];
      const outgoing: SendJob = {
        sendId: job.sendId,
        channel,
        to,
        ttlMs: job.ttlMs,
        issuer: context.issuer,
        ...(country === undefined ? {} : { country }),
        ...(context.locale === undefined ? {} : { locale: context.locale }),
        ...(code === undefined ? {} : { code, ...wordsFor(code, job, context) }),
        ...(before === undefined ? {} : { resendOf: before }),
      };
      const late: SendResult = { sent: 'unknown', why: 'timeout' };
      return afterSend(via.name, data, await inTime(signal, () => via.send(outgoing, { signal }), late));
    }
    return { data: { ...made }, transmit };
  }

  async function verify(answer: Parameters<Factor['verify']>[0], context: FactorContext): Promise<Verdict> {
    const code = digitsTyped(answer.input.code, digits);
    const sent = answer.challenge as unknown as CodeData | undefined;
    if (code === undefined) return { ok: false, reason: 'malformed' };
    if (!sent) return { ok: false, reason: 'gone' };
    if (sent.hash !== undefined) {
      return context.matchesKeyedHash(`${sent.sendId} ${code}`, sent.hash)
        ? { ok: true }
        : { ok: false, reason: 'wrong' };
    }
    const via = deliveries.named();
    const ref = sent.refs?.[via.name];
    if (ref === undefined || !via.check) return { ok: false, reason: 'gone' };
    const to = await destinationOf(answer.enrolment.data, context);
    const signal = context.deadline();
    const late: CheckResult = { verdict: 'error', why: 'timeout', reached: true };
    return verdictOf(
      await inTime(signal, async () => (await via.check?.({ ref, to, code }, { signal })) ?? late, late),
    );
  }

  /** Tells every delivery that knows the send what became of it. */
  async function tell(challenge: unknown, context: FactorContext, what: 'cancel' | 'confirm'): Promise<void> {
    const signal = context.deadline();
    const told = Object.entries((challenge as CodeData).refs ?? {}).map(async ([name, ref]) => {
      const via = deliveries.named(name);
      if (via.name === name) await inTime(signal, async () => await via[what]?.(ref, { signal }), undefined);
    });
    await Promise.allSettled(told);
  }

  /** A country that was taken out of the list since is sent to no more. */
  async function mayGoTo(to: string, country: string | undefined, context: FactorContext): Promise<boolean> {
    if (country !== undefined && profile.countries?.includes(country) === false) return false;
    return (await profile.mayGoTo?.(to, context)) !== false;
  }

  function wordsFor(code: string, job: SendInput, context: FactorContext): CodeWords {
    const words = profile.text({
      code,
      issuer: context.issuer,
      host: context.host,
      minutes: Math.max(1, Math.round(job.ttlMs / 60_000)),
      ...(context.locale === undefined ? {} : { locale: context.locale }),
    });
    return typeof words === 'string' ? { text: words } : words;
  }

  return {
    kind: profile.kind,
    amr: profile.amr,
    strength: profile.strength,
    role: 'factor',
    maxPerUser: 5,
    digits,
    asks: profile.asks,
    ...(profile.countries === undefined ? {} : { countries: profile.countries }),
    async beginEnrolment(input, context) {
      const read = await profile.read(input, context);
      if (!read.ok) return read;
      const { to, mask, country } = read;
      const data: DestinationData = {
        to: await context.seal(to),
        mask,
        ...(country === undefined ? {} : { country }),
      };
      return { ok: true, data: { ...data }, defaultName: profile.defaultName, destination: mask, channel };
    },
    display: async (data, context) => await profile.show(await destinationOf(data, context)),
    refuseMalformed(input) {
      return digitsTyped(input.code, digits) === undefined ? refuse('code_malformed', { field: 'code' }) : undefined;
    },
    async sending(data, context) {
      const { mask, country } = data as unknown as DestinationData;
      const to = await destinationOf(data, context);
      return {
        to,
        destination: mask,
        channels: [channel],
        ...((await mayGoTo(to, country, context)) ? {} : { refused: true }),
        ...(country === undefined ? {} : { country }),
      };
    },
    carriers: (_channel, country) => deliveries.reaching(country),
    prepareSend,
    verify,
    async discard(challenge, context) {
      // Of a code of ours nobody else can say whether it counts.
      if (codeOwner === 'theirs') await tell(challenge, context, 'cancel');
    },
    async confirm(challenge, context) {
      if (codeOwner === 'ours') await tell(challenge, context, 'confirm');
    },
  };
}

async function destinationOf(data: unknown, context: FactorContext): Promise<string> {
  return await context.open((data as DestinationData).to);
}

/** An unknown outcome with a code of ours counts as sent: the same digits work if the text arrives. With a code of theirs there is nothing to check it by. */
function afterSend(delivery: string, data: CodeData, result: SendResult): Transmitted {
  if (result.sent === 'yes') {
    const refs = { ...data.refs, [delivery]: result.ref };
    return { ok: true, sent: 'yes', ref: result.ref, data: { ...data, refs } };
  }
  if (result.sent === 'unknown' && data.owner === 'ours') return { ok: true, sent: 'unknown', data: { ...data } };
  return {
    ok: false,
    sent: result.sent,
    why: result.why,
    ...(result.retryAfterMs === undefined ? {} : { retryAfterMs: result.retryAfterMs }),
  };
}

function verdictOf(result: CheckResult): Verdict {
  switch (result.verdict) {
    case 'correct':
      return { ok: true };
    case 'wrong':
      return { ok: false, reason: 'wrong' };
    case 'gone':
      return { ok: false, reason: 'gone' };
    default:
      return { ok: false, reason: 'unavailable', reached: result.verdict === 'error' ? result.reached : true };
  }
}
