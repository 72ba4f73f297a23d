/** The ways a code goes to a phone, and what each of them takes. */
import type { Channel, Delivery } from '../core/delivery.js';
import { MfaError } from '../core/errors.js';
import type { PhoneType } from '../core/phone-numbers.js';
import { codeText, spokenText } from './code-text.js';
import { type Deliveries, readDeliveries } from './deliveries.js';
import { faultOfText, readText, type TextOption } from './own-text.js';
import { type PhoneTypesOption, readPhoneTypes } from './phone-types.js';
import type { CodeWords, SentBy } from './sent-code.js';

/** What can be said of each way. */
export interface PhoneChannelOptions {
  /**
   * What brings the code: `twilioVerify(...)`, `twilioMessages(...)`, `inbox()` ... Of several, the first that is well is asked, and at most one more where
   * that cannot bring a second code; each of them must carry codes of ours.
   */
  readonly via: Delivery | readonly Delivery[];
  /**
   * The types of number that are sent to: everywhere, or by country, `other` standing for the rest. Default for text messages `mobile` and `mobile-or-landline`
   * (plans that do not tell them apart); calls and WhatsApp reach a `landline` too. Add `voip` where your users have such numbers: they are cheap to have many of.
   */
  readonly types?: PhoneTypesOption;
  /**
   * The text of a message, where the code is ours, or one for each language. Default: ours, in the language of the request (English, German, French, Spanish, Italian, Portuguese, Japanese,
   * Chinese, Korean, Hindi; else English), with the WebOTP last line. Yours should end with that line too: `@${host} #${code}`. It is tried when the app starts, and must have the code in it (calls
   * apart: their digits are spoken after it) in at most 1,600 characters, or 800 for a call. Where it fails later all the same, `onError` is told and ours goes out.
   */
  readonly text?: TextOption<string>;
}

export type PhoneChannel = Exclude<Channel, 'email'>;

/** What Twilio takes for one message; spoken twice, a text has to fit into its TwiML. */
const MOST_WRITTEN = 1_600;
const MOST_SPOKEN = 800;

const MOBILE: readonly PhoneType[] = ['mobile', 'mobile-or-landline'];
const ANY_LINE: readonly PhoneType[] = [...MOBILE, 'landline'];

interface Traits {
  readonly strength: number;
  /** RFC 8176. */
  readonly amr: readonly string[];
  readonly defaultName: string;
  readonly types: readonly PhoneType[];
}

/** The channels are kinds of factor too: `sms()` is a number that takes texts and nothing else. */
export const PHONE_CHANNELS: Readonly<Record<PhoneChannel, Traits>> = {
  sms: { strength: 40, amr: ['sms', 'mfa'], defaultName: 'Text message', types: MOBILE },
  voice: { strength: 30, amr: ['tel', 'mfa'], defaultName: 'Phone call', types: ANY_LINE },
  whatsapp: { strength: 42, amr: ['otp', 'mfa'], defaultName: 'WhatsApp', types: ANY_LINE },
  'flash-call': { strength: 28, amr: ['tel', 'mfa'], defaultName: 'Missed call', types: MOBILE },
};

export function isPhoneChannel(channel: unknown): channel is PhoneChannel {
  return typeof channel === 'string' && Object.hasOwn(PHONE_CHANNELS, channel);
}

export interface PhoneWay extends Omit<SentBy, 'reaches'> {
  readonly deliveries: Deliveries;
  /** Whether a number of that country and type is sent to. */
  takes(number: { readonly country: string; readonly type: PhoneType }): boolean;
}

/** Reads the options of one way. `name` is what the host wrote, for messages. Throws `MfaError` (`set_up`) with advice. */
export function readPhoneChannel(
  name: string,
  channel: PhoneChannel,
  { via, types, text }: PhoneChannelOptions,
  countries: readonly string[],
): PhoneWay {
  const { amr, types: usual } = PHONE_CHANNELS[channel];
  const isSpoken = channel === 'voice';
  const words = readText<string, string | CodeWords>(
    `${name}: \`text\``,
    text,
    isSpoken ? spokenText : codeText,
    // The digits of a call are spoken after the text, one by one.
    (made, code) => faultOfText(made, isSpoken ? { most: MOST_SPOKEN } : { most: MOST_WRITTEN, code }),
  );
  const deliveries = readDeliveries(name, channel, via);
  if (text !== undefined && deliveries.codeOwner === 'theirs') {
    throw new MfaError(
      'set_up',
      `${name}: \`text\` would never be used: \`${deliveries.named().name}\` makes its own codes, and has texts of its own. Leave it out, or take a carrier of codes of ours.`,
    );
  }
  const typesIn = readPhoneTypes(name, types ?? usual, countries);
  return {
    channel,
    amr,
    deliveries,
    text: words,
    takes: ({ country, type }) => countries.includes(country) && typesIn(country).includes(type),
  };
}
