/** Processes of the operating system that serve one app from shared servers, and the people who use it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { inbox } from '../../../src/index.js';
import { PASSWORD, type TestClock, type TestHost, type TestUser } from '../../support/host.js';
import { Person } from '../../support/person.js';
import type { Answers, AppOptions, Said, Task } from './app-process.js';
import type { PassageNews } from './passages.js';

const CHILD = fileURLToPath(new URL('./app-process.ts', import.meta.url));

export interface AppProcess {
  readonly url: string;
  ask<T extends Task>(task: T): Promise<Answers[T['do']]>;
  /** `kill -9`, and waits until it is gone. */
  kill(): Promise<void>;
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;
  /** Resolves when the passage of that name was stopped, or has gone through. */
  passage(name: string): Promise<PassageNews>;
}

const children = new Set<ChildProcess>();

export async function startApp(options: AppOptions): Promise<AppProcess> {
  const child = fork(CHILD, [JSON.stringify(options)], { execArgv: ['--import', 'tsx'] });
  children.add(child);
  const waiting = new Map<number | string, { resolve(answer: unknown): void; reject(error: Error): void }>();
  let asked = 0;
  const gone = once(child, 'exit').then(() => {
    children.delete(child);
    for (const { reject } of waiting.values()) reject(new Error('The process is gone.'));
  });
  child.on('message', (said: Said) => {
    const isNews = 'passage' in said;
    const key = isNews ? ('stopped' in said.passage ? said.passage.stopped : said.passage.through) : said.id;
    const waiter = waiting.get(key);
    waiting.delete(key);
    if (isNews) waiter?.resolve(said.passage);
    else if (said.error === undefined) waiter?.resolve(said.answer);
    else waiter?.reject(new Error(said.error));
  });
  const answerTo = (key: number | string) =>
    new Promise<unknown>((resolve, reject) => void waiting.set(key, { resolve, reject }));
  const port = await answerTo(0);
  return {
    url: `http://127.0.0.1:${String(port)}`,
    gone,
    async ask<T extends Task>(task: T) {
      asked += 1;
      const answer = answerTo(asked);
      child.send({ id: asked, task });
      return (await answer) as Answers[T['do']];
    },
    kill: () => kill(child),
    passage: async (name) => (await answerTo(name)) as PassageNews,
  };
}

export async function endApps(): Promise<void> {
  await Promise.all([...children].map(kill));
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Somebody whose requests go to that process, which must know the user. */
export function personAt({ url }: AppProcess, clock: TestClock, name: string): Person {
  return new Person(hostAt(url, clock), name);
}

/** The same browser, at another process. */
export function moved(person: Person, { url }: AppProcess): Person {
  const same = inNewBrowser(person, { url });
  same.agent.jar = person.agent.jar;
  return same;
}

/** The same person in a new browser, at that process. */
export function inNewBrowser(person: Person, { url }: Pick<AppProcess, 'url'>): Person {
  const { secret, backupCodes, factorId } = person;
  const name = person.user.id.replace('user-', '');
  return Object.assign(new Person(hostAt(url, person.host.clock), name), { secret, backupCodes, factorId });
}

/** As much of a host as a person needs; what arrived in a process is asked of the process. */
function hostAt(url: string, clock: TestClock): TestHost {
  const users = new Map<string, TestUser>();
  function addUser(name: string): TestUser {
    const user = { id: `user-${name}`, email: `${name}@acme.example`, password: PASSWORD };
    users.set(user.id, user);
    return user;
  }
  return { app: url, clock, users, addUser, inbox: inbox() } as unknown as TestHost;
}
