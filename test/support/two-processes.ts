/** Processes of the operating system that serve one app from one store and one store of sessions, as hosts behind a load balancer do. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach } from '@jest/globals';
import { inbox } from '../../src/index.js';
import { PASSWORD, type TestClock, type TestHost, type TestUser, testClock } from './host.js';
import type { Answers, ProcessOptions, Task } from './host-process.js';
import { Person } from './person.js';
import { newPlace } from './servers.js';
import { type StorePlace, tellTime } from './store-places.js';

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
  /** Only the clock of the store. */
  advanceStore(ms: number): Promise<void>;
  everywhere(task: Task): Promise<void>;
}

type Options = Pick<ProcessOptions, 'limits' | 'required' | 'prices'>;

const children = new Set<ChildProcess>();
/** They are slow to start: who survives a test serves the next. */
const idle: HostProcess[] = [];
const busy = new Set<HostProcess>();
const folder = mkdtemp(join(tmpdir(), 'express-mfa-'));
let rigs = 0;

afterEach(() => {
  idle.push(...busy);
  busy.clear();
});

afterAll(async () => {
  await Promise.all([...children].map(kill));
  await rm(await folder, { recursive: true, force: true });
});

/** On a new, empty store. Called in a test; what it started ends with the test, as far as others can tell. */
export async function twoProcesses(on: StorePlace['on'], options: Options = {}): Promise<Rig> {
  const place = await newPlace(on);
  rigs += 1;
  const sessions = join(await folder, `sessions-${rigs}.db`);
  const clock = testClock();
  const storeClock = testClock();
  const names: string[] = [];
  const running = new Set<HostProcess>();
  await tellTime(place, storeClock());

  async function start(): Promise<HostProcess> {
    const process = idle.pop() ?? (await newProcess());
    busy.add(process);
    running.add(process);
    void process.gone.then(() => running.delete(process));
    await process.ask({ do: 'begin', options: { ...options, place, sessions, now: clock() } });
    for (const name of names) await process.ask({ do: 'add user', name });
    return process;
  }

  const [one, two] = await Promise.all([start(), start()]);
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
      storeClock.advance(ms);
      await Promise.all([everywhere({ do: 'advance', ms }), tellTime(place, storeClock())]);
    },
    async advanceStore(ms) {
      storeClock.advance(ms);
      await Promise.all([everywhere({ do: 'advance', ms, whose: 'store' }), tellTime(place, storeClock())]);
    },
  };
}

async function newProcess(): Promise<HostProcess> {
  const child = fork(CHILD, [], { execArgv: ['--import', 'tsx'] });
  children.add(child);
  const process = await hostProcess(child);
  void process.gone.then(() => {
    children.delete(child);
    busy.delete(process);
    const index = idle.indexOf(process);
    if (index >= 0) idle.splice(index, 1);
  });
  return process;
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
