/** What sending codes comes to, as a person sees it in the example app, in a real browser: many phones, every channel, a carrier that is down, a script that pumps. */
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import { launchBrowser } from '../browser.js';
import { type Example, listens, PASSWORD, startExample, stopExamples } from '../example-app/guest.js';
import { PHONES, type Phone } from '../example-app/phones.js';

const MAILBOX = 'ada@elsewhere.example';

let browser: Browser | undefined;
let example: Example;
let url: string;
/** The person's tab, and the developer's beside it. */
let page: Page;
let inbox: Page;

beforeAll(async () => {
  example = startExample();
  url = await listens(example);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await stopExamples();
});

jest.setTimeout(480_000);

it('a person enrols a phone in any of sixteen countries and an e-mail address, signs in with each channel, stops a carrier and still signs in, and sees the guard stop a script, and why', async () => {
  if (!browser) return;
  const context = await browser.newContext();
  // Shorter than Jest's, so that a failure says what was not there. A machine with two cores and every other test at once is slow.
  context.setDefaultTimeout(60_000);
  [page, inbox] = [await context.newPage(), await context.newPage()];
  const complaints: string[] = [];
  for (const tab of [page, inbox]) {
    tab.on('pageerror', (error) => complaints.push(error.message));
    tab.on(
      'response',
      (answer) => void (answer.status() >= 400 && complaints.push(`${answer.status()} ${answer.url()}`)),
    );
  }

  const reached: Record<string, string> = {};
  for (const [place, phone] of PHONES.entries()) {
    // Nobody has more than a few phones.
    if (place % 4 === 0) await signUp(`visitor-${place}@example.com`);
    await enrolPhone(phone);
    reached[phone.country] = (await newestLetter()).to;
    if (place % 4 === 3) await signOut();
  }
  expect(reached).toEqual(Object.fromEntries(PHONES.map(({ country, e164 }) => [country, `${e164} ${country}`])));

  await signUp('ada@example.com');
  await enrolPhone({ country: 'US', national: '(212) 555-0142', e164: '+12125550142' });
  await enrolMailbox();
  for (const channel of ['Text message', 'WhatsApp', 'Phone call', 'Missed call', 'Email']) await signInBy(channel);

  await signOut();
  await askFor('Text message');
  expect(await told()).toContain('has been delivered');
  await answer(await code());
  expect(await heading()).toBe('Welcome');

  await inbox.goto(`${url}/inbox/carriers`);
  await inbox.getByLabel('What it does (Carrier A)').selectOption('Is down');
  await inbox.getByRole('button', { name: 'Set Carrier A' }).click();
  example.clock.advance(10 * 60_000);
  await signInBy('Text message');
  await example.mailbox.reports.tellNow();
  const { hops } = await newestLetter();
  expect(hops).toEqual(['Carrier A was down (unavailable)', 'Carrier B took it · $0.011 → delivered']);

  await inbox.getByRole('link', { name: 'Fraud and risk' }).click();
  await inbox.getByRole('button', { name: 'Pump 50 neighbours' }).click();
  const [, sent = ''] = /^50 numbers, (\d+) texts$/.exec(String(await inbox.locator('h1').textContent())) ?? [];
  expect(Number(sent)).toBeGreaterThan(0);
  expect(Number(sent)).toBeLessThan(25);
  const refused = 50 - Number(sent);
  expect(await inbox.getByText(`${refused} refused`).textContent()).toContain('neighbours');
  await inbox.getByRole('link', { name: 'Read its audit log' }).click();
  const rows = await inbox.locator('.log > li.stopped > p:first-child').allTextContents();
  expect(rows.length).toBeGreaterThan(0);
  expect(new Set(rows)).toEqual(
    new Set([
      'No code was sent by text message: too many numbers next to one another, as a script asks for that is paid by the text',
    ]),
  );

  example.clock.advance(10 * 60_000);
  await signInBy('Text message');
  expect(complaints).toEqual([]);
});

async function heading(): Promise<string | null> {
  return await page.getByRole('heading', { level: 1 }).textContent();
}

async function signUp(email: string): Promise<void> {
  await page.goto(`${url}/signup`);
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  expect(await heading()).toBe('Welcome');
}

async function signOut(): Promise<void> {
  await page.goto(url);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('link', { name: 'Create an account' }).waitFor();
}

async function enrolPhone({ country, national }: Phone): Promise<void> {
  await page.goto(`${url}/mfa/factors/new/phone`);
  await page.getByLabel('Phone number').fill(national);
  await page.getByLabel('Country for numbers without a country code').selectOption(country);
  await page.getByRole('button', { name: 'Continue' }).click();
  await finishSetUp();
}

async function enrolMailbox(): Promise<void> {
  await page.goto(`${url}/mfa/factors/new/email`);
  await page.getByLabel('Email address').fill(MAILBOX);
  await page.getByRole('button', { name: 'Continue' }).click();
  await finishSetUp();
}

/** The first of somebody's second steps brings the backup codes, too. */
async function finishSetUp(): Promise<void> {
  await codeField().waitFor();
  await codeField().fill(await code());
  await page.getByRole('button', { name: 'Finish set-up' }).click();
  const saved = page.getByLabel('I have saved these codes');
  const done = page.getByText(/ready to use|^Added/).first();
  await saved.or(done).first().waitFor();
  if (await saved.isVisible()) {
    await saved.check();
    await page.getByRole('button', { name: 'Continue' }).click();
  }
  await done.waitFor();
}

async function signInBy(channel: string): Promise<void> {
  await signOut();
  await askFor(channel);
  await answer(await code());
  expect(await heading()).toBe('Welcome');
}

/** The password, and a code on its way. */
async function askFor(channel: string): Promise<void> {
  example.clock.advance(60_000);
  await page.goto(`${url}/login`);
  await page.getByLabel('Email address').fill('ada@example.com');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: channel }).click();
  await codeField().waitFor();
}

/** A missed call has the code at the end of its number: another label. */
function codeField(): Locator {
  return page.getByLabel(/6[- ]digit/);
}

async function answer(text: string): Promise<void> {
  await codeField().fill(text);
  await page.getByRole('button', { name: 'Continue' }).click();
}

/** What the page says of the code on its way, once the carriers have reported. */
async function told(): Promise<string | null> {
  await example.mailbox.reports.tellNow();
  await page.reload();
  return await page.getByRole('status').first().textContent();
}

async function newestLetter() {
  await inbox.goto(`${url}/inbox`);
  const letter = inbox
    .locator('.letters > li')
    .filter({ has: inbox.locator('.hops') })
    .first();
  const from = String(await letter.locator('.from').textContent());
  return {
    to: from.replace(/^.* to /, ''),
    code: String(await letter.locator('.code code').textContent()),
    hops: await letter.locator('.hops > li').allTextContents(),
  };
}

async function code(): Promise<string> {
  return (await newestLetter()).code;
}
