/** A mail server on a local port, spoken to over real SMTP. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import nodemailer from 'nodemailer';
import { SMTPServer } from 'smtp-server';

export interface Mail {
  readonly from: string;
  /** Everybody the envelope named. */
  readonly to: readonly string[];
  /** As it came: headers, an empty line, the body. */
  readonly source: string;
}

/** What the server does with the next mail instead of taking it. */
export type MailFault =
  | { readonly at: 'mail' | 'rcpt' | 'data'; readonly status: number }
  /** The connection ends after the whole mail was written, without an answer. */
  | { readonly at: 'data'; readonly cut: true }
  | { readonly at: 'data'; readonly hang: true };

export type MailServer = Awaited<ReturnType<typeof mailServer>>;

export async function mailServer({ user, pass }: { user?: string; pass?: string } = {}) {
  const mails: Mail[] = [];
  const faults: MailFault[] = [];
  const fail = (at: MailFault['at']) => (faults[0]?.at === at ? faults.shift() : undefined);
  const refusal = (status: number) =>
    Object.assign(new Error(`no ${mails.length} for ada@mail.example`), { responseCode: status });

  const server = new SMTPServer({
    authOptional: user === undefined,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onAuth(auth, _session, done) {
      if (auth.username === user && auth.password === pass) done(null, { user: auth.username ?? '' });
      else done(refusal(535));
    },
    onMailFrom(_address, _session, done) {
      const fault = fail('mail');
      done(fault && 'status' in fault ? refusal(fault.status) : null);
    },
    onRcptTo(_address, _session, done) {
      const fault = fail('rcpt');
      done(fault && 'status' in fault ? refusal(fault.status) : null);
    },
    onData(stream, session, done) {
      let source = '';
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        source += chunk;
      });
      stream.on('end', () => {
        const fault = fail('data');
        if (fault && 'status' in fault) return done(refusal(fault.status));
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          source,
        });
        if (fault && 'hang' in fault) return;
        if (fault) return void cut();
        done(null);
      });
    },
  });
  server.on('error', () => undefined);
  function cut(): void {
    for (const connection of server.connections) connection._socket?.destroy();
  }
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;

  return {
    mails,
    port,
    /** Nodemailer's own client, as a host makes it. */
    transport(auth?: { user: string; pass: string }) {
      return nodemailer.createTransport({
        host: '127.0.0.1',
        port,
        secure: false,
        ignoreTLS: true,
        connectionTimeout: 2_000,
        socketTimeout: 5_000,
        ...(auth ? { auth } : {}),
      });
    },
    /** Queues a fault; several are used up in order. */
    fault(fault: MailFault): void {
      faults.push(fault);
    },
    /** The code in the newest mail to an address. */
    codeFor(to: string): string | undefined {
      return /\b\d{6}\b/.exec(mails.findLast((mail) => mail.to.includes(to))?.source ?? '')?.[0];
    },
    async close(): Promise<void> {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
