import type { Channel, Delivery } from '../core/delivery.js';
import { MfaError, refuse } from '../core/errors.js';
import type { Factor } from '../core/factor.js';
import { refuseUnknownOptions } from '../core/known-options.js';
import { maskPhone, type PhoneRules, readPhone } from '../core/phone-numbers.js';
import { codeText, spokenText } from './code-text.js';
import { readDeliveries } from './deliveries.js';
import { type CodeAbout, sentCode } from './sent-code.js';

export interface SentCodeOptions extends PhoneRules {
  /**
   * What brings the code: `twilioVerify(...)`, `twilioMessages(...)`, `inbox()` ... Of several, the first that is well is asked, and at most one more where
   * that cannot bring a second code; each of them must carry codes of ours.
   */
  readonly via: Delivery | readonly Delivery[];
  /** The text of a message, where the code is ours; default English with the WebOTP last line. */
  readonly text?: (about: CodeAbout) => string;
}

/** Codes by text message. */
export function sms(options: SentCodeOptions): Factor {
  return phoneCode(
    { kind: 'sms', channel: 'sms', strength: 40, amr: ['sms', 'mfa'], defaultName: 'Text message' },
    options,
  );
}

/** Codes spoken in a phone call. */
export function voice(options: SentCodeOptions): Factor {
  return phoneCode(
    { kind: 'voice', channel: 'voice', strength: 30, amr: ['tel', 'mfa'], defaultName: 'Phone call' },
    options,
  );
}

/** Codes by WhatsApp. */
export function whatsapp(options: SentCodeOptions): Factor {
  return phoneCode(
    { kind: 'whatsapp', channel: 'whatsapp', strength: 42, amr: ['otp', 'mfa'], defaultName: 'WhatsApp' },
    options,
  );
}

interface Kind {
  readonly kind: string;
  readonly channel: Channel;
  readonly strength: number;
  readonly amr: readonly string[];
  readonly defaultName: string;
}

function phoneCode(kind: Kind, options: SentCodeOptions): Factor {
  refuseUnknownOptions(kind.kind, options, ['via', 'text', 'countries', 'defaultCountry']);
  const { countries, text = kind.channel === 'voice' ? spokenText : codeText } = options;
  const deliveries = readDeliveries(kind.kind, kind.channel, options.via);
  requireCountries(kind.kind, countries);
  return sentCode({
    ...kind,
    countries,
    deliveries,
    async read(input) {
      const read = await readPhone(input.phone, options, input.country);
      if (!read.ok)
        return refuse(read.why === 'unreadable' ? 'field_invalid' : 'destination_refused', { field: 'phone' });
      return { ok: true, to: read.e164, mask: maskPhone(read.e164), country: read.country };
    },
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
