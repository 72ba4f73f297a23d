import type { Delivery } from '../core/delivery.js';
import { maskEmail, mayName, readEmail } from '../core/email-addresses.js';
import { MfaError, refuse } from '../core/errors.js';
import type { Factor } from '../core/factor.js';
import { field } from '../core/field.js';
import { refuseUnknownOptions } from '../core/known-options.js';
import type { HostUser } from '../core/words.js';
import { readDeliveries } from './deliveries.js';
import { codeMail, type MailText } from './email-text.js';
import { faultOfText, readText, type TextOption } from './own-text.js';
import { sentCode } from './sent-code.js';

export interface EmailCodeOptions<User extends HostUser = HostUser> {
  /** What brings the mail: `smtp(...)`, `inbox()`; of several, at most two are asked. */
  readonly via: Delivery | readonly Delivery[];
  /**
   * The addresses by which this user's password can be reset. A code to such a mailbox is refused, when it is set up and whenever one would be sent: whoever reads that mailbox has the
   * password already, and one thing would stand for both factors. Write `() => []` where passwords are not reset by mail. An error in it is a refusal.
   */
  readonly resetAddresses: (user: User) => Addresses | Promise<Addresses>;
  /** Subject, text and HTML, or these for each language; default: ours, in the language of the request where we have it. Put nothing into `html` that is not escaped. Tried when the app starts; `text` and `html` must have the code in them. Where it fails later all the same, `onError` is told and ours goes out. */
  readonly mail?: TextOption<MailText>;
}

/** Mail programs cut longer ones off. */
const MOST_CHARACTERS = 100_000;

type Addresses = string | readonly string[] | null | undefined;

/**
 * Codes by e-mail: the weakest kind there is (SP 800-63B-4 does not count it at all), so nobody has it unless the host lists it. Throws `MfaError` (`set_up`) for
 * options that cannot work.
 */
export function email<User extends HostUser = HostUser>(options: EmailCodeOptions<User>): Factor {
  refuseUnknownOptions('email', options, ['via', 'resetAddresses', 'mail']);
  const { resetAddresses } = options;
  const mail = readText('email: `mail`', options.mail, codeMail, faultOfMail);
  const deliveries = readDeliveries('email', 'email', options.via);
  if (typeof resetAddresses !== 'function') {
    throw new MfaError(
      'set_up',
      'email: `resetAddresses` is missing. Say by which addresses a password can be reset, as in `resetAddresses: (user) => user.email`, or `() => []` where that is not done by mail: a code to the same mailbox is no second factor.',
    );
  }

  async function resets(user: HostUser, address: string): Promise<boolean> {
    const given = (await resetAddresses(user as User)) ?? [];
    const all = typeof given === 'string' ? [given] : given;
    return all.some((one) => mayName(String(one), address));
  }

  return sentCode({
    kind: 'email',
    strength: 20,
    defaultName: 'Email',
    asks: 'email',
    ways: [{ channel: 'email', amr: ['otp', 'mfa'], deliveries, text: mail }],
    async read(input, { subject }) {
      const to = readEmail(input.email);
      if (to === undefined) return refuse('field_invalid', { field: 'email' });
      if (await resets(subject.user, to)) return refuse('destination_refused', { field: 'email' });
      return { ok: true, to, mask: maskEmail(to) };
    },
    mayGoTo: async (to, { subject }) => !(await resets(subject.user, to)),
    show: async (to) => ({ email: to }),
  });
}

function faultOfMail(made: unknown, code: string): string | undefined {
  const html = field(made, 'html');
  const parts: readonly [string, string | undefined][] = [
    ['subject', faultOfText(field(made, 'subject'), { most: 200 })],
    ['text', faultOfText(field(made, 'text'), { most: MOST_CHARACTERS, code })],
    ['html', html === undefined ? undefined : faultOfText(html, { most: MOST_CHARACTERS, code })],
  ];
  const [name, fault] = parts.find(([, one]) => one !== undefined) ?? [];
  return fault && `answers with a \`${name}\` that ${fault}`;
}
