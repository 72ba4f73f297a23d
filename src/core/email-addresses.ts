/** E-mail addresses: one plain address, or none. What goes into a header or an envelope must not be able to name a second one. */
import { domainToASCII } from 'node:url';

/** Letters, digits and what RFC 5322 (section 3.2.3) calls atext, in words between dots; no quotes, comments or groups. */
const LOCAL = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const DOMAIN = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/;

/** The address as mail is sent to it: the domain in lower case and ASCII (RFC 5891). Undefined for anything else than one address. */
export function readEmail(typed: unknown): string | undefined {
  // RFC 5321, section 4.5.3.1: 64 octets before the @, 254 in all.
  if (typeof typed !== 'string' || typed.length > 254) return undefined;
  const [local = '', given = '', ...more] = typed.trim().split('@');
  // `=?` begins an encoded word (RFC 2047), which some mail servers decode into another address.
  if (more.length > 0 || local.length > 64 || !LOCAL.test(local) || local.includes('=?')) return undefined;
  // A URL's host may hold more than a name; what is not one is no domain.
  const domain = /^[^\s/?#:[\]\\%]+$/.test(given) ? domainToASCII(given) : '';
  if (!DOMAIN.test(domain) || local.length + 1 + domain.length > 254) return undefined;
  return `${local}@${domain}`;
}

/** Whether two addresses are one mailbox, as far as anybody can tell. */
export function sameMailbox(one: string, other: string): boolean {
  return mailboxOf(one) === mailboxOf(other);
}

/** What all spellings of one mailbox have in common: in small letters, without what follows a plus sign; Gmail has two names, and passes over dots. */
export function mailboxOf(address: string): string {
  const plain = address.toLowerCase().replace(/\+[^@]*(?=@)/, '');
  const gmail = /^([^@]*)@(?:gmail|googlemail)\.com$/.exec(plain);
  return gmail ? `${gmail[1]?.replaceAll('.', '')}@gmail.com` : plain;
}

/** Whether a text of the host's may name the mailbox: one that is no plain address (`Ada <ada@acme.example>`) may, where its domain is the same. */
export function mayName(text: string, address: string): boolean {
  const plain = readEmail(text);
  if (plain !== undefined) return sameMailbox(plain, address);
  const domain = mailboxOf(address).replace(/^[^@]*/, '');
  return text.toLowerCase().replaceAll('@googlemail.com', '@gmail.com').includes(domain);
}

/** `a••••••••@acme.example`: the same length whatever the name. */
export function maskEmail(address: string): string {
  return `${address.slice(0, 1)}••••••••${address.slice(address.lastIndexOf('@'))}`;
}
