import type { Channel, Delivery } from '../core/delivery.js';
import { MfaError, refuse } from '../core/errors.js';
import type { Factor } from '../core/factor.js';
import { refuseUnknownOptions } from '../core/known-options.js';
import { formatPhone, maskPhone, type PhoneRules, type PhoneType, readPhone } from '../core/phone-numbers.js';
import { codeText, spokenText } from './code-text.js';
import { readDeliveries } from './deliveries.js';
import { readText, type TextOption } from './own-text.js';
import { readPhoneTypes } from './phone-types.js';
import { type CodeWords, sentCode } from './sent-code.js';

export interface SentCodeOptions extends PhoneRules {
  /**
   * What brings the code: `twilioVerify(...)`, `twilioMessages(...)`, `inbox()` ... Of several, the first that is well is asked, and at most one more where
   * that cannot bring a second code; each of them must carry codes of ours.
   */
  readonly via: Delivery | readonly Delivery[];
  /**
   * The types of number that are sent to: everywhere, or by country, `other` standing for the rest. Default for text messages `mobile` and `mobile-or-landline`
   * (plans that do not tell them apart); calls and WhatsApp reach a `landline` too. Add `voip` where your users have such numbers: they are cheap to have many of.
   */
  readonly types?: readonly PhoneType[] | { readonly [country: string]: readonly PhoneType[] };
  /**
   * The text of a message, where the code is ours, or one for each language. Default: ours, in the language of the request (English, German, French, Spanish, Italian, Portuguese, Japanese,
   * Chinese, Korean, Hindi; else English), with the WebOTP last line. Yours should end with that line too: `@${host} #${code}`.
   */
  readonly text?: TextOption<string>;
}

const MOBILE: readonly PhoneType[] = ['mobile', 'mobile-or-landline'];
const ANY_LINE: readonly PhoneType[] = [...MOBILE, 'landline'];

/** Codes by text message. */
export function sms(options: SentCodeOptions): Factor {
  return phoneCode(
    { kind: 'sms', channel: 'sms', strength: 40, amr: ['sms', 'mfa'], defaultName: 'Text message', types: MOBILE },
    options,
  );
}

/** Codes spoken in a phone call. */
export function voice(options: SentCodeOptions): Factor {
  return phoneCode(
    { kind: 'voice', channel: 'voice', strength: 30, amr: ['tel', 'mfa'], defaultName: 'Phone call', types: ANY_LINE },
    options,
  );
}

/** Codes by WhatsApp. */
export function whatsapp(options: SentCodeOptions): Factor {
  return phoneCode(
    {
      kind: 'whatsapp',
      channel: 'whatsapp',
      strength: 42,
      amr: ['otp', 'mfa'],
      defaultName: 'WhatsApp',
      types: ANY_LINE,
    },
    options,
  );
}

/** A call that rings once: the code is the end of the number that called. For apps on the phone itself; over `telnyxVerify`. */
export function flashCall(options: SentCodeOptions): Factor {
  return phoneCode(
    {
      kind: 'flash-call',
      channel: 'flash-call',
      strength: 28,
      amr: ['tel', 'mfa'],
      defaultName: 'Missed call',
      types: MOBILE,
    },
    options,
  );
}

interface Kind {
  readonly kind: string;
  readonly channel: Channel;
  readonly strength: number;
  readonly amr: readonly string[];
  readonly defaultName: string;
  readonly types: readonly PhoneType[];
}

function phoneCode({ types: usual, ...kind }: Kind, options: SentCodeOptions): Factor {
  refuseUnknownOptions(kind.kind, options, ['via', 'text', 'countries', 'defaultCountry', 'types']);
  const { countries } = options;
  const text = readText<string, string | CodeWords>(
    `${kind.kind}: \`text\``,
    options.text,
    kind.channel === 'voice' ? spokenText : codeText,
  );
  const deliveries = readDeliveries(kind.kind, kind.channel, options.via);
  requireCountries(kind.kind, countries);
  const typesIn = readPhoneTypes(kind.kind, options.types ?? usual, countries);
  return sentCode({
    ...kind,
    asks: 'phone',
    countries,
    deliveries,
    async read(input) {
      const read = await readPhone(input.phone, options, input.country);
      if (!read.ok)
        return refuse(read.why === 'unreadable' ? 'field_invalid' : 'destination_refused', { field: 'phone' });
      if (!typesIn(read.country).includes(read.type)) return refuse('destination_refused', { field: 'phone' });
      return { ok: true, to: read.e164, mask: maskPhone(read.e164), country: read.country };
    },
    show: async (to) => ({ phone: await formatPhone(to) }),
    text,
  });
}

function requireCountries(kind: string, countries: readonly string[]): void {
  const usable = Array.isArray(countries) && countries.length > 0 && countries.every((one) => /^[A-Z]{2}$/.test(one));
  if (usable) return;
  throw new MfaError(
    'set_up',
    `${kind}: \`countries\` is missing. Name the countries you send to, as in \`countries: ['US', 'CA']\`: codes to anywhere are how toll fraud is paid for.`,
  );
}
