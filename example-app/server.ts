/** `npm run example`: starts the app with what the environment says; `npm run example:many` starts several of these. */
import cluster from 'node:cluster';
import { banner } from './banner.js';
import { explained, serve } from './serve.js';
import { readSettings } from './settings.js';

try {
  const worker = cluster.isWorker ? process.env.WORKER : undefined;
  const { stop, ...started } = await serve(process.env, worker);
  if (worker === undefined) console.log(banner(readSettings(process.env), started));

  let isStopping = false;
  const stopOnce = async () => {
    if (isStopping) return;
    isStopping = true;
    await stop();
    cluster.worker?.disconnect();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      stopOnce().catch((error: unknown) => {
        console.error(error);
        process.exitCode = 1;
      });
    });
  }
} catch (error) {
  const text = explained(error);
  console.error(text === undefined ? error : `\n  ${text.replaceAll('\n', '\n  ')}\n`);
  // What was opened before must not keep the process.
  process.exit(1);
}
