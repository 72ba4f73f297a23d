/** One of several processes that serve the same app from one store. Does what its parent asks, one thing after another. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import { type CaptchaOptions, turnstile } from '../../src/captcha/captcha.js';
import {
  type Inbox,
  type InboxMessage,
  inbox,
  type LimitOptions,
  type MfaEvent,
  type PhoneChannel,
  type PriceOptions,
  phone,
  type RiskOptions,
  type Store,
  sms,
  totp,
} from '../../src/index.js';
import { answerTasks } from './answer-tasks.js';
import { createHost, type TestHost, type TestUser, testClock } from './host.js';
import { SqliteSessions } from './sqlite-sessions.js';
import { openAt, type StorePlace } from './store-places.js';
import { WEBHOOKS } from './webhooks.js';

export interface ProcessOptions {
  readonly place: StorePlace;
  /** The file of the sessions. */
  readonly sessions: string;
  /** What the clock shows; it stands still until it is moved. */
  readonly now: number;
  readonly limits?: LimitOptions;
  readonly prices?: readonly PriceOptions[];
  /** What can be said as JSON. */
  readonly risk?: RiskOptions;
  /** A Turnstile. */
  readonly captcha?: CaptchaOptions;
  /** The inbox tells what became of a text, as Twilio does, at `/webhooks/twilio`. */
  readonly webhooks?: boolean;
  /** A phone with these, by the inbox, in place of the usual factors. */
  readonly channels?: readonly PhoneChannel[];
  /** Ids of users for whom policy asks for a factor. */
  readonly required?: readonly string[];
}

export type Task =
  /** A new host; what was there before is forgotten. */
  | { readonly do: 'begin'; readonly options: ProcessOptions }
  | { readonly do: 'add user'; readonly name: string }
  | { readonly do: 'change user'; readonly id: string; readonly to: Partial<Pick<TestUser, 'password' | 'disabled'>> }
  /** `whose`: the process's own clock, and that of a store which has none of its own (SQLite). Without it, both. */
  | { readonly do: 'advance'; readonly ms: number; readonly whose?: 'process' | 'store' }
  | { readonly do: 'sweep' }
  | { readonly do: 'texts' }
  | { readonly do: 'events' }
  | { readonly do: 'credentials changed'; readonly id: string }
  | { readonly do: 'reset user'; readonly id: string }
  | { readonly do: 'forget user'; readonly id: string }
  /** At the next commit that writes a record of this kind the process is gone, as with `kill -9`. */
  | { readonly do: 'die'; readonly when: 'before' | 'after'; readonly kind: string };

/** What each task answers. */
export interface Answers {
  begin: undefined;
  'add user': undefined;
  'change user': undefined;
  advance: undefined;
  sweep: { readonly removed: number };
  texts: readonly InboxMessage[];
  events: readonly MfaEvent[];
  'credentials changed': undefined;
  'reset user': undefined;
  'forget user': undefined;
  die: undefined;
}

interface Running {
  readonly host: TestHost;
  readonly app: Express;
  readonly sessions: SqliteSessions;
  readonly storeClock: ReturnType<typeof testClock>;
}

let running: Running | undefined;
let death: Extract<Task, { do: 'die' }> | undefined;

const server = createServer((req, res) => void running?.app(req, res)).listen(0, '127.0.0.1');
await once(server, 'listening');
answerTasks(perform, (server.address() as AddressInfo).port);

async function begin({
  place,
  sessions: file,
  now,
  limits = {},
  prices,
  risk,
  captcha,
  webhooks = false,
  channels,
  required = [],
}: ProcessOptions): Promise<Running> {
  const clock = testClock(now);
  const storeClock = testClock(now);
  const sessions = new SqliteSessions(file);
  const texts = telling(inbox({ now: clock }));
  const host = createHost(
    {
      store: mortal(await openAt(place, storeClock)),
      sessionStore: sessions,
      before: (app) => void app.set('trust proxy', 'loopback'),
      mfa: {
        limits,
        ...(prices ? { prices } : {}),
        ...(risk ? { risk } : {}),
        ...(captcha ? { captcha: turnstile(captcha) } : {}),
        ...(channels
          ? {
              factors: [
                totp(),
                phone({ countries: ['US'], channels: channels.map((channel) => ({ channel, via: texts })) }),
              ],
            }
          : {}),
        ...(webhooks ? { webhooks: WEBHOOKS, factors: [totp(), sms({ via: texts, countries: ['US'] })] } : {}),
        policy: ({ id }) => (required.includes(id) ? 'required' : 'optional'),
      },
    },
    clock,
  );
  await host.store.ping();
  if (!webhooks) return { host: channels ? { ...host, inbox: texts } : host, app: host.app, sessions, storeClock };
  const app = express().use('/webhooks', host.mfa.webhookRouter()).use(host.app);
  return { host: { ...host, inbox: texts }, app, sessions, storeClock };
}

/** Its references are those that Twilio would give. */
function telling(texts: Inbox): Inbox {
  const sid = (ref: string) => `SM${createHash('md5').update(`${process.pid} ${ref}`).digest('hex')}`;
  return {
    ...texts,
    webhook: 'twilio',
    async send(job, context) {
      const done = await texts.send(job, context);
      return done.sent === 'yes' ? { ...done, ref: sid(done.ref) } : done;
    },
    messages: () => texts.messages().map((message) => ({ ...message, ref: sid(message.ref) })),
  };
}

async function end({ host, sessions }: Running): Promise<void> {
  await host.mfa.close();
  await host.store.close();
  sessions.close();
}

async function perform(task: Task): Promise<unknown> {
  if (task.do === 'begin') {
    death = undefined;
    if (running) await end(running);
    running = await begin(task.options);
    return undefined;
  }
  if (!running) throw new Error('Nothing has begun.');
  return await performIn(running, task);
}

async function performIn({ host, storeClock }: Running, task: Exclude<Task, { do: 'begin' }>): Promise<unknown> {
  switch (task.do) {
    case 'add user':
      host.addUser(task.name);
      return undefined;
    case 'change user':
      Object.assign(host.users.get(task.id) ?? {}, task.to);
      return undefined;
    case 'advance':
      if (task.whose !== 'store') host.clock.advance(task.ms);
      if (task.whose !== 'process') storeClock.advance(task.ms);
      return undefined;
    case 'sweep':
      return await host.mfa.api.sweep();
    case 'texts':
      return host.inbox.messages();
    case 'events':
      return host.events;
    case 'credentials changed':
      return await host.mfa.api.credentialsChanged(task.id);
    case 'reset user':
      return await host.mfa.api.resetUser(task.id, { reason: 'test' });
    case 'forget user':
      return await host.mfa.api.forgetUser(task.id);
    case 'die':
      death = task;
      return undefined;
  }
}

/** The same store, in a process that can be killed around one of its commits. */
function mortal(store: Store): Store {
  return {
    ...store,
    async commit(owner, step) {
      const isLast =
        death !== undefined && step.writes?.some((write) => write.do === 'put' && write.kind === death?.kind);
      if (isLast && death?.when === 'before') await die();
      const done = await store.commit(owner, step);
      if (isLast) await die();
      return done;
    },
  };
}

function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
}
