/** The channels of a phone in a real browser as wide as a small phone: what is suggested, what failed, and what the person takes instead. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { telnyxVerify } from '../../src/delivery/telnyx.js';
import { twilioCalls, twilioMessages } from '../../src/delivery/twilio.js';
import { phone, totp } from '../../src/index.js';
import { launchBrowser } from '../browser.js';
import { twilioCallback } from '../doubles/callbacks.js';
import { type TelnyxDouble, telnyxDouble } from '../doubles/telnyx.js';
import { type TwilioDouble, twilioDouble } from '../doubles/twilio.js';
import { createHost, PASSWORD, testClock } from '../support/host.js';
import { listening } from '../support/listen.js';
import { PHONE } from '../support/texting.js';
import { AUTH_TOKEN, door, TWILIO_URL, WEBHOOKS } from '../support/webhooks.js';

const SMALL_PHONE = { width: 320, height: 640 };
const OTHER = '+12125550155';

let browser: Browser | undefined;
let twilio: TwilioDouble;
let telnyx: TelnyxDouble;
let context: BrowserContext | undefined;
const servers: Server[] = [];

jest.setTimeout(120_000);
beforeAll(async () => {
  browser = await launchBrowser();
});
afterEach(async () => {
  await context?.close();
  await Promise.all([twilio?.close(), telnyx?.close()]);
  for (const server of servers.splice(0)) server.close();
});
afterAll(async () => await browser?.close());

/** Ada, signed in, at the page of her factors; Twilio texts and calls, Telnyx rings. */
async function adaAt({ landlines = [], script = true }: { landlines?: readonly string[]; script?: boolean } = {}) {
  const clock = testClock();
  twilio = await twilioDouble({ now: clock, landlines });
  telnyx = await telnyxDouble({ now: clock });
  const account = { client: twilio.client(), from: '+12025550100', statusCallback: TWILIO_URL };
  const { apiKey, baseUrl, verifyProfileId } = telnyx;
  const rings = telnyxVerify({ apiKey, baseUrl, verifyProfileId, channels: ['flash-call'] });
  const host = await listening(
    createHost(
      {
        mfa: {
          baseUrl: undefined as never,
          production: false,
          webhooks: { twilio: { ...WEBHOOKS.twilio, publicUrl: TWILIO_URL } },
          factors: [
            totp(),
            phone({
              countries: ['US'],
              channels: [
                { channel: 'sms', via: twilioMessages(account) },
                { channel: 'voice', via: twilioCalls(account) },
                { channel: 'flash-call', via: rings },
              ],
            }),
          ],
        },
      },
      clock,
    ),
  );
  const server = host.app as unknown as Server;
  servers.push(server);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const user = host.addUser('ada');
  context = await browser?.newContext({ viewport: SMALL_PHONE, javaScriptEnabled: script });
  context?.setDefaultTimeout(60_000);
  const page = await context?.newPage();
  const signIn = async () =>
    void (await context?.request.post(`${url}/login`, { form: { username: user.email, password: PASSWORD } }));
  const signOut = async () => void (await context?.request.post(`${url}/logout`));
  await signIn();
  const sid = () => String((twilio.exchanges.at(-1)?.reply?.body as { sid?: string } | undefined)?.sid);
  return { host, clock, url, page, signIn, signOut, sid };
}

const heading = async (page: Page) => await page.getByRole('heading', { level: 1 }).textContent();
const press = async (page: Page, name: string | RegExp) => await page.getByRole('button', { name }).click();
const summary = async (page: Page) => await page.getByRole('alert').textContent();
const isOver = async (page: Page) =>
  await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');

async function beginsPhone(page: Page, url: string, number: string): Promise<void> {
  await page.goto(`${url}/mfa/factors/new/phone`);
  await page.getByLabel('Phone number').fill(number);
  await press(page, 'Continue');
}

async function finishes(page: Page, code: string | undefined): Promise<void> {
  await page.getByRole('textbox', { name: /code|digits/ }).fill(code ?? 'nothing arrived');
  await press(page, 'Finish set-up');
}

/** Her phone is set up by text; a day later she has given her password, and is asked for a code. */
async function comesBack({ page, url, clock, signIn, signOut }: Awaited<ReturnType<typeof adaAt>>): Promise<void> {
  if (!page) return;
  await beginsPhone(page, url, OTHER);
  await finishes(page, twilio.codeFor(OTHER));
  await signOut();
  clock.advance(24 * 60 * 60_000);
  await signIn();
  await page.goto(`${url}/mfa/challenge`);
}

describe.each([{ script: true }, { script: false }])('with script: $script', ({ script }) => {
  it('a landline is offered a call by name, and is called', async () => {
    const { page, url } = await adaAt({ landlines: [PHONE], script });
    if (!page) return;
    await beginsPhone(page, url, PHONE);
    expect(await summary(page)).toContain('Texts do not reach this number. We can call you instead');
    expect(await page.getByLabel('How should your codes come?').inputValue()).toBe('voice');
    expect(await isOver(page)).toBe(false);
    await press(page, 'Continue');
    expect(await heading(page)).toBe('Enter the code we sent');
    expect(await page.textContent('main')).toContain('We are calling');
    await finishes(page, twilio.codeFor(PHONE));
    expect(await heading(page)).toBe('Two-step sign-in');
  });
});

it('shows each channel, the suggested one first; keeps to what was chosen, and offers it the next time', async () => {
  const ada = await adaAt();
  const { page, url, clock, signIn, signOut } = ada;
  if (!page) return;
  await comesBack(ada);
  const buttons = page.locator('.mfa-actions button');
  expect(await buttons.allTextContents()).toEqual(['Text me a code', 'Call me with a code', 'Ring me once']);
  expect(await page.textContent('main')).toContain('Last time it came in a text message.');
  expect(await isOver(page)).toBe(false);
  await press(page, 'Call me with a code');
  expect(await page.textContent('main')).toContain('We are calling ••••••••55 with a code.');
  clock.advance(30_000);
  await page.reload();
  await press(page, 'Send a new code');
  expect(await page.textContent('main')).toContain('We are calling');
  await page.getByLabel('6-digit code').fill(twilio.codeFor(OTHER) ?? '');
  await press(page, 'Continue');
  await page.waitForURL(`${url}/app`);

  await signOut();
  await signIn();
  await page.goto(`${url}/mfa/challenge`);
  expect(await buttons.allTextContents()).toEqual(['Call me with a code', 'Text me a code', 'Ring me once']);
  await page.goto(`${url}/mfa/challenge?choose`);
  expect(await page.getByRole('button', { name: /Phone call/ }).textContent()).toMatch(/suggested · used last time/);
  expect(await page.getByRole('button', { name: /Text message/ }).textContent()).not.toMatch(/suggested|used/);
});

it('a text that the carrier could not deliver has a call beside it', async () => {
  const ada = await adaAt();
  const { host, page, clock, sid } = ada;
  if (!page) return;
  await comesBack(ada);
  await press(page, 'Text me a code');
  expect(await page.getByRole('button', { name: 'Call me with a code' }).count()).toBe(0);
  const form = { MessageSid: sid(), MessageStatus: 'undelivered', ErrorCode: '30003', To: OTHER };
  await door(host)(twilioCallback(AUTH_TOKEN, TWILIO_URL, form)).expect(204);
  clock.advance(30_000);
  await page.reload();
  expect(await page.getByRole('status').textContent()).toContain('could not be delivered');
  await press(page, 'Call me with a code');
  expect(await page.textContent('main')).toContain('We are calling');
});

it('a call that rings asks for the end of the number that called', async () => {
  const ada = await adaAt();
  const { page, url } = ada;
  if (!page) return;
  await comesBack(ada);
  await press(page, 'Ring me once');
  const digits = page.getByLabel('Last 5 digits of the number that called');
  expect(await page.textContent('main')).toContain('We are ringing ••••••••55 once. Do not pick up');
  await digits.fill('123456');
  await press(page, 'Continue');
  expect(await summary(page)).toContain('The code must be 5 numbers');
  await digits.fill(telnyx.codeFor(OTHER) ?? '');
  await press(page, 'Continue');
  await page.waitForURL(`${url}/app`);
});
