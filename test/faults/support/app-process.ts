/** One of several processes that serve the same app from shared servers. Does what its parent asks, one thing after another. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import session from 'express-session';
import {
  backupCodes,
  type InboxMessage,
  inbox,
  type MfaEvent,
  type MfaOptions,
  sms,
  totp,
} from '../../../src/index.js';
import type { LimitOptions } from '../../../src/options/limits.js';
import { answerTasks } from '../../support/answer-tasks.js';
import { createHost, testClock } from '../../support/host.js';
import { PassableSessions, passable, passableStore, tellPassages } from './passages.js';
import { open, type Place } from './places.js';

export interface AppOptions {
  readonly place: Place;
  /** What the clock shows; it stands still until it is moved. */
  readonly now: number;
  readonly limits?: LimitOptions;
  readonly withBackupCodes?: boolean;
  /** Ids that begin so are of users for whom policy asks for a factor. */
  readonly required?: string;
  /** As `createMfa` takes them. */
  readonly mfa?: Pick<MfaOptions, 'storeTimeout' | 'rateLimit'>;
  /** Of each store. */
  readonly timeoutMs?: number;
}

export type Task =
  | { readonly do: 'add user'; readonly name: string }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'texts' }
  | { readonly do: 'events' }
  /** At the next event of this type the process ends itself with SIGKILL, in the host's `notify`. */
  | { readonly do: 'die when told of'; readonly type: MfaEvent['type'] };

/** What each task answers. */
export interface Answers {
  'add user': undefined;
  advance: undefined;
  texts: readonly InboxMessage[];
  events: readonly MfaEvent[];
  'die when told of': undefined;
}

const {
  place,
  now,
  limits = {},
  withBackupCodes,
  required,
  mfa = {},
  timeoutMs,
} = JSON.parse(process.argv[2] ?? '{}') as AppOptions;
const clock = testClock(now);
tellPassages((news) => process.send?.(news));

const opened = await open(place, { around: passableStore, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
const sessions = session({
  secret: 'cookie secret',
  resave: false,
  saveUninitialized: false,
  store: new PassableSessions(opened.sessions),
});
const texts = inbox({ now: clock });
let deadly: MfaEvent['type'] | undefined;
const host = createHost(
  {
    store: opened.store,
    session: (req, res, next) => passable(req, res, () => sessions(req, res, next)),
    mfa: {
      ...mfa,
      limits,
      factors: [
        totp(),
        sms({ via: texts, countries: ['US'] }),
        ...(withBackupCodes ? [backupCodes({ count: 5 })] : []),
      ],
      policy: ({ id }) => (required !== undefined && id.startsWith(required) ? 'required' : 'optional'),
      notify: (_userId, { type }) => void (type === deadly && process.kill(process.pid, 'SIGKILL')),
    },
  },
  clock,
);
const server = createServer(host.app).listen(0, '127.0.0.1');
await once(server, 'listening');
answerTasks(perform, (server.address() as AddressInfo).port);

function perform(task: Task): unknown {
  switch (task.do) {
    case 'add user':
      host.addUser(task.name);
      return undefined;
    case 'advance':
      clock.advance(task.ms);
      return undefined;
    case 'texts':
      return texts.messages();
    case 'events':
      return host.events;
    case 'die when told of':
      deadly = task.type;
      return undefined;
  }
}
