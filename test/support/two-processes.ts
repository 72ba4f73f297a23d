/** Processes of the operating system that serve one app from one SQLite file of records and one of sessions, as a host behind a load balancer does. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach } from '@jest/globals';
import { inbox } from '../../src/index.js';
import { PASSWORD, type TestClock, type TestHost, type TestUser, testClock } from './host.js';
import type { Answers, ProcessOptions, Task } from './host-process.js';
import { Person } from './person.js';

const CHILD = fileURLToPath(new URL('./host-process.ts', import.meta.url));

/** One of the processes. */
export interface HostProcess {
  readonly url: string;
  ask<T extends Task>(task: T): Promise<Answers[T['do']]>;
  /** `kill -9`, and waits until it is gone. */
  kill(): Promise<void>;
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;
}

export interface Rig {
  readonly one: HostProcess;
  readonly two: HostProcess;
  readonly clock: TestClock;
  /** Another process, or the same again after a kill. */
  start(): Promise<HostProcess>;
  /** Adds the user everywhere; the person's requests go to `one` until told otherwise. */
  person(name: string): Promise<Person>;
  /** The same browser, at another process. */
  at(person: Person, process: HostProcess): Person;
  /** The same person in a new browser, at that process. */
  elsewhere(person: Person, process: HostProcess): Person;
  /** All clocks, by as much. */
  advance(ms: number): Promise<void>;
  everywhere(task: Task): Promise<void>;
}

const open: { children: ChildProcess[]; folder: string }[] = [];

afterEach(async () => {
  for (const { children, folder } of open.splice(0)) {
    await Promise.all(children.map(kill));
    await rm(folder, { recursive: true, force: true });
  }
});

export async function twoProcesses(options: Pick<ProcessOptions, 'limits' | 'required'> = {}): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'express-mfa-'));
  const children: ChildProcess[] = [];
  open.push({ children, folder });
  const clock = testClock();
  const names: string[] = [];
  const running = new Set<HostProcess>();

  async function start(): Promise<HostProcess> {
    const given: ProcessOptions = { ...options, folder, now: clock() };
    const child = fork(CHILD, [JSON.stringify(given)], { execArgv: ['--import', 'tsx'] });
    children.push(child);
    const process = await hostProcess(child);
    running.add(process);
    void process.gone.then(() => running.delete(process));
    for (const name of names) await process.ask({ do: 'add user', name });
    return process;
  }

  const one = await start();
  const two = await start();
  const everywhere = async (task: Task) => void (await Promise.all([...running].map((process) => process.ask(task))));

  return {
    one,
    two,
    clock,
    start,
    everywhere,
    async person(name) {
      names.push(name);
      await everywhere({ do: 'add user', name });
      return new Person(hostAt(one, clock), name);
    },
    at(person, process) {
      const same = copied(person, new Person(hostAt(process, clock), nameOf(person.user)));
      same.agent.jar = person.agent.jar;
      return same;
    },
    elsewhere: (person, process) => copied(person, new Person(hostAt(process, clock), nameOf(person.user))),
    async advance(ms) {
      clock.advance(ms);
      await everywhere({ do: 'advance', ms });
    },
  };
}

async function hostProcess(child: ChildProcess): Promise<HostProcess> {
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  let asked = 0;
  const gone = once(child, 'exit').then(() => {
    for (const { reject } of waiting.values()) reject(new Error('The process is gone.'));
  });
  child.on('message', ({ id, answer, error }: { id: number; answer?: unknown; error?: string }) => {
    const waiter = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) waiter?.resolve(answer);
    else waiter?.reject(new Error(error));
  });
  const answerTo = (id: number) => new Promise<unknown>((resolve, reject) => void waiting.set(id, { resolve, reject }));
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
  };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** As much of a host as a person needs; what arrived in a process is asked of the process. */
function hostAt(process: HostProcess, clock: TestClock): TestHost {
  const users = new Map<string, TestUser>();
  function addUser(name: string): TestUser {
    const user = { id: `user-${name}`, email: `${name}@acme.example`, password: PASSWORD };
    users.set(user.id, user);
    return user;
  }
  return { app: process.url, clock, users, addUser, inbox: inbox() } as unknown as TestHost;
}

function nameOf({ id }: TestUser): string {
  return id.replace('user-', '');
}

function copied(from: Person, to: Person): Person {
  const { secret, backupCodes, factorId } = from;
  return Object.assign(to, { secret, backupCodes, factorId });
}
