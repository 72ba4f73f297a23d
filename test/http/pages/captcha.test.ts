/** The pages with a captcha in a real browser: under the very policy they are sent with, the vendor's script in the place of the vendor's. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { hcaptcha, recaptcha, turnstile } from '../../../src/captcha/captcha.js';
import type { Captcha } from '../../../src/index.js';
import { launchBrowser } from '../../browser.js';
import { type CaptchaDouble, captchaDouble } from '../../doubles/captcha.js';
import { createHost, PASSWORD } from '../../support/host.js';
import { listening } from '../../support/listen.js';
import { Person } from '../../support/person.js';
import { PHONE } from '../../support/texting.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

let browser: Browser | undefined;
let double: CaptchaDouble;

beforeAll(async () => {
  browser = await launchBrowser();
  double = await captchaDouble('turnstile');
});
afterAll(async () => {
  await browser?.close();
  await double.close();
});

/** What the vendors' scripts do, as far as the form sees it. */
const WIDGET = (field: string, className: string, token: string) => `
  for (const place of document.querySelectorAll('.${className}')) {
    const input = document.createElement('input');
    input.type = 'hidden';
    input.name = '${field}';
    input.value = '${token}';
    place.append(input);
  }`;
const SCORED = (token: string) =>
  `window.grecaptcha = { ready: (then) => then(), execute: async (key, { action }) => action === 'mfa' ? '${token}' : '' };`;

const keys = () => ({
  siteKey: double.siteKey,
  secret: double.secret,
  verifyUrl: double.verifyUrl,
  when: 'sends' as const,
});

describe.each<[string, () => Captcha, (token: string) => string, object]>([
  ['turnstile', () => turnstile(keys()), (token) => WIDGET('cf-turnstile-response', 'cf-turnstile', token), {}],
  ['hcaptcha', () => hcaptcha(keys()), (token) => WIDGET('h-captcha-response', 'h-captcha', token), {}],
  ['recaptcha 2', () => recaptcha(keys()), (token) => WIDGET('g-recaptcha-response', 'g-recaptcha', token), {}],
  ['recaptcha 3', () => recaptcha({ ...keys(), minScore: 0.5 }), SCORED, { score: 0.9, action: 'mfa' }],
])('%s', (_, make, script, solved) => {
  it('shows, passes axe, and its token goes with the form', async () => {
    if (!browser) return;
    const captcha = make();
    const shown = await adaAtTheCaptcha(captcha, script(double.solve({ hostname: '127.0.0.1', ...solved })));
    expect(await violations(shown.page)).toEqual([]);
    expect(shown.complaints).toEqual([]);
    await shown.page.locator('main .mfa-button-primary').click();
    await shown.page.waitForURL(/sent=1/);
    expect(shown.complaints).toEqual([]);
    await shown.close();
  });
});

it('without JavaScript the page says so, and leads to the other factors', async () => {
  if (!browser) return;
  const shown = await adaAtTheCaptcha(turnstile(keys()), '', false);
  expect(await shown.page.locator('noscript').innerText()).toContain('needs JavaScript');
  await shown.page.locator('.mfa-ways a').first().click();
  expect(await shown.page.locator('main').innerText()).toContain('Authenticator app');
  await shown.close();
});

/** The browser refuses whatever the policy of the page does not let in; what it does let in is answered here. */
async function adaAtTheCaptcha(captcha: Captcha, script: string, javaScriptEnabled = true) {
  if (!browser) throw new Error('no browser');
  // Browsers keep the cookie of 127.0.0.1, and the vendor says the name of the page.
  const off: Captcha = {
    ...captcha,
    verify: (token, about) => captcha.verify(token, { ...about, hostname: '127.0.0.1' }),
  };
  const host = await listening(createHost({ mfa: { captcha: off, baseUrl: undefined as never, production: false } }));
  const ada = await new Person(host, 'ada').enrolsTotp();
  const begun = await ada.post('/mfa/factors/sms', {
    phone: PHONE,
    captchaToken: double.solve({ hostname: '127.0.0.1', ...{ score: 0.9, action: 'mfa' } }),
  });
  await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.texted() }).expect(200);
  host.clock.advance(86_400_000);
  const { port } = (host.app as unknown as import('node:http').Server).address() as import('node:net').AddressInfo;
  const context = await browser.newContext({ javaScriptEnabled, viewport: { width: 320, height: 640 } });
  const complaints: string[] = [];
  const page = await context.newPage();
  await context.route(/^https:/, (route) =>
    route.request().url() === captcha.widget.script
      ? route.fulfill({ contentType: 'text/javascript', body: script })
      : route.abort(),
  );
  page.on('console', (message) => {
    // The page itself is a 403, which the console mentions.
    if (message.type() === 'error' && !message.text().includes('status of 403')) complaints.push(message.text());
  });
  await context.request.post(`http://127.0.0.1:${port}/login`, {
    form: { username: ada.user.email, password: PASSWORD },
  });
  await page.goto(`http://127.0.0.1:${port}/mfa/challenge?choose=1`);
  await page.locator('form button.mfa-button-option').first().click();
  await page.waitForSelector('.mfa-captcha');
  return { page, complaints, close: () => context.close() };
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found: string = await page.evaluate(`axe.run(document, { runOnly: ${JSON.stringify(RULES)} }).then(
    ({ violations }) => JSON.stringify(violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.html))))`);
  return JSON.parse(found);
}
