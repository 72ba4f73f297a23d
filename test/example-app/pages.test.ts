/** Every page of the example app on a small phone, in both colours: nothing axe finds, nothing wider than the screen, nothing too small to touch. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { violations } from '../axe.js';
import { launchBrowser } from '../browser.js';
import { Guest, listens, PASSWORD, startExample, stopExamples } from './guest.js';

const WIDTH = 320;

let browser: Browser | undefined;
let url: string;
let ada: Guest;

beforeAll(async () => {
  const example = startExample();
  url = await listens(example);
  ada = new Guest(example, 'ada');
  await ada.signsUp();
  await ada.submits('/inbox/carriers', '/inbox/carriers', { carrier: 'carrier-a', fault: 'key' });
  for (const phone of ['+1 201 555 0123', '+44 7400 123456'])
    await ada.submits('/mfa/factors/new/phone', '/mfa/factors/phone', { phone });
  await ada.submits('/inbox/fraud', '/inbox/pump', { script: 'neighbours' });
  await example.mailbox.reports.tellNow();
  browser = await launchBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await stopExamples();
});

const OF_NOBODY = ['/', '/signup', '/login', '/nowhere'];
const OF_ADA = [
  ...['/', '/account', '/account/password', '/account/delete', '/payout', '/activity'],
  ...['/inbox', '/inbox/carriers', '/inbox/fraud', '/inbox/audit'],
];

const TOUCHED =
  'button, .button, select, .rows a, .tabs a, .top a, .foot a, .pager a, input:not([type=hidden], [type=checkbox])';

async function tooSmall(page: Page): Promise<readonly string[]> {
  const found: string = await page.evaluate(`JSON.stringify([...document.querySelectorAll('${TOUCHED}')]
    .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 44).map((e) => e.outerHTML))`);
  return JSON.parse(found);
}

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  let nobody: BrowserContext | undefined;
  let signedIn: BrowserContext | undefined;

  beforeAll(async () => {
    const on = { colorScheme, viewport: { width: WIDTH, height: 640 } };
    [nobody, signedIn] = [await browser?.newContext(on), await browser?.newContext(on)];
    await signedIn?.request.post(`${url}/login`, { data: { email: ada.email, password: PASSWORD } });
  });
  afterAll(async () => {
    await Promise.all([nobody?.close(), signedIn?.close()]);
  });

  async function fits(context: BrowserContext | undefined, path: string): Promise<void> {
    if (!context) return;
    const page = await context.newPage();
    await page.goto(url + path);
    expect(await violations(page)).toEqual([]);
    expect(await tooSmall(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(WIDTH);
    await page.close();
  }

  it.each(OF_NOBODY)('%s, for nobody', async (path) => fits(nobody, path), 60_000);
  it.each(OF_ADA)('%s, for somebody', async (path) => fits(signedIn, path), 60_000);
});
