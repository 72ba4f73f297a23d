#!/usr/bin/env node
import { run } from './run.js';

const interruption = new AbortController();
// A second one ends the process at once.
process.once('SIGINT', () => interruption.abort());

const code = await run(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  interrupted: interruption.signal,
});
// A pipe may take its time.
for (const stream of [process.stdout, process.stderr]) await new Promise((written) => void stream.write('', written));
// What the app's module opened (a client of Redis, a pool) would keep the process alive.
process.exit(code);
