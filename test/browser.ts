/** A real Chromium for the tests that need one. Where there is none they say so; in CI that is a failure. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** Where scripts/ensure-chromium.mjs puts one, when it may not install it. */
const CACHED = fileURLToPath(new URL('../.cache/chromium/chromium', import.meta.url));

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** `CHROMIUM_PATH`, then the usual place, then what is on `PATH`, then the cache. */
function findChromium(): string | undefined {
  const { CHROMIUM_PATH, PATH = '' } = process.env;
  if (CHROMIUM_PATH) return CHROMIUM_PATH;
  const onPath = PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return ['/usr/bin/chromium', ...onPath, CACHED].find(runs);
}

/** Undefined where there is no Chromium. The caller closes it. */
export async function launchBrowser(): Promise<Browser | undefined> {
  const executablePath = findChromium();
  if (executablePath) return chromium.launch({ executablePath, args: ARGUMENTS });
  const missing = 'No Chromium found: run `node scripts/ensure-chromium.mjs`, or set CHROMIUM_PATH.';
  if (process.env.CI) throw new Error(missing);
  console.warn(`\n*** NOT TESTED IN A BROWSER. ${missing} ***\n`);
  return undefined;
}
