/** A process of the operating system that does what it is asked, and can be killed. `answerTasks` is its other end. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export interface AskedProcess<Task, Answer = unknown> {
  /** What it said when it was ready. */
  readonly ready: unknown;
  /** What came of it; rejects with what went wrong there, and when the process is gone. */
  ask(task: Task): Promise<Answer>;
  /** Resolves when it has written so many dots on stdout, which tasks do that never answer. */
  dots(atLeast: number): Promise<void>;
  /** `kill -9`, and waits until it is gone. */
  kill(): Promise<void>;
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;
}

interface Start {
  readonly args?: readonly string[];
  /** Hears what the process says without being asked. */
  readonly onNews?: (news: unknown) => void;
  /** Keeps stdout for `dots`, in place of showing it. */
  readonly dots?: true;
}

interface Waiter {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

const children = new Set<ChildProcess>();

export async function startProcess<Task, Answer = unknown>(
  file: URL,
  start: Start = {},
): Promise<AskedProcess<Task, Answer>> {
  const child = fork(file, [...(start.args ?? [])], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', start.dots ? 'pipe' : 'inherit', 'inherit', 'ipc'],
  });
  children.add(child);
  const waiting = new Map<number, Waiter>();
  let asked = 0;
  const gone = once(child, 'exit').then(() => {
    children.delete(child);
    for (const { reject } of waiting.values()) reject(new Error('The process is gone.'));
  });
  child.on('message', (said: { id?: number; answer?: unknown; error?: string }) => {
    if (said.id === undefined) return start.onNews?.(said);
    const waiter = waiting.get(said.id);
    waiting.delete(said.id);
    if (said.error === undefined) waiter?.resolve(said.answer);
    else waiter?.reject(new Error(said.error));
  });
  const answerTo = (id: number) => new Promise<unknown>((resolve, reject) => void waiting.set(id, { resolve, reject }));
  return {
    ready: await answerTo(0),
    async ask(task) {
      asked += 1;
      const answer = answerTo(asked);
      child.send({ id: asked, task });
      return (await answer) as Answer;
    },
    async dots(atLeast) {
      for (let seen = 0; seen < atLeast && child.stdout; ) seen += String((await once(child.stdout, 'data'))[0]).length;
    },
    kill: () => kill(child),
    gone,
  };
}

/** Kills all that are left. */
export async function endProcesses(): Promise<void> {
  await Promise.all([...children].map(kill));
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
