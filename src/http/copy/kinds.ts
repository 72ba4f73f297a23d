/** What the kinds of factor are called, and how a code travels. Hosts add those of their own factors. */
export const kinds: Record<string, string> = {
  totp: 'Authenticator app',
  phone: 'Phone',
  sms: 'Text message',
  voice: 'Phone call',
  whatsapp: 'WhatsApp',
  'flash-call': 'Missed call',
  email: 'Email',
  'backup-codes': 'Backup code',
  password: 'Password',
};

/** One line under each kind that can be added. */
export const kindHints: Record<string, string> = {
  totp: 'An app on your phone or computer shows a new code every 30 seconds. Works without a signal.',
  phone: 'We send a code to your phone, in the way that you choose.',
  sms: 'We text a code to your phone.',
  voice: 'We call your phone and read out a code.',
  whatsapp: 'We send a code to your WhatsApp number.',
  'flash-call': 'Your phone rings once. The code is the end of the number that called.',
  email: 'We email you a code.',
};

/** How a code travels, to complete “We sent a code to … by …”. */
const sentBy: Record<string, string> = {
  sms: 'in a text message',
  voice: 'by phone call',
  whatsapp: 'on WhatsApp',
  'flash-call': 'as a missed call',
  email: 'by email',
};

/** What a channel brings, to complete “… do not reach this number”. */
const brought: Record<string, string> = {
  sms: 'Texts',
  voice: 'Calls',
  whatsapp: 'WhatsApp messages',
  'flash-call': 'Missed calls',
};

const offers: Record<string, string> = {
  sms: 'We can text you instead',
  voice: 'We can call you instead',
  whatsapp: 'We can use WhatsApp instead',
  'flash-call': 'We can ring you once instead',
};

export function broughtBy(channel: string): string {
  return brought[channel] ?? 'Codes';
}

export function offerOf(channel: string): string {
  return offers[channel] ?? `We can send it ${sentWith(channel)} instead`;
}

export function sentWith(channel: string): string {
  return sentBy[channel] ?? `by ${channel}`;
}
