/** What a refusal of a mail server, or of nodemailer, means for us: RFC 5321 (section 4.2) for replies, RFC 3463 for the codes in them. */
import { connectionBroke } from '../core/connection-errors.js';
import type { FailureClass, SendResult, VendorDetail } from '../core/delivery.js';
import { field } from '../core/field.js';

/** nodemailer's own words: the mail was never offered to anybody. */
const NEVER_OFFERED: Readonly<Record<string, FailureClass>> = {
  EAUTH: 'auth',
  ENOAUTH: 'auth',
  EOAUTH2: 'auth',
  ETLS: 'config',
  EREQUIRETLS: 'config',
  EENVELOPE: 'config',
  EMESSAGE: 'config',
  EDNS: 'unavailable',
};

/** A mail is the server's only after its last line: whatever is said before that, and every refusal, says that nothing was sent. What the server wrote goes no further. */
export function smtpFailure(error: unknown): SendResult {
  const reply = field(error, 'responseCode');
  const status = typeof reply === 'number' && reply >= 400 && reply <= 599 ? reply : undefined;
  const given = field(error, 'code');
  const code = typeof given === 'string' && /^E[A-Z0-9]{2,20}$/.test(given) ? given : undefined;
  const detail: VendorDetail = {
    ...(status === undefined ? {} : { status }),
    ...(code === undefined ? {} : { code }),
  };
  if (status !== undefined) return { sent: 'no', why: classOfReply(status, code, error), detail };
  const known = code === undefined ? undefined : NEVER_OFFERED[code];
  if (known !== undefined) return { sent: 'no', why: known, detail };
  if (neverGreeted(error)) return { sent: 'no', why: 'timeout', detail };
  return { ...connectionBroke(systemError(error)), detail };
}

function classOfReply(status: number, code: string | undefined, error: unknown): FailureClass {
  const isPermanent = status >= 500;
  if (code === 'EAUTH' || [530, 534, 535, 538].includes(status)) return isPermanent ? 'auth' : 'unavailable';
  const command = field(error, 'command');
  if (command === 'RCPT TO') return aboutMailbox(status, enhancedCode(error));
  if (command === 'DATA') return aboutMail(status, enhancedCode(error));
  // The greeting, TLS or the sender: nothing of it is about whom the mail is for.
  return isPermanent ? 'config' : notNow(status);
}

function aboutMailbox(status: number, enhanced: string): FailureClass {
  if (enhanced === '2.2' || status === 552) return 'unreachable';
  // The sender has no place there, or no route leads on.
  if (enhanced === '1.7' || enhanced === '1.8') return 'config';
  if (status < 500) return status === 450 && !enhanced.startsWith('7.') ? 'unreachable' : notNow(status);
  return enhanced.startsWith('7.') || status === 554 ? 'filtered' : 'invalid_destination';
}

function aboutMail(status: number, enhanced: string): FailureClass {
  if (enhanced === '2.2') return 'unreachable';
  if (status < 500) return notNow(status);
  if (/^(1\.[1236]|1\.10|2\.1)$/.test(enhanced)) return 'invalid_destination';
  return status < 510 ? 'config' : 'filtered';
}

function notNow(status: number): FailureClass {
  return status === 452 ? 'rate_limited' : 'unavailable';
}

/** `1.1` of `550 5.1.1 No such user`; empty where there is none. */
function enhancedCode(error: unknown): string {
  const response = field(error, 'response');
  const [, subject = '', detail = ''] =
    /^\d{3}[ -][45]\.(\d{1,3})\.(\d{1,3})\b/.exec(typeof response === 'string' ? response : '') ?? [];
  return subject && `${subject}.${detail}`;
}

/** ETIMEDOUT stands for every wait there is; of two of them it is known that no mail was on its way. */
function neverGreeted(error: unknown): boolean {
  const message = field(error, 'message');
  return (
    field(error, 'code') === 'ETIMEDOUT' && (message === 'Connection timeout' || message === 'Greeting never received')
  );
}

/** nodemailer writes ESOCKET over the system's own code, and from version 10 on keeps that one beside it. */
function systemError(error: unknown): unknown {
  const code = field(error, 'originalCode');
  return code === undefined ? error : { code, syscall: field(error, 'syscall'), cause: field(error, 'cause') };
}
