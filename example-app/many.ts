/** `npm run example:many`: the app as several processes behind one port. One that dies is started again. */
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { banner } from './banner.js';
import { realCarriers } from './carriers.js';
import { StartProblem } from './problems.js';
import { explained } from './serve.js';
import { notShared, readSettings, type Settings, secretsOf } from './settings.js';
import { openStorage } from './storage/open.js';

const SHORTEST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
/** A process that lived so long did not die of how it was started. */
const LIVED_MS = 60_000;
const STOP_MS = 10_000;

const { env } = process;
let hasStarted = false;
let isStopping = false;

try {
  const settings = readSettings(env);
  const told = await prepared(settings);
  cluster.setupPrimary({ exec: fileURLToPath(new URL('./server.ts', import.meta.url)) });
  stopOnSignals();
  // The first alone: what stops it would stop them all, and is said once.
  const port = await firstListens(startWorker('1'));
  await Promise.all(
    names(settings)
      .slice(1)
      .map((name) => once(startWorker(name), 'listening')),
  );
  const sends = (await realCarriers(env)) !== undefined;
  console.log(banner(settings, { told, sends, port, workers: settings.workers }));
} catch (error) {
  const text = explained(error);
  console.error(text === undefined ? error : `\n  ${text.replaceAll('\n', '\n  ')}\n`);
  process.exit(1);
}

/** Looks once, before there are processes, whether they can share everything; makes secrets and tables. */
async function prepared(settings: Settings): Promise<string> {
  const apart = notShared(env, settings);
  if (apart.length > 0) {
    throw new StartProblem(
      `Each process would have its own ${apart.join(', ')}: with DATA_DIR=:memory: nothing is shared. Leave DATA_DIR out, which keeps them in one file for all, or set DATABASE_URL and REDIS_URL, and COOKIE_SECRET and MFA_SECRET.`,
    );
  }
  secretsOf(env, settings.folder);
  const storage = await openStorage(settings.engines);
  await storage.close();
  return storage.told;
}

function names({ workers }: Settings): readonly string[] {
  return Array.from({ length: workers }, (_, index) => String(index + 1));
}

/** Answers the port it listens on. Where it ends instead, it has said why. */
async function firstListens(first: Worker): Promise<number> {
  const endAll = () => process.exit(1);
  first.once('exit', endAll);
  const [address] = (await once(first, 'listening')) as [{ port: number }];
  first.off('exit', endAll);
  hasStarted = true;
  return address.port;
}

/** `deaths`: how many came before it in quick succession. */
function startWorker(name: string, deaths = 0): Worker {
  const worker = cluster.fork({ WORKER: name });
  const since = performance.now();
  worker.once('exit', (code, signal) => {
    if (isStopping || !hasStarted) return;
    const quickDeaths = performance.now() - since > LIVED_MS ? 0 : deaths;
    const pause = Math.min(SHORTEST_PAUSE_MS * 2 ** quickDeaths, LONGEST_PAUSE_MS);
    console.error(`Process ${name} died (${signal ?? `code ${code}`}); another one starts in ${pause} ms.`);
    setTimeout(() => isStopping || startWorker(name, quickDeaths + 1), pause);
  });
  return worker;
}

function stopOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isStopping) return;
      isStopping = true;
      const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
      for (const worker of workers) worker.process.kill('SIGTERM');
      setTimeout(() => {
        for (const worker of workers) worker.process.kill('SIGKILL');
      }, STOP_MS).unref();
    });
  }
}
