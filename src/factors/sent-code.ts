/** Codes that are sent: one state machine for carriers and verifiers, for phones and mailboxes. Who owns the code is a fact of the deliveries. */
import { digitsTyped, randomDigits } from '../core/codes.js';
import type { Channel, CheckResult, Delivery, FailureClass, SendJob, SendResult } from '../core/delivery.js';
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
import type { PhoneType } from '../core/phone-numbers.js';
import type { Deliveries } from './deliveries.js';
import { inTime } from './in-time.js';

/** What sets one kind of sent code apart from another. */
export interface SentCodeProfile {
  readonly kind: string;
  readonly strength: number;
  readonly defaultName: string;
  /** ISO 3166 alpha-2, for phones: all that any of the ways goes to. */
  readonly countries?: readonly string[];
  /** What the person types. */
  readonly asks: 'phone' | 'email';
  /** In the operator's order. */
  readonly ways: readonly [SentBy, ...SentBy[]];
  /** Reads the number or address that was typed. */
  read(input: Input, context: FactorContext): Promise<({ readonly ok: true } & Destination) | Refusal>;
  /** Whether a code may still go there; default always. */
  mayGoTo?(to: string, context: FactorContext): Promise<boolean>;
  /** What the set-up page shows of it, to whoever typed it. */
  show(to: string): Promise<EnrolmentDisplay>;
}

/** One channel that a kind of code is sent over. */
export interface SentBy {
  readonly channel: Channel;
  /** RFC 8176 references that an answer earns. */
  readonly amr: readonly string[];
  readonly deliveries: Deliveries;
  /** Whether it goes to that place: a country that was taken out of the list since is sent to no more. Default always. */
  reaches?(to: Pick<Destination, 'to' | 'country'>): boolean | Promise<boolean>;
  /** Whether numbers of that type are sent to, for phones. Default all. */
  takes?(number: { readonly country: string; readonly type: PhoneType }): boolean;
  /** The text of a code of ours. */
  text(about: CodeAbout, report: FactorContext['report']): string | CodeWords;
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

interface Destination {
  /** E.164, or one plain address. */
  readonly to: string;
  readonly mask: string;
  readonly country?: string;
}

/** What a text may say. */
export interface CodeAbout {
  /** Six digits, as a text: the first may be 0. */
  readonly code: string;
  /** The `issuer` option. */
  readonly issuer: string;
  /** The host name of `baseUrl`, for the last line: `@${host} #${code}`. */
  readonly host: string;
  /** How long the code works. */
  readonly minutes: number;
  /** BCP 47, of the request or of `localeOf`. */
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
  /** Where there are several. */
  readonly channel?: Channel;
  readonly sendId: string;
  /** Ours: a keyed hash. */
  readonly hash?: string;
  /** What each delivery calls the send. */
  readonly refs?: { readonly [delivery: string]: string };
}

export function sentCode(profile: SentCodeProfile): Factor {
  const { ways } = profile;
  const [first] = ways;
  const several = ways.length > 1;
  const lengths = new Set(ways.map(({ deliveries }) => deliveries.digits));
  const digits = lengths.size === 1 ? first.deliveries.digits : undefined;

  /** By which way a code goes, or went; a code without a channel is from when there was but one. */
  function wayOf(channel: Channel | undefined): SentBy {
    return ways.find((way) => way.channel === channel) ?? first;
  }

  async function prepareSend(job: SendInput, context: FactorContext): Promise<PreparedSend> {
    const { channel, deliveries, text } = wayOf(job.channel);
    const { codeOwner } = deliveries;
    const { country } = job.enrolment.data as unknown as DestinationData;
    const to = await destinationOf(job.enrolment.data, context);
    const code = codeOwner === 'ours' ? randomDigits(deliveries.digits) : undefined;
    const base: CodeData = { owner: codeOwner, sendId: job.sendId, ...(several ? { channel } : {}) };
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
        ...(code === undefined ? {} : { code, ...wordsFor(text, code, job, context) }),
        ...(before === undefined ? {} : { resendOf: before }),
      };
      const late: SendResult = { sent: 'unknown', why: 'timeout' };
      return afterSend(via, data, await inTime(signal, () => via.send(outgoing, { signal }), late));
    }
    return { data: { ...made }, transmit };
  }

  async function verify(answer: Parameters<Factor['verify']>[0], context: FactorContext): Promise<Verdict> {
    const sent = answer.challenge as unknown as CodeData | undefined;
    const { deliveries, amr } = wayOf(sent?.channel);
    const code = digitsTyped(answer.input.code, deliveries.digits);
    if (code === undefined) return { ok: false, reason: 'malformed' };
    if (!sent) return { ok: false, reason: 'gone' };
    const right: Verdict = several ? { ok: true, amr } : { ok: true };
    if (sent.hash !== undefined)
      return context.matchesKeyedHash(`${sent.sendId} ${code}`, sent.hash) ? right : { ok: false, reason: 'wrong' };
    const via = deliveries.named();
    const ref = sent.refs?.[via.name];
    if (ref === undefined || !via.check) return { ok: false, reason: 'gone' };
    const to = await destinationOf(answer.enrolment.data, context);
    const signal = context.deadline();
    const late: CheckResult = { verdict: 'error', why: 'timeout', reached: true };
    const check = async () => (await via.check?.({ ref, to, code }, { signal })) ?? late;
    return verdictOf(await inTime(signal, check, late), right);
  }

  /** Tells every delivery that knows the send what became of it. */
  async function tell(challenge: unknown, context: FactorContext, what: 'cancel' | 'confirm'): Promise<void> {
    const signal = context.deadline();
    const { channel, refs = {} } = challenge as CodeData;
    const { deliveries } = wayOf(channel);
    const told = Object.entries(refs).map(async ([name, ref]) => {
      const via = deliveries.named(name);
      if (via.name === name) await inTime(signal, async () => await via[what]?.(ref, { signal }), undefined);
    });
    await Promise.allSettled(told);
  }

  /** By which channels a code may go there, in the operator's order. */
  async function channelsTo(destination: Pick<Destination, 'to' | 'country'>): Promise<readonly Channel[]> {
    const reaching = await Promise.all(ways.map(async (way) => (await way.reaches?.(destination)) !== false));
    return ways.flatMap(({ channel }, place) => (reaching[place] ? [channel] : []));
  }

  function wordsFor(text: SentBy['text'], code: string, job: SendInput, context: FactorContext): CodeWords {
    const about: CodeAbout = {
      code,
      issuer: context.issuer,
      host: context.host,
      minutes: Math.max(1, Math.round(job.ttlMs / 60_000)),
      ...(context.locale === undefined ? {} : { locale: context.locale }),
    };
    const words = text(about, context.report);
    return typeof words === 'string' ? { text: words } : words;
  }

  return {
    kind: profile.kind,
    amr: first.amr,
    strength: profile.strength,
    role: 'factor',
    maxPerUser: 5,
    ...(digits === undefined ? {} : { digits }),
    digitsBy: (channel) => wayOf(channel).deliveries.digits,
    channels: ways.map(({ channel }) => channel),
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
      const [channel = first.channel] = await channelsTo({ to, ...(country === undefined ? {} : { country }) });
      return { ok: true, data: { ...data }, defaultName: profile.defaultName, destination: mask, channel };
    },
    display: async (data, context) => await profile.show(await destinationOf(data, context)),
    refuseMalformed(input) {
      const fits = [...lengths].some((length) => digitsTyped(input.code, length) !== undefined);
      return fits ? undefined : refuse('code_malformed', { field: 'code' });
    },
    async sending(data, context) {
      const { mask, country } = data as unknown as DestinationData;
      const to = await destinationOf(data, context);
      const where = country === undefined ? {} : { country };
      const channels = await channelsTo({ to, ...where });
      const refused = channels.length === 0 || (await profile.mayGoTo?.(to, context)) === false;
      return {
        to,
        destination: mask,
        channels: channels.length > 0 ? channels : ways.map(({ channel }) => channel),
        ...(refused ? { refused } : {}),
        ...where,
        ...(country === undefined
          ? {}
          : { takes: (by: Channel, type: PhoneType) => wayOf(by).takes?.({ country, type }) !== false }),
      };
    },
    carriers: (channel, country) => wayOf(channel).deliveries.reaching(country),
    prepareSend,
    verify,
    async discard(challenge, context) {
      // Of a code of ours nobody else can say whether it counts.
      if (ownerOf(challenge) === 'theirs') await tell(challenge, context, 'cancel');
    },
    async confirm(challenge, context) {
      if (ownerOf(challenge) === 'ours') await tell(challenge, context, 'confirm');
    },
  };
}

function ownerOf(challenge: unknown): CodeData['owner'] | undefined {
  return (challenge as Partial<CodeData> | null)?.owner;
}

async function destinationOf(data: unknown, context: FactorContext): Promise<string> {
  return await context.open((data as DestinationData).to);
}

/** Nobody else is asked by a delivery that cannot say whether it sent and says that it may not: a block is not hopped over. */
const MAY_HAVE_SENT: ReadonlySet<FailureClass> = new Set(['unavailable', 'timeout']);

/** An unknown outcome with a code of ours counts as sent: the same digits work if the text arrives. With a code of theirs there is nothing to check it by. */
function afterSend({ name, webhook }: Delivery, data: CodeData, result: SendResult): Transmitted {
  if (result.sent === 'yes') {
    const refs = { ...data.refs, [name]: result.ref };
    return { ok: true, sent: 'yes', ref: result.ref, ...(webhook ? { webhook } : {}), data: { ...data, refs } };
  }
  const detail = result.detail === undefined ? {} : { detail: result.detail };
  if (result.sent === 'unknown' && MAY_HAVE_SENT.has(result.why) && data.owner === 'ours')
    return { ok: true, sent: 'unknown', data: { ...data }, ...detail };
  return {
    ok: false,
    sent: result.sent,
    why: result.why,
    ...(result.retryAfterMs === undefined ? {} : { retryAfterMs: result.retryAfterMs }),
    ...detail,
  };
}

function verdictOf(result: CheckResult, right: Verdict): Verdict {
  switch (result.verdict) {
    case 'correct':
      return right;
    case 'wrong':
      return { ok: false, reason: 'wrong' };
    case 'gone':
      return { ok: false, reason: 'gone' };
    default:
      return { ok: false, reason: 'unavailable', reached: result.verdict === 'error' ? result.reached : true };
  }
}
