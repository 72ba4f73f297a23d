/** A real Chromium for the tests that need one. Where there is none they say so; in CI that is a failure. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

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

/** `CHROMIUM_PATH`, then the usual place, then what is on `PATH`. */
export function findChromium(): string | undefined {
  const { CHROMIUM_PATH, PATH = '' } = process.env;
  if (CHROMIUM_PATH) return CHROMIUM_PATH;
  const onPath = PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return ['/usr/bin/chromium', ...onPath].find(runs);
}

/** Undefined where there is no Chromium. The caller closes it. */
export async function launchBrowser(): Promise<Browser | undefined> {
  const executablePath = findChromium();
  if (executablePath) return chromium.launch({ executablePath, args: ARGUMENTS });
  const missing = 'No Chromium found: set CHROMIUM_PATH or install it (apt-get install chromium).';
  if (process.env.CI) throw new Error(missing);
  console.warn(`\n*** NOT TESTED IN A BROWSER. ${missing} ***\n`);
  return undefined;
}
