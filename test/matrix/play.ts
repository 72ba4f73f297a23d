/** One host of the matrix as a process of its own, and the journey through it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Combination } from './axes.js';
import { fileOf, folderOf, nodeOf } from './install.js';
import { journey } from './journey.js';

export interface Databases {
  readonly redisUrl: string;
  readonly postgresUrl: string;
}

/** Throws, with what the host said, unless all goes as it should. */
export async function play(of: Combination, databases: Databases): Promise<void> {
  const folder = folderOf(of);
  const wanted = {
    ...databases,
    sessions: of.sessions.split(' ')[0],
    gate: of.gate,
    logOutCallsBack: Number(of.passport.split('.')[1]) >= 6,
  };
  const { NODE_OPTIONS: _, ...env } = process.env;
  const given = [fileOf(folder, of.host), JSON.stringify(wanted)];
  const child = spawn(nodeOf(of.node), given, { cwd: folder.path, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const gone = once(child, 'exit');
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  try {
    await journey(`http://127.0.0.1:${await portOf(child.stdout, gone)}`);
  } catch (error) {
    throw new Error(`${String(error)}\n${said.join('')}`);
  } finally {
    child.kill('SIGKILL');
    await gone;
  }
}

async function portOf(output: NodeJS.ReadableStream, gone: Promise<unknown>): Promise<string> {
  const lines = createInterface({ input: output });
  const first = await Promise.race([once(lines, 'line'), gone.then(() => [])]);
  const port = /^listening on (\d+)$/.exec(String(first[0]))?.[1];
  if (!port) throw new Error('the host did not start');
  return port;
}
