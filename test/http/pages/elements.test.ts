/** The script of the pages in a real browser, and the same pages without it. */
import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser } from '../../browser.js';
import { freshCodes } from './samples.js';
import { servePages } from './serve.js';

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

async function on(name: string, story: (page: Page) => Promise<void>, options: BrowserContextOptions = {}) {
  if (!browser) return;
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(`${url}/${name}`);
  await story(page);
  expect(errors).toEqual([]);
  await context.close();
}

const focused = (page: Page) =>
  page.evaluate('document.activeElement.id || document.activeElement.getAttribute("role")');

describe('focus', () => {
  it('is in the code field at first', () =>
    on('challenge-app', async (page) => expect(await focused(page)).toBe('code')));

  it('is on the summary when something went wrong', () =>
    on('challenge-app-wrong', async (page) => {
      await page.waitForFunction('document.activeElement.getAttribute("role") === "alert"');
    }));

  it('goes from the summary to the field', () =>
    on('challenge-app-wrong', async (page) => {
      await page.getByRole('alert').getByRole('link').click();
      expect(await focused(page)).toBe('code');
    }));
});

describe('mfa-code-input', () => {
  it('trims what is pasted', () =>
    on('challenge-app', async (page) => {
      await page.evaluate(`(() => {
        const clipboardData = new DataTransfer();
        clipboardData.setData('text', ' 123456\\n');
        document.querySelector('#code').dispatchEvent(new ClipboardEvent('paste', { clipboardData, cancelable: true }));
      })()`);
      expect(await page.locator('#code').inputValue()).toBe('123456');
    }));

  it('sends a form once when the button is pressed twice', () =>
    on('challenge-app', async (page) => {
      const posts: string[] = [];
      await page.route('**/challenge/verify', (route) => {
        posts.push(route.request().postData() ?? '');
        return route.fulfill({ status: 204 });
      });
      await page.locator('#code').fill('123456');
      await page.getByRole('button', { name: 'Continue' }).dblclick();
      await page.waitForTimeout(200);
      expect(posts).toHaveLength(1);
      expect(posts[0]).toContain('code=123456');
    }));

  it('fills in the code of a text message where the browser reads it, and stops asking once the form is sent', () =>
    on('challenge-app', async (page) => {
      await page.addInitScript(`
        window.OTPCredential = class {};
        navigator.credentials.get = ({ otp, signal }) => new Promise((resolve) => {
          window.asked = otp.transport[0];
          signal.addEventListener('abort', () => { window.stopped = true; });
          window.arrive = (code) => resolve({ code });
        });`);
      await page.goto(`${url}/challenge-phone`);
      await page.evaluate(`document.querySelector('form').addEventListener('submit', (e) => e.preventDefault())`);
      expect(await page.evaluate('window.asked')).toBe('sms');
      await page.evaluate(`window.arrive('654321')`);
      expect(await page.locator('#code').inputValue()).toBe('654321');
      await page.getByRole('button', { name: 'Continue' }).click();
      expect(await page.evaluate('window.stopped')).toBe(true);
      await page.goto(`${url}/challenge-app`);
      expect(await page.evaluate('window.asked')).toBeUndefined();
    }));
});

describe('mfa-copy', () => {
  it('copies all codes and says so', () =>
    on(
      'fresh-codes',
      async (page) => {
        await page.getByRole('button', { name: 'Copy' }).click();
        await page.getByText('Copied').waitFor();
        expect(await page.evaluate('navigator.clipboard.readText()')).toBe(freshCodes.join('\n'));
      },
      { permissions: ['clipboard-read', 'clipboard-write'] },
    ));

  it('says so when it cannot', () =>
    on('fresh-codes', async (page) => {
      await page.evaluate(`Object.defineProperty(navigator, 'clipboard', { value: undefined })`);
      await page.getByRole('button', { name: 'Copy' }).click();
      await page.getByText('We could not copy').waitFor();
    }));
});

describe('mfa-print', () => {
  it('prints', () =>
    on('fresh-codes', async (page) => {
      await page.evaluate('window.print = () => { window.printed = true; }');
      await page.getByRole('button', { name: 'Print' }).click();
      expect(await page.evaluate('window.printed')).toBe(true);
    }));
});

describe('mfa-wait', () => {
  it('brings the button when its time has come', () =>
    on('error', async (page) => {
      await page.clock.install();
      await page.goto(`${url}/challenge-phone`);
      const button = page.getByRole('button', { name: 'Send a new code' });
      expect(await button.isVisible()).toBe(false);
      await page.clock.fastForward(29_000);
      expect(await button.isVisible()).toBe(true);
      expect(await page.getByText('You can ask').isVisible()).toBe(false);
    }));
});

describe('without script', () => {
  const plain = { javaScriptEnabled: false };

  it('shows no button that would do nothing', () =>
    on(
      'fresh-codes',
      async (page) => {
        expect(await page.getByRole('link', { name: 'Download' }).isVisible()).toBe(true);
        expect(await page.getByRole('button', { name: 'Copy' }).isVisible()).toBe(false);
        expect(await page.getByRole('button', { name: 'Print' }).isVisible()).toBe(false);
      },
      plain,
    ));

  it('keeps the new code within reach', () =>
    on(
      'challenge-phone',
      async (page) => {
        expect(await page.getByText('You can ask for a new code in 28 seconds').isVisible()).toBe(true);
        expect(await page.getByRole('button', { name: 'Send a new code' }).isVisible()).toBe(true);
      },
      plain,
    ));
});
