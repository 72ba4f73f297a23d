/** Somebody who uses the example app, through its pages, with a browser that runs no script. */
import { once } from 'node:events';
import type { Agent, Server } from 'node:http';
import { generateSync } from 'otplib';
import request, { type Response, type Test } from 'supertest';
import { type App, type AppOptions, createApp } from '../../example-app/app.js';
import { newSecrets } from '../../example-app/secrets.js';
import { originOf } from '../../example-app/serve.js';
import { inSqlite } from '../../example-app/storage/open.js';
import { type TestClock, testClock } from '../support/host.js';
import { hiddenFields } from '../support/person.js';

export const PASSWORD = 'correct horse battery staple';
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

export interface Example extends App {
  readonly clock: TestClock;
}

/** Where a guest goes: an app in this process, or the address of one that runs elsewhere. */
export interface Site {
  readonly app: App['app'] | string;
  readonly clock: TestClock;
}

const started: App[] = [];
const listening: Server[] = [];

/** A new, empty app in memory. */
export function startExample(options: Partial<AppOptions> = {}): Example {
  const clock = testClock();
  const example = createApp({
    storage: inSqlite(':memory:', clock),
    secrets: newSecrets(),
    showInbox: true,
    signInLimit: 1000,
    clock,
    onError: () => undefined,
    ...options,
  });
  started.push(example);
  return { ...example, clock };
}

/** Makes it listen, so that its carriers can call back, and answers with its address. */
export async function listens({ app, listensAt }: App): Promise<string> {
  const server = app.listen(0, '127.0.0.1');
  listening.push(server);
  await once(server, 'listening');
  listensAt(originOf(server));
  return originOf(server);
}

export async function stopExamples(): Promise<void> {
  for (const server of listening.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await Promise.all(started.splice(0).map((one) => one.close()));
}

export class Guest<Place extends Site = Example> {
  readonly example: Place;
  readonly email: string;
  readonly agent: ReturnType<typeof request.agent>;
  /** The connections the browser uses; its own choice where there is none. */
  connections: Agent | undefined;
  /** `X-Worker` of each answer. */
  readonly answeredBy: string[] = [];
  secret = '';
  backupCodes: readonly string[] = [];

  constructor(example: Place, name: string) {
    this.example = example;
    this.email = `${name}@example.com`;
    this.agent = request.agent(example.app);
    this.agent.set('User-Agent', BROWSER);
  }

  /** The same person in another browser. */
  elsewhere(): Guest<Place> {
    const other = new Guest(this.example, this.email.replace('@example.com', ''));
    other.secret = this.secret;
    return other;
  }

  sees(path: string): Promise<Response> {
    return this.sends(this.agent.get(path).set('Accept', 'text/html'));
  }

  /** A form as a browser sends it, hidden fields and all, and the page after it. */
  async submits(page: string, action: string, fields: Record<string, string> = {}): Promise<Response> {
    const shown = await this.sees(page);
    const form = this.agent.post(action).set('Accept', 'text/html').type('form');
    return await this.sends(form.send({ ...hiddenFields(shown.text, action), ...fields }));
  }

  signsUp(fields: Record<string, string> = {}): Promise<Response> {
    return this.submits('/signup', '/signup', { email: this.email, password: PASSWORD, ...fields });
  }

  typesPassword(password = PASSWORD): Promise<Response> {
    return this.submits('/login', '/login', { email: this.email, password });
  }

  answers(fields: Record<string, string>, page = '/mfa/challenge'): Promise<Response> {
    return this.submits(page, '/mfa/challenge/verify', fields);
  }

  signsOut(): Promise<Response> {
    return this.submits('/', '/logout');
  }

  /** Sets an authenticator app up with the key on the page, and saves the backup codes. */
  async addsApp(): Promise<Response> {
    const setUp = await this.submits('/mfa/factors/new/totp', '/mfa/factors/totp');
    const [action = ''] = /\/mfa\/factors\/[^"/]+\/confirm/.exec(setUp.text) ?? [];
    this.secret = (/<code[^>]*>([A-Z2-7 ]+)<\/code>/.exec(setUp.text)?.[1] ?? '').replaceAll(' ', '');
    const codes = await this.submits(action.replace('/confirm', ''), action, { code: this.code() });
    this.backupCodes = [...codes.text.matchAll(/<code>([0-9A-Z]+(?:-[0-9A-Z]+)+)<\/code>/g)].map(([, one]) =>
      String(one),
    );
    return await this.submits('/mfa/backup-codes', '/mfa/backup-codes/saved', { saved: 'on' });
  }

  /** What the app shows now. */
  code(): string {
    return generateSync({ secret: this.secret, epoch: Math.floor(this.example.clock() / 1000) });
  }

  /** What it shows next: the present code may have been used. */
  nextCode(): string {
    this.example.clock.advance(30_000);
    return this.code();
  }

  private async sends(test: Test): Promise<Response> {
    const note = ({ headers }: Response) => void this.answeredBy.push(String(headers['x-worker']));
    const answer = await (this.connections ? test.agent(this.connections) : test).redirects(3).on('redirect', note);
    note(answer);
    return answer;
  }

  /** The newest code on the page `/inbox`, read in another window. */
  async textedCode(): Promise<string> {
    const { text } = await request(this.example.app).get('/inbox').set('Accept', 'text/html').expect(200);
    return /<code>(\d+)<\/code>/.exec(text)?.[1] ?? 'nothing arrived';
  }
}
