/** Every page in a real browser, under the strictest policy: nothing blocked, nothing axe finds, nothing wider than a small phone. */

import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { violations } from '../../axe.js';
import { launchBrowser } from '../../browser.js';
import { allPages } from './samples.js';
import { servePages } from './serve.js';

const SCHEMES = ['light', 'dark'] as const;

let browser: Browser | undefined;
let server: Server;
let url: string;

beforeAll(async () => {
  ({ server, url } = await servePages());
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  server.close();
});

interface Visit {
  readonly page: Page;
  readonly complaints: string[];
}

async function visit(context: BrowserContext, name: string): Promise<Visit> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${url}/${name}`);
  return { page, complaints };
}

const TOUCHED =
  'button, .mfa-button, .mfa-ways a, .mfa-links a, select, .mfa-check, input:not([type=hidden], [type=checkbox])';

async function tooSmall(page: Page): Promise<string[]> {
  const found: string = await page.evaluate(`JSON.stringify([...document.querySelectorAll('${TOUCHED}')]
    .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 44).map((e) => e.outerHTML))`);
  return JSON.parse(found);
}

describe.each(SCHEMES)('in %s colours', (colorScheme) => {
  let context: BrowserContext | undefined;

  beforeAll(async () => {
    context = await browser?.newContext({ colorScheme, viewport: { width: 320, height: 640 } });
  });
  afterAll(async () => context?.close());

  it.each(allPages.map(({ name }) => name))('%s', async (name) => {
    if (!context) return;
    const { page, complaints } = await visit(context, name);
    expect(await violations(page)).toEqual([]);
    expect(await tooSmall(page)).toEqual([]);
    expect(complaints).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
    await page.close();
  });
});
