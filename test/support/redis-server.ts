/** Real Redis servers on free ports, which end with the test file: one alone, or three as a cluster. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { findRedisServer } from './fetch-redis.js';

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** Ends it at once, as a crash does. What `--appendonly yes` wrote is there again after `start`. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Stops it without closing its connections. */
  pause(): void;
  resume(): void;
}

export interface RedisCluster {
  readonly nodes: readonly RedisServer[];
}

const START_MS = 10_000;
const running = new Set<ChildProcess>();
const folders: string[] = [];

const found = findRedisServer();
if ('reason' in found) {
  const lost = process.env.REDIS_URL ? 'outages and clusters are not tested' : 'nothing is tested on a real one';
  const text = `NO redis-server: ${lost}. Install it, or let apt-get reach its mirror (${found.reason}).`;
  console.error(`\n*** ${text} ***\n`);
  if (process.env.CI && !process.env.REDIS_URL) throw new Error(text);
}

/** False where no server can be started; what needs one is skipped then, and fails in CI. */
export const hasRedis = 'path' in found;

/** A server that others may use as well, so keep to a prefix of your own: that of `REDIS_URL`, or else a new one. */
export async function redisUrl(): Promise<string> {
  return process.env.REDIS_URL ?? (await startRedis()).url;
}

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Ends all that was started here. */
export async function stopRedis(): Promise<void> {
  await Promise.all([...running].map(end));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** A server of its own. Further arguments are settings: `'--maxmemory-policy', 'allkeys-lru'`. */
export async function startRedis(...settings: readonly string[]): Promise<RedisServer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'express-mfa-redis-'));
  folders.push(folder);
  let child = await started(port, folder, settings);
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    kill: () => end(child),
    async start() {
      child = await started(port, folder, settings);
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  };
}

/** Three nodes that share the slots. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes = await Promise.all([1, 2, 3].map(() => startRedis('--cluster-enabled', 'yes')));
  for (const [index, { port }] of nodes.entries()) {
    const slots = Array.from({ length: 16_384 }, (_, slot) => slot).filter((slot) => Math.floor(slot / 5462) === index);
    await ask(port, 'CLUSTER', 'SET-CONFIG-EPOCH', `${index + 1}`);
    await ask(port, 'CLUSTER', 'ADDSLOTS', ...slots.map(String));
  }
  // Not before each has its epoch, which only a node that knows no other can be given.
  for (const { port } of nodes.slice(1)) await ask(nodes[0]?.port ?? 0, 'CLUSTER', 'MEET', '127.0.0.1', `${port}`);
  for (const { port } of nodes) {
    await until(async () => {
      const state = await ask(port, 'CLUSTER', 'INFO');
      return /cluster_state:ok/.test(state) && /cluster_known_nodes:3/.test(state) && /cluster_size:3/.test(state);
    });
  }
  return { nodes };
}

/** Asks again and again until it holds; throws when it takes longer than a slow machine would. */
export async function until(holds: () => Promise<boolean>, longestMs = START_MS): Promise<void> {
  const end = performance.now() + longestMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`this did not come true in ${longestMs} ms`);
    await later(20);
  }
}

async function started(port: number, folder: string, settings: readonly string[]): Promise<ChildProcess> {
  if (!('path' in found)) throw new Error('there is no redis-server');
  const basic = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
  const child = spawn(found.path, [...basic, ...settings], { stdio: 'ignore' });
  running.add(child);
  child.once('exit', () => running.delete(child));
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`);
    return (await ask(port, 'PING').catch(() => '')).startsWith('+PONG');
  });
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Below 50,000, because the nodes of a cluster talk on the port that is 10,000 higher. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 30_000);
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** One command without a client; the beginning of the answer as it comes over the wire. */
async function ask(port: number, ...words: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(1000, () => socket.destroy(new Error('no answer')));
  try {
    await once(socket, 'connect');
    socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`);
    const answer = String((await once(socket, 'data'))[0]);
    if (answer.startsWith('-')) throw new Error(answer);
    return answer;
  } finally {
    socket.destroy();
  }
}
