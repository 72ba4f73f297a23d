/**
 * Sees to it that the tests that need a browser have one. `CHROMIUM_PATH` wins, then what is installed, then `.cache/chromium` (test/browser.ts looks in
 * the same places). Where there is none it is fetched with apt: installed by root, unpacked into `.cache/chromium` by everybody else.
 */
import { execFileSync } from 'node:child_process';
import { accessSync, chmodSync, constants, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../.cache/chromium', import.meta.url));
const CACHED = join(CACHE, 'chromium');
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

function runs(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function find() {
  const { CHROMIUM_PATH, PATH = '' } = process.env;
  if (CHROMIUM_PATH) return CHROMIUM_PATH;
  const onPath = PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return ['/usr/bin/chromium', ...onPath, CACHED].find(runs);
}

function say(text) {
  console.log(`ensure-chromium: ${text}`);
}

function apt(command, ...given) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  return execFileSync(command, given, {
    env,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function install() {
  say('installing chromium with apt-get, which takes a minute.');
  apt('apt-get', 'update');
  apt('apt-get', 'install', '-y', '--no-install-recommends', 'chromium');
}

/** Without root: apt keeps its lists in the cache, and what would be installed is unpacked there. */
function unpack() {
  say(`fetching chromium into ${CACHE}, which takes a minute.`);
  const folders = Object.fromEntries(
    ['lists', 'archives', 'packages', 'root'].map((name) => [name, join(CACHE, name)]),
  );
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  mkdirSync(join(folders.lists, 'partial'), { recursive: true });
  mkdirSync(join(folders.archives, 'partial'), { recursive: true });
  const own = ['-o', `Dir::State::Lists=${folders.lists}`, '-o', `Dir::Cache=${folders.archives}`];
  apt('apt-get', ...own, 'update');
  const plan = apt('apt-get', ...own, 'install', '--simulate', '--no-install-recommends', 'chromium');
  const packages = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name);
  say(`${packages.length} packages.`);
  execFileSync('apt-get', [...own, 'download', ...packages], { cwd: folders.packages, stdio: 'ignore' });
  for (const file of readdirSync(folders.packages)) {
    execFileSync('dpkg-deb', ['-x', join(folders.packages, file), folders.root], { stdio: 'ignore' });
  }
  for (const done of ['lists', 'archives', 'packages']) rmSync(folders[done], { recursive: true, force: true });
  const start = [
    '#!/bin/sh',
    `root='${folders.root}'`,
    'export LD_LIBRARY_PATH="$(echo "$root"/usr/lib/*-linux-gnu "$root"/lib/*-linux-gnu | tr " " :)"',
    '[ -d "$root/etc/fonts" ] && export FONTCONFIG_PATH="$root/etc/fonts"',
    'exec "$root/usr/lib/chromium/chromium" "$@"',
    '',
  ];
  writeFileSync(CACHED, start.join('\n'));
  chmodSync(CACHED, 0o755);
}

function version(path) {
  return execFileSync(path, ['--version', '--no-sandbox'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}

function fetchIt() {
  if (!runs('/usr/bin/apt-get')) return say('there is no apt-get here.');
  try {
    if (process.getuid?.() === 0) install();
    else unpack();
  } catch (error) {
    const { stderr } = error;
    rmSync(CACHE, { recursive: true, force: true });
    say(
      `could not fetch chromium: ${String(stderr || error.message)
        .trim()
        .split('\n')
        .at(-1)}`,
    );
  }
}

if (!find()) fetchIt();
const found = find();
if (found && !runs(found)) {
  console.error(`\n*** ensure-chromium: CHROMIUM_PATH is ${found}, which cannot be run. ***\n`);
  process.exit(1);
}
if (found) say(`${version(found)} at ${found}`);
else {
  console.error('\n*** NO BROWSER FOUND: pages are not tested in one. Install chromium, or set CHROMIUM_PATH. ***\n');
  if (process.env.CI) process.exit(1);
}
