import { MfaError, refuse } from '../core/errors.js';
import type { Factor } from '../core/factor.js';
import { refuseUnknownOptions } from '../core/known-options.js';
import { formatPhone, maskPhone, type PhoneRules, readPhone } from '../core/phone-numbers.js';
import {
  isPhoneChannel,
  PHONE_CHANNELS,
  type PhoneChannel,
  type PhoneChannelOptions,
  type PhoneWay,
  readPhoneChannel,
} from './phone-channels.js';
import { type SentBy, sentCode } from './sent-code.js';

export interface SentCodeOptions extends PhoneRules, PhoneChannelOptions {}

/** One way to reach a number. Which one a code goes by is chosen at each send: see `channelOrder`. */
export interface PhoneFactorChannel extends PhoneChannelOptions {
  readonly channel: PhoneChannel;
  /** ISO 3166 alpha-2, of the factor's `countries`; default all of them. */
  readonly countries?: readonly string[];
}

export interface PhoneOptions extends PhoneRules {
  /** In the order in which you would have them used; each channel once. */
  readonly channels: readonly PhoneFactorChannel[];
}

/** Codes by text message. */
export function sms(options: SentCodeOptions): Factor {
  return oneChannel('sms', options);
}

/** Codes spoken in a phone call. */
export function voice(options: SentCodeOptions): Factor {
  return oneChannel('voice', options);
}

/** Codes by WhatsApp. */
export function whatsapp(options: SentCodeOptions): Factor {
  return oneChannel('whatsapp', options);
}

/** A call that rings once: the code is the end of the number that called. For apps on the phone itself; over `telnyxVerify`. */
export function flashCall(options: SentCodeOptions): Factor {
  return oneChannel('flash-call', options);
}

/**
 * One number, and all the ways a code may reach it: the person sees which one is suggested and may take another. A channel that the number cannot take (a text to a
 * landline) is not offered. Throws `MfaError` (`set_up`) for options that cannot work.
 */
export function phone(options: PhoneOptions): Factor {
  refuseUnknownOptions('phone', options, ['channels', 'countries', 'defaultCountry']);
  const { channels, countries } = options;
  requireCountries('phone', countries);
  requireChannels(channels);
  const [first, ...others] = channels.map((one, place) => {
    const { channel, countries: some = countries, ...rest } = one;
    const name = `phone: channels[${place}]`;
    refuseUnknownOptions(name, one, ['channel', 'countries', 'via', 'types', 'text']);
    requireCountries(name, some);
    const stranger = some.find((country) => !countries.includes(country));
    if (stranger !== undefined)
      throw new MfaError('set_up', `${name}: \`countries\` has ${stranger}, which the factor's own list has not.`);
    return readPhoneChannel(name, channel, rest, some);
  });
  if (!first) throw noChannels();
  // As strong as the weakest way in.
  const strength = Math.min(...channels.map(({ channel }) => PHONE_CHANNELS[channel].strength));
  return phoneCode({ kind: 'phone', defaultName: 'Phone', strength }, options, [first, ...others]);
}

function oneChannel(channel: PhoneChannel, options: SentCodeOptions): Factor {
  refuseUnknownOptions(channel, options, ['via', 'text', 'countries', 'defaultCountry', 'types']);
  requireCountries(channel, options.countries);
  const { strength, defaultName } = PHONE_CHANNELS[channel];
  const way = readPhoneChannel(channel, channel, options, options.countries);
  return phoneCode({ kind: channel, defaultName, strength }, options, [way]);
}

function phoneCode(
  kind: { readonly kind: string; readonly defaultName: string; readonly strength: number },
  rules: PhoneRules,
  ways: readonly [PhoneWay, ...PhoneWay[]],
): Factor {
  const { countries } = rules;
  const [first, ...others] = ways;
  return sentCode({
    ...kind,
    asks: 'phone',
    countries,
    ways: [sentBy(first, rules), ...others.map((way) => sentBy(way, rules))],
    async read(input) {
      const read = await readPhone(input.phone, rules, input.country);
      if (!read.ok)
        return refuse(read.why === 'unreadable' ? 'field_invalid' : 'destination_refused', { field: 'phone' });
      if (!ways.some((way) => way.takes(read))) return refuse('destination_refused', { field: 'phone' });
      return { ok: true, to: read.e164, mask: maskPhone(read.e164), country: read.country };
    },
    show: async (to) => ({ phone: await formatPhone(to) }),
  });
}

function sentBy(way: PhoneWay, rules: PhoneRules): SentBy {
  return {
    ...way,
    async reaches({ to, country }) {
      const read = await readPhone(to, rules);
      if (read.ok) return way.takes(read);
      // It could be read when it was set up: plans of numbers change, and whoever has one is not asked.
      return read.why === 'unreadable' && country !== undefined && rules.countries.includes(country);
    },
  };
}

function requireChannels(channels: unknown): void {
  const usable =
    Array.isArray(channels) &&
    channels.length > 0 &&
    channels.every((one) => isPhoneChannel(one?.channel)) &&
    new Set(channels.map(({ channel }) => channel)).size === channels.length;
  if (!usable) throw noChannels();
}

function noChannels(): MfaError {
  return new MfaError(
    'set_up',
    `phone: \`channels\` lists each of ${Object.keys(PHONE_CHANNELS)
      .map((one) => `'${one}'`)
      .join(
        ', ',
      )} at most once, as in \`channels: [{ channel: 'sms', via: twilio }, { channel: 'voice', via: twilio }]\`.`,
  );
}

function requireCountries(kind: string, countries: readonly string[]): void {
  const usable = Array.isArray(countries) && countries.length > 0 && countries.every((one) => /^[A-Z]{2}$/.test(one));
  if (usable) return;
  throw new MfaError(
    'set_up',
    `${kind}: \`countries\` is missing. Name the countries you send to, as in \`countries: ['US', 'CA']\`: codes to anywhere are how toll fraud is paid for.`,
  );
}
