/** The example app in a real browser, with and without JavaScript: what people do, and not one complaint of the browser on the way. */
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { generateSync } from 'otplib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchBrowser } from '../browser.js';
import { type Example, listens, PASSWORD, startExample, stopExamples } from '../example-app/guest.js';

let browser: Browser | undefined;
let clock: Example['clock'];
let url: string;

beforeAll(async () => {
  const example = startExample();
  clock = example.clock;
  url = await listens(example);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await stopExamples();
});

jest.setTimeout(180_000);

describe.each([
  { javaScriptEnabled: true, name: 'with-script' },
  { javaScriptEnabled: false, name: 'without-script' },
])('$name', ({ javaScriptEnabled, name }) => {
  let context: BrowserContext | undefined;
  let page: Page;
  let complaints: string[];

  beforeEach(async () => {
    if (!browser) return;
    context = await browser.newContext({ javaScriptEnabled });
    // Shorter than Jest's, so that a failure says what was not there.
    // A machine with two cores and every other test at once is slow.
    context.setDefaultTimeout(60_000);
    page = await context.newPage();
    complaints = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    // An icon that was still on its way when the person went on is no complaint.
    page.on('requestfailed', (request) => {
      const leftBehind = request.failure()?.errorText === 'net::ERR_ABORTED' && request.url().endsWith('/icon.svg');
      if (!leftBehind) complaints.push(`failed: ${request.url()}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`);
    });
  });
  afterEach(async () => context?.close());

  it('signs up, sets an app up, saves the backup codes, and signs in with each', async () => {
    if (!context) return;
    const email = `ada-${name}@example.com`;
    await signUp(email);
    const { secret, backupCodes } = await addApp();
    expect(backupCodes).toHaveLength(10);

    await signOut();
    await signIn(email);
    clock.advance(30_000);
    await answer('6-digit code', codeOf(secret));
    expect(await heading()).toBe('Welcome');

    await signOut();
    await signIn(email);
    await page.getByRole('link', { name: 'Try another way' }).click();
    await page.getByRole('link', { name: 'Backup code' }).click();
    await answer('Backup code', backupCodes[0]);
    expect(await heading()).toBe('Welcome');
    expect(complaints).toEqual([]);
  });

  it('signs in with a texted code, read on the inbox page', async () => {
    if (!context) return;
    const email = `grace-${name}@example.com`;
    await signUp(email);
    await page.getByRole('link', { name: 'Two-step sign-in' }).click();
    await page.getByRole('link', { name: /^Phone/ }).click();
    await page.getByLabel('Phone number').fill(javaScriptEnabled ? '+1 212 555 0101' : '+1 313 555 0102');
    await page.getByRole('button', { name: 'Continue' }).click();
    await answer('6-digit code', await textedCode(), 'Finish set-up');
    await saveBackupCodes();

    clock.advance(60_000);
    await signOut();
    await signIn(email);
    await page.getByRole('button', { name: /text/i }).first().click();
    await answer('6-digit code', await textedCode());
    expect(await heading()).toBe('Welcome');
    expect(complaints).toEqual([]);
  });

  it('confirms a payout with a fresh code, and comes back to the form', async () => {
    if (!context) return;
    await signUp(`joan-${name}@example.com`);
    const { secret } = await addApp();
    clock.advance(11 * 60_000);
    await page.getByRole('link', { name: 'Payout' }).first().click();
    await answer('6-digit code', codeOf(secret));
    await page.getByLabel('Amount in dollars').fill('20');
    await page.getByRole('button', { name: 'Pay out' }).click();
    expect(await page.getByRole('status').textContent()).toContain('Paid');
    expect(complaints).toEqual([]);
  });

  async function heading(): Promise<string | null> {
    return await page.getByRole('heading', { level: 1 }).textContent();
  }

  async function signUp(email: string): Promise<void> {
    await page.goto(url);
    await page.getByRole('link', { name: 'Create an account' }).click();
    await page.getByLabel('Email address').fill(email);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Create account' }).click();
    expect(await heading()).toBe('Welcome');
  }

  async function signIn(email: string): Promise<void> {
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByLabel('Email address').fill(email);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  async function signOut(): Promise<void> {
    await page.goto(url);
    await page.getByRole('button', { name: 'Sign out' }).click();
  }

  async function answer(label: string, code = '', button = 'Continue'): Promise<void> {
    await page.getByLabel(label).fill(code);
    await page.getByRole('button', { name: button }).click();
  }

  async function addApp(): Promise<{ secret: string; backupCodes: readonly string[] }> {
    await page.getByRole('link', { name: 'Two-step sign-in' }).click();
    await page.getByRole('link', { name: /^Authenticator app/ }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
    const key = await page.locator('dd code').first().textContent();
    const secret = String(key).replaceAll(' ', '');
    await answer('6-digit code', codeOf(secret), 'Finish set-up');
    return { secret, backupCodes: await saveBackupCodes() };
  }

  /** Downloads them too: the file must hold what the page shows. */
  async function saveBackupCodes(): Promise<readonly string[]> {
    const codes = await page.locator('ol code').allTextContents();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download' }).click(),
    ]);
    const file = await readFile(await download.path(), 'utf8');
    expect(codes.filter((code) => !file.includes(code))).toEqual([]);
    await page.getByLabel('I have saved these codes').check();
    await page.getByRole('button', { name: 'Continue' }).click();
    expect(await page.getByRole('status').first().textContent()).toContain('ready to use');
    await page.getByRole('link', { name: 'Back to Harbour' }).click();
    await page.getByRole('heading', { name: 'Welcome' }).waitFor();
    return codes;
  }

  /** In another tab, as a developer would. */
  async function textedCode(): Promise<string> {
    const tab = await page.context().newPage();
    await tab.goto(`${url}/inbox`);
    const code = await tab.locator('.letters code').first().textContent();
    await tab.close();
    return String(code);
  }
});

function codeOf(secret: string): string {
  return generateSync({ secret, epoch: Math.floor(clock() / 1000) });
}
