// Node takes about a third of a millisecond for each file it loads, and the library is many small ones: what a host imports is a few large ones.
// Modules that several entries need are in chunks they share, so that there is one of everything (`instanceof MfaError`).
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';

const { exports, bin, engines } = JSON.parse(readFileSync('package.json', 'utf8'));
const entries = [...Object.values(exports).map((one) => one.default), ...Object.values(bin)]
  .filter((path) => path !== undefined)
  .map((path) => path.replace('./dist/', 'src/').replace(/\.js$/, '.ts'));
const [oldestNode] = /\d+\.\d+/.exec(engines.node);

await build({
  entryPoints: entries,
  outbase: 'src',
  outdir: 'dist',
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: `node${oldestNode}`,
  packages: 'external',
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
});
