/** Collects everything a host lets out during a journey, and looks for what must not be in it. */
import { inspect } from 'node:util';
import { jest } from '@jest/globals';
import type { Express, Response } from 'express';
import session from 'express-session';
import type { TestHost } from './host.js';

interface Output {
  readonly where: string;
  readonly text: string;
}

export interface Secret {
  readonly what: string;
  readonly text: string;
  /** Answers that are there to show it: `POST /mfa/factors/totp`. */
  readonly shownBy?: RegExp;
}

export interface LeakWatch {
  readonly sessions: session.Store;
  before(app: Express): void;
  /** Where each secret was seen that was not meant to be: `['seed in session 3']`. */
  search(host: TestHost, secrets: readonly Secret[]): Promise<readonly string[]>;
  /** So that a test can see that something was collected at all. */
  count(): number;
  stop(): void;
}

export function watchForLeaks(): LeakWatch {
  const outputs: Output[] = [];
  const spies = (['log', 'info', 'warn', 'error', 'debug', 'trace'] as const).map((method) =>
    jest.spyOn(console, method).mockImplementation((...given: unknown[]) => {
      outputs.push({ where: `console.${method}`, text: given.map((one) => inspect(one, { depth: 10 })).join(' ') });
    }),
  );

  class WatchedSessions extends session.MemoryStore {
    override set(sid: string, data: session.SessionData, done?: (error?: unknown) => void): void {
      outputs.push({ where: 'session', text: JSON.stringify(data) });
      super.set(sid, data, done);
    }
  }

  return {
    sessions: new WatchedSessions(),
    before(app) {
      app.use((req, res, next) => {
        record(res, (text) => outputs.push({ where: `${req.method} ${req.originalUrl}`, text }));
        next();
      });
    },
    async search(host, secrets) {
      const audit = await host.mfa.api.audit.search({ limit: 500 });
      const all: Output[] = [
        ...outputs,
        ...host.events.map((event) => ({ where: `event ${event.type}`, text: inspect(event, { depth: 10 }) })),
        ...audit.events.map((event) => ({ where: `audit ${event.type}`, text: JSON.stringify(event) })),
        ...host.errors.map((error) => ({ where: 'onError', text: inspect(error, { depth: 10, showHidden: true }) })),
      ];
      return secrets.flatMap(({ what, text, shownBy }) =>
        all
          .filter((output) => !shownBy?.test(output.where) && spellingsOf(text).some((one) => one.test(output.text)))
          .map(({ where }) => `${what} in ${where}`),
      );
    },
    count: () => outputs.length,
    stop: () => spies.forEach((spy) => void spy.mockRestore()),
  };
}

/** Head and body of an answer, whole. */
function record(res: Response, keep: (text: string) => void): void {
  const chunks: Buffer[] = [];
  const { write, end } = res;
  const note = (chunk: unknown) => {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk as string));
  };
  res.write = ((chunk: unknown, encoding: never, done: never) => {
    note(chunk);
    return write.call(res, chunk, encoding, done);
  }) as typeof res.write;
  res.end = ((chunk: unknown, encoding: never, done: never) => {
    note(chunk);
    return end.call(res, chunk, encoding, done);
  }) as typeof res.end;
  res.on('finish', () => keep(`${JSON.stringify(res.getHeaders())}\n${Buffer.concat(chunks).toString()}`));
}

/** The secret as it is, and as it may look after an encoding. A short code only where it stands alone: ids and times have digits too. */
export function spellingsOf(secret: string): readonly RegExp[] {
  const bytes = Buffer.from(secret);
  const spelled = [secret, secret.replace(/[-+ ]/g, ''), secret.replace(/-/g, ''), encodeURIComponent(secret)];
  const encoded = [bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url')];
  return [...new Set([...spelled, ...(secret.length > 8 ? encoded : [])])].map(
    (text) => new RegExp(`(?<![A-Za-z0-9_-])${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![A-Za-z0-9_-])`, 'i'),
  );
}
