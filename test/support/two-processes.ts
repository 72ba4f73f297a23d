/** Processes of the operating system that serve one app from one store and one store of sessions, as hosts behind a load balancer do. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach } from '@jest/globals';
import { type AskedProcess, endProcesses, startProcess } from './asked-process.js';
import { type TestClock, testClock } from './host.js';
import type { Answers, ProcessOptions, Task } from './host-process.js';
import type { Person } from './person.js';
import { inNewBrowser, moved, personAt } from './person-at.js';
import { newPlace } from './servers.js';
import { type StorePlace, tellTime } from './store-places.js';

/** One of the processes. */
export interface HostProcess extends Pick<AskedProcess<Task>, 'kill' | 'gone'> {
  readonly url: string;
  ask<T extends Task>(task: T): Promise<Answers[T['do']]>;
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

type Options = Pick<ProcessOptions, 'limits' | 'required' | 'prices' | 'risk' | 'captcha' | 'webhooks' | 'channels'>;

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
  await endProcesses();
  await rm(await folder, { recursive: true, force: true });
});

/** On a new, empty store. Called in a test; what it started ends with the test, as far as others can tell. */
export async function twoProcesses(on: StorePlace['on'], options: Options = {}): Promise<Rig> {
  const place = await newPlace(on);
  rigs += 1;
  const sessions = join(await folder, `sessions-${rigs}.db`);
  const today = on === 'redis-cluster' ? Date.now() : undefined;
  const clock = testClock(today);
  const storeClock = testClock(today);
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
      return personAt(one, clock, name);
    },
    at: moved,
    elsewhere: inNewBrowser,
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
  const { ready, gone, kill, ask } = await startProcess<Task>(new URL('./host-process.ts', import.meta.url));
  const process: HostProcess = {
    url: `http://127.0.0.1:${String(ready)}`,
    gone,
    kill,
    ask: async <T extends Task>(task: T) => (await ask(task)) as Answers[T['do']],
  };
  void gone.then(() => {
    busy.delete(process);
    const index = idle.indexOf(process);
    if (index >= 0) idle.splice(index, 1);
  });
  return process;
}
