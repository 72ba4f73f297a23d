/** How a mail with a code looks, in a real browser: on a small phone, in the dark, and to whoever has it read out. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { codeMail } from '../../src/factors/email-text.js';
import { WORDINGS } from '../../src/factors/texts/languages.js';
import { violations, WCAG } from '../axe.js';
import { launchBrowser } from '../browser.js';

/** Nothing is fetched for a mail, and nothing in it runs. */
const ISSUER = 'Acme & Sons <b>of a town with a long name</b>';

let browser: Browser | undefined;
let page: Page | undefined;
const asked: string[] = [];
beforeAll(async () => {
  browser = await launchBrowser();
  page = await browser?.newPage({ viewport: { width: 320, height: 640 } });
  page?.on('request', (request) => asked.push(request.url()));
});
afterAll(async () => {
  await browser?.close();
});

describe.each(['light', 'dark'] as const)('a mail in %s', (colorScheme) => {
  it.each(Object.keys(WORDINGS))('fits a phone, and can be read, in %s', async (locale) => {
    if (page === undefined) return;
    await page.emulateMedia({ colorScheme });
    await page.setContent(
      codeMail({ code: '048291', issuer: ISSUER, host: 'acme.example', minutes: 5, locale }).html ?? '',
    );
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    expect(await page.getByText('048291', { exact: true }).isVisible()).toBe(true);
    expect(await page.locator('b').count()).toBe(0);
    const ink = colorScheme === 'dark' ? 'rgb(255, 255, 255)' : 'rgb(0, 0, 0)';
    expect(await page.evaluate('getComputedStyle(document.body).color')).toBe(ink);
    expect(await violations(page, { rules: WCAG })).toEqual([]);
    expect(asked.filter((url) => !url.startsWith('about:'))).toEqual([]);
  });
});
