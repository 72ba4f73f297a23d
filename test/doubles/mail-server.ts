/** A mail server on a local port, spoken to over real SMTP. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import nodemailer from 'nodemailer';
import { SMTPServer } from 'smtp-server';

interface Mail {
  readonly from: string;
  /** Everybody the envelope named. */
  readonly to: readonly string[];
  /** As it came: headers, an empty line, the body. */
  readonly source: string;
}

/** What the server does with the next mail instead of taking it. */
export type MailFault =
  | { readonly at: 'connect' | 'auth' | 'mail' | 'rcpt' | 'data'; readonly status: number; readonly says?: string }
  /** The connection ends after the whole mail was written, without an answer. */
  | { readonly at: 'data'; readonly cut: true }
  | { readonly at: 'data'; readonly hang: true };

export type MailServer = Awaited<ReturnType<typeof mailServer>>;

export interface MailServerOptions {
  readonly user?: string;
  readonly pass?: string;
  /** Offers STARTTLS, with a certificate nobody trusts. Default: no TLS. */
  readonly tls?: boolean;
}

export async function mailServer({ user, pass, tls = false }: MailServerOptions = {}) {
  const mails: Mail[] = [];
  const faults: MailFault[] = [];
  const fail = (at: MailFault['at']) => (faults[0]?.at === at ? faults.shift() : undefined);
  const refusal = (status: number, says = '') =>
    Object.assign(new Error(`${says} no ${mails.length} for ada@mail.example`.trim()), { responseCode: status });
  const faultAt = (at: MailFault['at']) => {
    const fault = fail(at);
    return fault && 'status' in fault ? refusal(fault.status, fault.says) : null;
  };

  const server = new SMTPServer({
    authOptional: user === undefined,
    disabledCommands: tls ? [] : ['STARTTLS'],
    logger: false,
    onConnect: (_session, done) => done(faultAt('connect')),
    onAuth(auth, _session, done) {
      const fault = faultAt('auth');
      if (fault) done(fault);
      else if (auth.username === user && auth.password === pass) done(null, { user: auth.username ?? '' });
      else done(refusal(535));
    },
    onMailFrom: (_address, _session, done) => done(faultAt('mail')),
    onRcptTo: (_address, _session, done) => done(faultAt('rcpt')),
    onData(stream, session, done) {
      let source = '';
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        source += chunk;
      });
      stream.on('end', () => {
        const fault = fail('data');
        if (fault && 'status' in fault) return done(refusal(fault.status, fault.says));
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
    transport(auth?: { user: string; pass: string }, more: object = {}) {
      return nodemailer.createTransport({
        host: '127.0.0.1',
        port,
        secure: false,
        ignoreTLS: true,
        connectionTimeout: 2_000,
        socketTimeout: 5_000,
        ...(auth ? { auth } : {}),
        ...more,
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
