/** `express-mfa/smtp`: codes by e-mail, over a transport of nodemailer that the host passes in. */
import type { CallContext, Delivery, SendJob, SendResult } from '../core/delivery.js';
import { readEmail } from '../core/email-addresses.js';
import { MfaError } from '../core/errors.js';
import { field } from '../core/field.js';
import { refuseUnknownOptions } from '../core/known-options.js';
import { smtpFailure } from './smtp-errors.js';

/** The part of nodemailer's transporter that is used here: what `nodemailer.createTransport(...)` returns fits as it is. */
export interface MailTransport {
  sendMail(mail: MailMessage): Promise<unknown>;
}

export interface MailMessage {
  from: string | { name: string; address: string };
  to: { name: string; address: string };
  envelope: { from: string; to: string[] };
  subject: string;
  text: string;
  html?: string;
  messageId: string;
  headers: Record<string, string>;
  disableFileAccess: true;
  disableUrlAccess: true;
}

export interface SmtpOptions {
  /**
   * What `nodemailer.createTransport(...)` returned, 6 or later. Give it `requireTLS` (or `secure`) and short times, as in `connectionTimeout: 3000, greetingTimeout: 3000,
   * socketTimeout: 8000`: nobody waits longer than ten seconds, and by then a connection should have ended too.
   */
  readonly transport: MailTransport;
  /** The sender: one plain address. Its domain should sign mail (SPF, DKIM). */
  readonly from: string;
  /** Shown before it. Default: the `issuer` option. */
  readonly fromName?: string;
  /** Default `smtp`; with two servers behind one factor each needs a name of its own. */
  readonly name?: string;
}

/**
 * Mails with codes of ours. One recipient, in the envelope too, whatever the address was; a repeated attempt at one send has the same `Message-ID`. That a server took a mail does not say
 * that it arrived. Throws `MfaError` (`set_up`) for options that cannot work.
 */
export function smtp(options: SmtpOptions): Delivery {
  refuseUnknownOptions('smtp', options, ['transport', 'from', 'fromName', 'name']);
  const { transport, fromName, name = 'smtp' } = options;
  requireTransport(transport);
  requireName(name);
  const from = readEmail(options.from);
  if (from === undefined) {
    throw new MfaError(
      'set_up',
      "smtp: `from` is one plain address, such as 'no-reply@acme.example'; a name goes into `fromName`.",
    );
  }
  const domain = from.slice(from.lastIndexOf('@') + 1);

  function mailOf(job: SendJob, to: string, text: string): MailMessage {
    return {
      from: { name: oneLine(fromName ?? job.issuer), address: from ?? '' },
      to: { name: '', address: to },
      // Said apart from the headers: whatever they could be made to say, this is where it goes.
      envelope: { from: from ?? '', to: [to] },
      subject: oneLine(job.subject ?? `Your ${job.issuer} code`),
      text,
      ...(job.html === undefined ? {} : { html: job.html }),
      messageId: `<${job.sendId.replace(/[^\w.-]/g, '-')}@${domain}>`,
      // RFC 3834: nobody's holiday answers this.
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      disableFileAccess: true,
      disableUrlAccess: true,
    };
  }

  async function send(job: SendJob, { signal }: CallContext): Promise<SendResult> {
    if (job.channel !== 'email') return { sent: 'no', why: 'channel_unavailable' };
    if (signal.aborted) return { sent: 'no', why: 'timeout' };
    const to = readEmail(job.to);
    if (to === undefined) return { sent: 'no', why: 'invalid_destination' };
    if (job.text === undefined || job.text === '') return { sent: 'no', why: 'config' };
    const mail = mailOf(job, to, job.text);
    const outcome = await settled(() => transport.sendMail(mail), signal);
    if (outcome === 'late') return { sent: 'unknown', why: 'timeout' };
    if ('failed' in outcome) return smtpFailure(outcome.failed);
    const rejected = field(outcome.answer, 'rejectedErrors');
    if (Array.isArray(rejected) && rejected.length > 0) return smtpFailure(rejected[0]);
    return { sent: 'yes', ref: mail.messageId, codeOwner: 'ours' };
  }

  return { name, offers: [{ channel: 'email', code: 'ours' }], send };
}

/** nodemailer takes no signal: a mail nobody waits for is given up on its own times, and what comes of it is dropped here. */
function settled(
  work: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<{ readonly answer: unknown } | { readonly failed: unknown } | 'late'> {
  return new Promise((resolve) => {
    const late = () => resolve('late');
    signal.addEventListener('abort', late, { once: true });
    new Promise((started) => started(work()))
      .then(
        (answer) => resolve({ answer }),
        (failed: unknown) => resolve({ failed }),
      )
      .finally(() => signal.removeEventListener('abort', late));
  });
}

function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}

function requireTransport(transport: unknown): void {
  if (typeof field(transport, 'sendMail') === 'function') return;
  throw new MfaError(
    'set_up',
    'smtp: `transport` is missing. Pass what `nodemailer.createTransport({ host, port, requireTLS: true, auth })` returned.',
  );
}

function requireName(name: unknown): void {
  if (typeof name === 'string' && /^[a-z][a-z0-9-]{1,39}$/.test(name)) return;
  throw new MfaError('set_up', "smtp: `name` is lower-case letters, digits and hyphens, such as 'smtp-backup'.");
}
