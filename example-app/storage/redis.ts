import { createClient } from 'redis';
import { StartProblem, Unavailable } from '../problems.js';

export type Redis = ReturnType<typeof clientOf>['client'];

const LONGEST_PAUSE_MS = 2000;
const ANSWER_MS = 1500;

/** `REDIS_URL`: connects. Throws `StartProblem` with advice; after that, a server that goes away is waited for. */
export async function openRedis(url: string): Promise<Redis> {
  const { client, startsServing } = clientOf(url);
  let isDown = false;
  // Without a listener, a dropped connection ends this process. One line for each outage, not one for each try.
  client.on('error', (error) => {
    if (startsServing.done && !isDown) console.error(`Redis: ${kindOf(error)}; trying again until it is back`);
    isDown = true;
  });
  client.on('ready', () => {
    if (startsServing.done && isDown) console.error('Redis: back');
    isDown = false;
  });
  try {
    await client.connect();
  } catch (error) {
    // Giving up is an error of its own around the one that says why.
    throw problemOf((error as { originalError?: unknown }).originalError ?? error);
  }
  startsServing.done = true;
  return client;
}

/** The work, or `Unavailable`. The client's own limit ends with sending: a server that hangs would be waited for without end. */
export async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Unavailable('Redis: no answer in time')), ANSWER_MS);
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    throw error instanceof Unavailable ? error : new Unavailable(`Redis: ${kindOf(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

function clientOf(url: string) {
  const startsServing = { done: false };
  try {
    const client = createClient({
      url,
      // Otherwise everybody would wait for a server that is gone, instead of being told at once.
      disableOfflineQueue: true,
      commandOptions: { timeout: 1000 },
      socket: {
        connectTimeout: 2000,
        reconnectStrategy: (tries, cause) =>
          startsServing.done ? Math.min(100 * 2 ** tries, LONGEST_PAUSE_MS) : cause,
      },
    });
    return { client, startsServing };
  } catch {
    throw new StartProblem(
      'REDIS_URL cannot be read. It looks like redis://localhost:6379, or rediss://user:password@host:6379 with TLS and a password',
    );
  }
}

const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /ECONNREFUSED|ECONNRESET/,
    'Nobody answers at the address of REDIS_URL. Is Redis running? Start it with: redis-server',
  ],
  [/ENOTFOUND|EAI_AGAIN/, 'The host of REDIS_URL is not known.'],
  [/WRONGPASS|NOAUTH|NOPERM/, 'Redis does not let us in with the user and password of REDIS_URL.'],
];

function problemOf(error: unknown): StartProblem {
  const kind = kindOf(error);
  const advice = ADVICE.find(([pattern]) => pattern.test(kind))?.[1] ?? 'Redis does not answer at REDIS_URL.';
  return new StartProblem(`${advice} (${kind})\nWithout REDIS_URL everything is kept in a file, or in PostgreSQL.`);
}

/** The driver's sentence may hold an address or a user; what kind of failure it is, is enough. */
function kindOf(error: unknown): string {
  const { code, message = '' } = error as { code?: unknown; message?: string };
  if (typeof code === 'string') return code;
  return /^[A-Z]{3,30}(?= |$)/.exec(message)?.[0] ?? Object(error).constructor.name;
}
