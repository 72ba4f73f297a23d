/** `npm run example:many` as it is started by hand: processes of the operating system behind one port, and people who use them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateSync } from 'otplib';
import { until } from '../support/redis-server.js';
import { Guest, type Site } from './guest.js';

export interface Ended {
  readonly code: number | null;
  readonly said: string;
}

export interface Processes {
  readonly site: Site;
  /** What the terminal shows so far. */
  said(): string;
  /** The process ids behind the port, by asking until all have answered. */
  pids(): Promise<readonly number[]>;
  /** Connections that all go to one process, other than those named. */
  connectionsTo(isWanted: (pid: number) => boolean): Promise<{ readonly connections: Agent; readonly pid: number }>;
  /** As Ctrl+C does. */
  stop(): Promise<Ended>;
}

type Environment = Readonly<Record<string, string>>;

const LONG_MS = 60_000;
const running = new Set<ChildProcess>();
const folders: string[] = [];

/** Ends everything that was started here. */
export async function stopProcesses(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }),
  );
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** Runs `server.ts` or `many.ts` until it ends by itself. */
export async function runs(script: 'server' | 'many', env: Environment): Promise<Ended> {
  const { child, said } = start(script, env);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said: said() };
}

export async function startMany(env: Environment = {}): Promise<Processes> {
  const { child, said } = start('many', { WORKERS: '3', PORT: '0', HOST: '127.0.0.1', ...env });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, said: said() }));
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`it ended: ${said()}`);
    return said().includes('Stop with Ctrl+C');
  }, LONG_MS);
  const url = /App +(http\S+)/.exec(said())?.[1] ?? '';

  async function connectionsTo(isWanted: (pid: number) => boolean) {
    for (let tries = 0; tries < 100; tries += 1) {
      const connections = new Agent({ keepAlive: true, maxSockets: 1 });
      const pid = pidIn((await answerOf(url, connections)).headers['x-worker']);
      if (isWanted(pid)) return { connections, pid };
      connections.destroy();
    }
    throw new Error('no such process answered');
  }

  return {
    site: { app: url, clock: Object.assign(() => Date.now(), { advance: () => undefined }) as Site['clock'] },
    said,
    connectionsTo,
    async pids() {
      const found = new Set<number>();
      for (let tries = 0; tries < 12; tries += 1) found.add((await connectionsTo(() => true)).pid);
      return [...found];
    },
    async stop() {
      child.kill('SIGTERM');
      return await ended;
    },
  };
}

export function pidIn(header: unknown): number {
  return Number(/pid=(\d+)/.exec(String(header))?.[1]);
}

/** True until the operating system knows it no more. */
export function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Somebody at a running site, whose clock nobody can move. */
export class Neighbour extends Guest<Site> {
  private latestStep = 0;

  /** A code that was not used yet: of now, or of the next half minute, which is accepted already. */
  override code(): string {
    const step = Math.max(Math.floor(Date.now() / 30_000), this.latestStep + 1);
    this.latestStep = step;
    return generateSync({ secret: this.secret, epoch: step * 30 });
  }

  override elsewhere(): Neighbour {
    const other = new Neighbour(this.example, this.email.replace('@example.com', ''));
    other.secret = this.secret;
    other.latestStep = this.latestStep;
    return other;
  }

  async setsUp(): Promise<void> {
    await this.signsUp();
    await this.addsApp();
    await this.signsOut();
  }
}

function start(script: string, env: Environment) {
  const folder = mkdtempSync(join(tmpdir(), 'express-mfa-harbour-'));
  folders.push(folder);
  const { PATH = '', HOME = '' } = process.env;
  const file = fileURLToPath(new URL(`../../example-app/${script}.ts`, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', file], {
    env: { PATH, HOME, DATA_DIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  return { child, said: () => text };
}

async function answerOf(url: string, agent: Agent): Promise<IncomingMessage> {
  const [answer] = (await once(get(`${url}/icon.svg`, { agent }), 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  return answer;
}
