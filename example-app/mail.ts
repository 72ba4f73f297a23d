/** The app's mail server, where there is one: it brings codes, and notices of what changed. */
import type { Transporter } from 'nodemailer';
import { StartProblem } from './problems.js';

export interface MailServer {
  readonly transport: Transporter;
  /** The sender: one plain address. */
  readonly from: string;
}

/** One mail of the app's own. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** `SMTP_URL` and `MAIL_FROM`; undefined without them. Connects when there is something to send. */
export async function mailServer({ SMTP_URL: url, MAIL_FROM: from }: Environment): Promise<MailServer | undefined> {
  if (!url && !from) return undefined;
  if (!url || !from || !/^smtps?:\/\//.test(url)) {
    throw new StartProblem(
      'Mail is half set up. It needs SMTP_URL, as in smtp://user:password@smtp.example:587, and MAIL_FROM, one address.',
    );
  }
  const { default: nodemailer } = await import('nodemailer');
  const times = { connectionTimeout: 3000, greetingTimeout: 3000, socketTimeout: 8000 };
  return { transport: nodemailer.createTransport({ url, ...times }), from };
}

/** Sends by it. Rejects where the server does not take the mail. */
export function mailer({ transport, from }: MailServer, name: string): (mail: Mail) => Promise<unknown> {
  return ({ to, subject, text }) =>
    transport.sendMail({
      from: { name, address: from },
      // An object: a text could name several people.
      to: { name: '', address: to },
      subject,
      text,
      // Nobody's holiday answers this.
      headers: { 'Auto-Submitted': 'auto-generated' },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
}
