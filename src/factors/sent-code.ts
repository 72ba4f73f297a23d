import { digitsTyped, randomDigits } from '../core/codes.js';
import type { Channel, CheckResult, Delivery, SendJob, SendResult } from '../core/delivery.js';
import { MfaError, refuse } from '../core/errors.js';
import type { Factor, FactorContext, PreparedSend, SendInput, Verdict } from '../core/factor.js';
import { refuseUnknownOptions } from '../core/known-options.js';
import { maskPhone, type PhoneRules, readPhone } from '../core/phone-numbers.js';
import { codeText, spokenText } from './code-text.js';
import { inTime } from './in-time.js';

export interface SentCodeOptions extends PhoneRules {
  /** What brings the code: `twilioVerify(...)`, `twilioMessages(...)`, `inbox()` ... */
  readonly via: Delivery;
  /** The text of a message, where the code is ours; default English with the WebOTP last line. */
  readonly text?: (about: { code: string; issuer: string; host: string; minutes: number; locale?: string }) => string;
}

/** A number that was typed once and is kept sealed; the mask is all that is shown. */
interface PhoneData {
  readonly phone: string;
  readonly mask: string;
}

/** One sent code: whose it is, and how to tell whether an answer is it. */
interface CodeData {
  readonly delivery: string;
  readonly owner: 'ours' | 'theirs';
  readonly sendId: string;
  /** Ours: a keyed hash. */
  readonly hash?: string;
  /** Theirs: what the other side calls the send. */
  readonly ref?: string;
}

const DIGITS = 6;

/** Codes by text message. */
export function sms(options: SentCodeOptions): Factor {
  return sentCode(
    { kind: 'sms', channel: 'sms', strength: 40, amr: ['sms', 'mfa'], defaultName: 'Text message' },
    options,
  );
}

/** Codes spoken in a phone call. */
export function voice(options: SentCodeOptions): Factor {
  return sentCode(
    { kind: 'voice', channel: 'voice', strength: 30, amr: ['tel', 'mfa'], defaultName: 'Phone call' },
    options,
  );
}

/** Codes by WhatsApp. */
export function whatsapp(options: SentCodeOptions): Factor {
  return sentCode(
    { kind: 'whatsapp', channel: 'whatsapp', strength: 42, amr: ['otp', 'mfa'], defaultName: 'WhatsApp' },
    options,
  );
}

interface Profile {
  readonly kind: string;
  readonly channel: Channel;
  readonly strength: number;
  readonly amr: readonly string[];
  readonly defaultName: string;
}

/** One state machine for carriers and verifiers: who owns the code is a fact of the delivery, not of the factor. */
function sentCode(profile: Profile, options: SentCodeOptions): Factor {
  refuseUnknownOptions(profile.kind, options, ['via', 'text', 'countries', 'defaultCountry']);
  checkOptions(profile, options);
  const { via } = options;
  const codeOwner = via.offers.find((offer) => offer.channel === profile.channel)?.code ?? 'ours';

  async function prepareSend(job: SendInput, context: FactorContext): Promise<PreparedSend> {
    const to = await phoneOf(job.enrolment.data, context);
    const base = { delivery: via.name, owner: codeOwner, sendId: job.sendId };
    const code = codeOwner === 'ours' ? randomDigits(DIGITS) : undefined;
    const data: CodeData = code === undefined ? base : { ...base, hash: context.keyedHash(`${job.sendId} ${code}`) };
    const previous = job.previous as unknown as CodeData | undefined;
    async function transmit(signal: AbortSignal) {
      const outgoing: SendJob = {
        sendId: job.sendId,
        channel: profile.channel,
        to,
        ttlMs: job.ttlMs,
        issuer: context.issuer,
        ...(code === undefined ? {} : { code, text: textFor(code, job, context) }),
        ...(context.locale === undefined ? {} : { locale: context.locale }),
        ...(previous?.ref === undefined ? {} : { resendOf: previous.ref }),
      };
      const late: SendResult = { sent: 'unknown', why: 'timeout' };
      return afterSend(data, await inTime(signal, () => via.send(outgoing, { signal }), late));
    }
    return { data: { ...data }, transmit };
  }

  async function verify(answer: Parameters<Factor['verify']>[0], context: FactorContext): Promise<Verdict> {
    const code = digitsTyped(answer.input.code, DIGITS);
    const sent = answer.challenge as unknown as CodeData | undefined;
    if (code === undefined) return { ok: false, reason: 'malformed' };
    if (!sent) return { ok: false, reason: 'gone' };
    if (sent.hash !== undefined) {
      return context.matchesKeyedHash(`${sent.sendId} ${code}`, sent.hash)
        ? { ok: true }
        : { ok: false, reason: 'wrong' };
    }
    if (sent.ref === undefined || !via.check) return { ok: false, reason: 'gone' };
    const to = await phoneOf(answer.enrolment.data, context);
    const { ref } = sent;
    const signal = context.deadline();
    const late: CheckResult = { verdict: 'error', why: 'timeout', reached: true };
    return verdictOf(
      await inTime(signal, async () => (await via.check?.({ ref, to, code }, { signal })) ?? late, late),
    );
  }

  async function discard(challenge: unknown, context: FactorContext): Promise<void> {
    const { ref } = challenge as CodeData;
    if (codeOwner === 'ours' || ref === undefined) return;
    const signal = context.deadline();
    await inTime(signal, async () => await via.cancel?.(ref, { signal }), undefined).catch(() => undefined);
  }

  function textFor(code: string, job: SendInput, context: FactorContext): string {
    const about = {
      code,
      issuer: context.issuer,
      host: context.host,
      minutes: Math.max(1, Math.round(job.ttlMs / 60_000)),
      ...(context.locale === undefined ? {} : { locale: context.locale }),
    };
    if (options.text) return options.text(about);
    return profile.channel === 'voice' ? spokenText(about) : codeText(about);
  }

  return {
    kind: profile.kind,
    amr: profile.amr,
    strength: profile.strength,
    role: 'factor',
    maxPerUser: 5,
    digits: DIGITS,
    countries: options.countries,
    async beginEnrolment(input, context) {
      const read = await readPhone(input.phone, options, input.country);
      if (!read.ok)
        return refuse(read.why === 'unreadable' ? 'field_invalid' : 'destination_refused', { field: 'phone' });
      const mask = maskPhone(read.e164);
      const data: PhoneData = { phone: await context.seal(read.e164), mask };
      return {
        ok: true,
        data: { ...data },
        defaultName: profile.defaultName,
        destination: mask,
        channel: profile.channel,
      };
    },
    refuseMalformed(input) {
      return digitsTyped(input.code, DIGITS) === undefined ? refuse('code_malformed', { field: 'code' }) : undefined;
    },
    async sending(data, context) {
      return {
        to: await phoneOf(data, context),
        destination: (data as unknown as PhoneData).mask,
        channels: [profile.channel],
      };
    },
    prepareSend,
    verify,
    discard,
  };
}

function checkOptions(profile: Profile, { via, countries }: SentCodeOptions): void {
  if (!via || typeof via.send !== 'function') {
    throw new MfaError(
      'set_up',
      `${profile.kind}: \`via\` is missing. Write \`${profile.kind}({ via: twilioVerify({ client, serviceSid }), countries: ['US'] })\`.`,
    );
  }
  const offer = via.offers.find(({ channel }) => channel === profile.channel);
  if (!offer)
    throw new MfaError('set_up', `${profile.kind}: the delivery \`${via.name}\` does not offer ${profile.channel}.`);
  if (offer.code === 'theirs' && !via.check)
    throw new MfaError(
      'set_up',
      `${profile.kind}: the delivery \`${via.name}\` makes its own codes and has no \`check\`.`,
    );
  if (!Array.isArray(countries) || countries.length === 0 || countries.some((one) => !/^[A-Z]{2}$/.test(one))) {
    throw new MfaError(
      'set_up',
      `${profile.kind}: \`countries\` is missing. Name the countries you send to, as in \`countries: ['US', 'CA']\`: codes to anywhere are how toll fraud is paid for.`,
    );
  }
}

async function phoneOf(data: unknown, context: FactorContext): Promise<string> {
  return await context.open((data as PhoneData).phone);
}

/** An unknown outcome with a code of ours counts as sent: the same digits work if the text arrives. With a code of theirs there is nothing to check it by. */
function afterSend(data: CodeData, result: SendResult): Awaited<ReturnType<PreparedSend['transmit']>> {
  if (result.sent === 'yes') return { ok: true, data: { ...data, ref: result.ref } };
  if (result.sent === 'unknown' && data.owner === 'ours') return { ok: true, data: { ...data } };
  return {
    ok: false,
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
