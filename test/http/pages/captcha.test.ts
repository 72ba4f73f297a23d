/** The pages with a captcha in a real browser, under the very policy they are sent with. The vendors' scripts are doubles at its network; tokens are checked over HTTP. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { type CaptchaOptions, hcaptcha, recaptcha, turnstile } from '../../../src/captcha/captcha.js';
import { type Captcha, type Inbox, inbox, phone as phoneFactor, totp } from '../../../src/index.js';
import { violations } from '../../axe.js';
import { launchBrowser } from '../../browser.js';
import { type CaptchaDouble, type CaptchaVendor, captchaDouble } from '../../doubles/captcha.js';
import { playVendor, type Shown, type WidgetKind } from '../../doubles/captcha-widgets.js';
import { createHost, PASSWORD, type TestHost, testClock } from '../../support/host.js';
import { listening } from '../../support/listen.js';
import { Person } from '../../support/person.js';
import { PHONE } from '../../support/texting.js';

jest.setTimeout(90_000);

const SMALL_PHONE = { width: 320, height: 640 };

const VENDORS: Readonly<
  Record<WidgetKind, { of: CaptchaVendor; make: (options: CaptchaOptions) => Captcha; score?: number }>
> = {
  turnstile: { of: 'turnstile', make: turnstile },
  hcaptcha: { of: 'hcaptcha', make: hcaptcha },
  'recaptcha 2': { of: 'recaptcha', make: recaptcha },
  'recaptcha 3': { of: 'recaptcha', make: (options) => recaptcha({ ...options, minScore: 0.5 }), score: 0.9 },
};
/** Every send is worth a captcha, and no more than that. */
const ALWAYS = {
  signals: [{ name: 'always', weight: 0.9, look: () => 1 }],
  thresholds: { captcha: 0.4, stronger: 1, refuse: 1 },
};
const KINDS = Object.keys(VENDORS) as WidgetKind[];
const hasBox = (kind: WidgetKind) => kind !== 'recaptcha 3';

let browser: Browser | undefined;
const doubles: CaptchaDouble[] = [];
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
});
afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
  await Promise.all(doubles.splice(0).map((double) => double.close()));
});
afterAll(async () => browser?.close());

interface Scene {
  readonly host: TestHost;
  /** Texts and calls. */
  readonly inbox: Inbox;
  readonly double: CaptchaDouble;
  readonly ada: Person;
  readonly captcha: Captcha;
  readonly page: Page;
  readonly url: string;
  /** Ada's phone, as a factor. */
  readonly phone: string;
  /** What the browser complained of. */
  readonly complaints: string[];
  /** What the page asked for outside, and the vendor does not serve. */
  readonly inVain: string[];
  /** What the vendor was told by the widget. */
  readonly shown: Shown[];
  /** The vendor gives this token next, and not a good one. */
  givesNext(token: string): void;
}

interface Given {
  readonly kind?: WidgetKind;
  readonly options?: Partial<CaptchaOptions>;
  readonly context?: BrowserContextOptions;
  /** Default: the vendor answers. */
  readonly blocked?: boolean;
}

/** Ada has an authenticator and a phone, and has given her password in a browser. */
async function scene({ kind = 'turnstile', options = {}, context: how = {}, blocked = false }: Given): Promise<Scene> {
  if (!browser) throw new Error('no browser');
  const { of, make, score } = VENDORS[kind];
  const double = await captchaDouble(of);
  doubles.push(double);
  const { siteKey, secret, verifyUrl } = double;
  const captcha = make({
    siteKey,
    secret,
    verifyUrl,
    when: 'risk',
    hostnames: ['127.0.0.1'],
    timeout: '10s',
    ...options,
  });
  const clock = testClock();
  const phones = inbox({ now: clock });
  const channels = [
    { channel: 'sms', via: phones },
    { channel: 'voice', via: phones },
  ] as const;
  const factors = [totp(), phoneFactor({ channels, countries: ['US'] })];
  const mfa = { captcha, factors, risk: ALWAYS, baseUrl: undefined as never, production: false };
  const host = await listening(createHost({ mfa }, clock));
  const ada = await new Person(host, 'ada').enrolsTotp();
  const good = { hostname: '127.0.0.1', action: 'mfa', ...(score === undefined ? {} : { score }) };
  const begun = await ada.post('/mfa/factors/phone', { phone: PHONE, captchaToken: double.solve(good) }).expect(201);
  await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: phones.messages().at(-1)?.code }).expect(200);
  host.clock.advance(86_400_000);
  phones.clear();

  const context = await browser.newContext({ viewport: SMALL_PHONE, ...how });
  context.setDefaultTimeout(30_000);
  contexts.push(context);
  const shown: Shown[] = [];
  const bad: string[] = [];
  const inVain = await playVendor(context, kind, {
    solve(told) {
      shown.push(told);
      return bad.shift() ?? double.solve({ ...told, ...(score === undefined ? {} : { score }) });
    },
  });
  if (blocked) await context.route(/^https:/, (route) => route.abort());
  const page = await context.newPage();
  const complaints: string[] = [];
  // The console mentions that the page is an answer of 403 or 422.
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4(03|22)/.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  const url = `http://127.0.0.1:${((host.app as unknown as Server).address() as AddressInfo).port}`;
  await context.request.post(`${url}/login`, { form: { username: ada.user.email, password: PASSWORD } });
  const phone = String(begun.body.id);
  return {
    host,
    inbox: phones,
    double,
    ada,
    captcha,
    page,
    url,
    phone,
    complaints,
    inVain,
    shown,
    givesNext: (token) => bad.push(token),
  };
}

const check = (page: Page) => page.getByRole('group', { name: 'Check that you are a person' });
const box = (page: Page) => page.frameLocator('.mfa-captcha iframe').getByRole('checkbox');
const TEXT = /text message/i;
const CALL = /call/i;
const sendButton = (page: Page) => page.locator('main .mfa-button-primary');
const said = (page: Page) => page.locator('.mfa-captcha [role="status"]');

/** Where every send needs a captcha the page has it from the first. */
async function opensSendPage({ page, url, phone }: Scene): Promise<void> {
  await page.goto(`${url}/mfa/challenge?factor=${encodeURIComponent(phone)}`);
  await check(page).waitFor();
}

/** Presses a button of the chooser: where the risk is high, that is refused with the captcha. */
async function asksFor({ page, url }: Scene, channel: RegExp): Promise<void> {
  await page.goto(`${url}/mfa/challenge?choose`);
  await page.getByRole('button', { name: channel }).click();
}

/** Signs in with the authenticator, and asks for a second phone. */
async function opensSetUp({ page, url, ada }: Scene): Promise<void> {
  await page.goto(`${url}/mfa/challenge?factor=totp`);
  await page.getByLabel('6-digit code').fill(ada.nextCode());
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(`${url}/app`);
  await page.goto(`${url}/mfa/factors/new/phone`);
}

/** The token is in the form. (What polls with functions is held back by the page's policy.) */
async function hasToken({ page }: Scene): Promise<void> {
  await page.locator('[data-solved]').waitFor({ state: 'attached' });
}

async function ticks(scene: Scene): Promise<void> {
  await box(scene.page).check();
  await hasToken(scene);
}

/** Presses Tab until it is there; a page has few stops. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let stops = 0; stops < 12; stops += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(`document.activeElement.matches('${selector}')`)) return;
  }
  throw new Error(`Tab does not lead to ${selector}.`);
}

/** Whether the page's policy lets a script of that address in: the browser says which directive refused it. */
async function refusedBy(page: Page, script: string): Promise<string> {
  return await page.evaluate(`new Promise((resolve) => {
    document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), { once: true });
    const script = Object.assign(document.createElement('script'), { src: '${script}' });
    script.addEventListener('load', () => resolve('none'));
    document.head.append(script);
  })`);
}

describe.each(KINDS)('%s', (kind) => {
  const sends = { kind, options: { when: 'sends' as const } };

  it('shows on a small phone, with nothing refused by the policy and nothing that axe finds', async () => {
    if (!browser) return;
    const given = await scene(sends);
    await opensSendPage(given);
    const { page } = given;
    if (hasBox(kind)) await box(page).waitFor();
    else await page.locator('.grecaptcha-badge').waitFor({ state: 'attached' });
    expect(await violations(page, { iframes: false })).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
    expect(given.complaints).toEqual([]);
    expect(given.inVain).toEqual([]);
  });

  it('sends the code once the check is passed, by keyboard alone', async () => {
    if (!browser) return;
    const given = await scene(sends);
    await opensSendPage(given);
    const { page, double, captcha } = given;
    if (hasBox(kind)) {
      await box(page).waitFor();
      await tabTo(page, '.mfa-captcha iframe');
      await page.keyboard.press('Space');
      await hasToken(given);
    }
    await tabTo(page, 'main .mfa-button-primary');
    await page.keyboard.press('Enter');
    await page.waitForURL(/sent=1/);
    expect(given.inbox.messages()).toHaveLength(1);
    expect(given.shown).toEqual([
      { sitekey: double.siteKey, hostname: '127.0.0.1', action: captcha.widget.action ?? '' },
    ]);
    expect(double.asked.at(-1)?.form.secret).toBe(double.secret);
    expect(given.complaints).toEqual([]);
  });

  it('B05 is let in by the page that shows it, and by no other; nobody else is let in by either', async () => {
    if (!browser) return;
    const given = await scene(sends);
    const { page, url, captcha } = given;
    await page.goto(`${url}/mfa/challenge?choose`);
    expect(await refusedBy(page, captcha.widget.script)).toBe('script-src-elem');
    await opensSendPage(given);
    expect(await refusedBy(page, captcha.widget.script)).toBe('none');
    expect(await refusedBy(page, 'https://evil.example/x.js')).toBe('script-src-elem');
  });
});

describe.each(KINDS)('%s, when it is asked for after the button', (kind) => {
  it('a token that was used before, or is too old, is said clearly, and a new one goes through', async () => {
    if (!browser) return;
    const given = await scene({ kind });
    const { page, double } = given;
    given.givesNext(double.solveAndUse());
    await asksFor(given, TEXT);
    if (hasBox(kind)) await ticks(given);
    if (hasBox(kind)) await sendButton(page).click();
    await page.getByRole('alert').getByText('did not show that you are a person').waitFor();
    expect(given.inbox.messages()).toEqual([]);
    if (hasBox(kind)) await ticks(given);
    await sendButton(page).click();
    await page.waitForURL(/sent=1/);
    expect(given.inbox.messages()).toHaveLength(1);
    expect(given.complaints).toEqual([]);
  });
});

it.each(KINDS)('%s keeps the channel whose button was pressed in front', async (kind) => {
  if (!browser) return;
  const given = await scene({ kind });
  const { page } = given;
  await asksFor(given, CALL);
  if (hasBox(kind)) await ticks(given);
  if (hasBox(kind)) await sendButton(page).click();
  await page.waitForURL(/sent=1/);
  expect(given.inbox.messages().map(({ channel }) => channel)).toEqual(['voice']);
});

describe.each<WidgetKind>(['turnstile', 'recaptcha 3'])('%s after wrong answers', (kind) => {
  it('stands beside the code, and both go together', async () => {
    if (!browser) return;
    const given = await scene({ kind, options: { when: 'failures', afterFailures: 1 } });
    const { page } = given;
    await asksFor(given, TEXT);
    await page.waitForURL(/sent=1/);
    const code = given.inbox.messages().at(-1)?.code ?? '';
    await page.getByLabel('6-digit code').fill(code === '000000' ? '111111' : '000000');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('alert').getByText('That code is not right').waitFor();
    expect(await violations(page, { iframes: false })).toEqual([]);
    given.givesNext('made-up');
    await page.getByLabel('6-digit code').fill(code);
    for (const goesOn of [
      () => page.getByRole('alert').getByText('did not show that you are a person').waitFor(),
      () => page.waitForURL(`${given.url}/app`),
    ]) {
      expect(await page.getByLabel('6-digit code').inputValue()).toBe(code);
      if (hasBox(kind)) await ticks(given);
      await page.getByRole('button', { name: 'Continue' }).click();
      await goesOn();
    }
    expect(given.complaints).toEqual([]);
  });
});

it('a code that is to be sent once more while a phone is set up needs one too, on the page of the first', async () => {
  if (!browser) return;
  const given = await scene({});
  const { page, host } = given;
  await opensSetUp(given);
  await page.getByLabel('Phone number').fill('+1 312 555 0101');
  await page.getByRole('button', { name: 'Continue' }).click();
  await ticks(given);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(/sent=1/);
  host.clock.advance(31_000);
  await page.reload();
  await page.getByRole('button', { name: 'Send a new code' }).click();
  await ticks(given);
  expect(await violations(page, { iframes: false })).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
  await page.getByRole('button', { name: 'Send a new code' }).click();
  await page.waitForURL(/sent=1/);
  await page.getByLabel('6-digit code').fill(given.inbox.messages().at(-1)?.code ?? '');
  await page.getByRole('button', { name: 'Finish set-up' }).click();
  await page.waitForURL(/backup-codes|factors/);
  expect(given.complaints).toEqual([]);
});

it('nothing that was typed is lost while a phone is set up', async () => {
  if (!browser) return;
  const given = await scene({});
  const { page } = given;
  await opensSetUp(given);
  await page.getByLabel('Phone number').fill('+1 212 555 0111');
  await page.getByLabel(/name/i).fill('Work');
  await page.getByRole('button', { name: 'Continue' }).click();
  given.givesNext('made-up');
  for (const text of ['Show that you are a person', 'did not show that you are a person']) {
    await page.getByRole('alert').getByText(text).waitFor();
    expect(await page.getByLabel('Phone number').inputValue()).toBe('+1 212 555 0111');
    expect(await page.getByLabel(/name/i).inputValue()).toBe('Work');
    await ticks(given);
    await page.getByRole('button', { name: 'Continue' }).click();
  }
  await page.waitForURL(/sent=1/);
  expect(given.inbox.messages().at(-1)?.to).toBe('+12125550111');
});

describe.each<WidgetKind>(['turnstile', 'recaptcha 3'])('%s that does not load', (kind) => {
  it('says so, and another way goes on', async () => {
    if (!browser) return;
    const given = await scene({ kind, options: { when: 'sends' }, blocked: true });
    await opensSendPage(given);
    const { page } = given;
    await said(page).getByText('The check does not work here').waitFor();
    expect(await violations(page, { iframes: false })).toEqual([]);
    await page.getByRole('link', { name: 'Try another way' }).click();
    await page.getByRole('link', { name: /authenticator app/i }).click();
    await page.getByLabel('6-digit code').fill(given.ada.nextCode());
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL(`${given.url}/app`);
  });
});

describe('recaptcha 3, which nobody sees', () => {
  it('goes on by itself where the button was pressed already', async () => {
    if (!browser) return;
    const given = await scene({ kind: 'recaptcha 3' });
    await asksFor(given, TEXT);
    await given.page.waitForURL(/sent=1/);
    expect(given.inbox.messages()).toHaveLength(1);
  });

  it('sends once where the button is pressed twice', async () => {
    if (!browser) return;
    const given = await scene({ kind: 'recaptcha 3', options: { when: 'sends' } });
    await opensSendPage(given);
    await sendButton(given.page).dblclick();
    await given.page.waitForURL(/sent=1/);
    expect(given.shown).toHaveLength(1);
    expect(given.inbox.messages()).toHaveLength(1);
  });

  it('says so where it gives no token, and can be tried again', async () => {
    if (!browser) return;
    const given = await scene({ kind: 'recaptcha 3', options: { when: 'sends' } });
    await opensSendPage(given);
    const { page } = given;
    given.givesNext('');
    await sendButton(page).click();
    await said(page).getByText('The check does not work here').waitFor();
    await sendButton(page).click();
    await page.waitForURL(/sent=1/);
  });

  it('says so where it never answers', async () => {
    if (!browser) return;
    const given = await scene({ kind: 'recaptcha 3', options: { when: 'sends' } });
    const { page } = given;
    await page.clock.install();
    await opensSendPage(given);
    await page.evaluate('window.grecaptcha = { ready() {} }');
    await sendButton(page).click();
    await page.clock.fastForward(11_000);
    await said(page).getByText('The check does not work here').waitFor();
  });
});

describe('without JavaScript', () => {
  it.each<WidgetKind>(['turnstile', 'recaptcha 3'])('%s says what to do, and another way goes on', async (kind) => {
    if (!browser) return;
    const given = await scene({ kind, context: { javaScriptEnabled: false } });
    const { page } = given;
    await asksFor(given, TEXT);
    expect(await check(page).locator('noscript').textContent()).toContain('This check needs JavaScript');
    await page.getByRole('link', { name: 'Try another way' }).click();
    await page.getByRole('link', { name: /authenticator app/i }).click();
    await page.getByLabel('6-digit code').fill(given.ada.nextCode());
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL(`${given.url}/app`);
  });
});
