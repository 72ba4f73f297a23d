/** `CAPTCHA=demo`: the app's own captcha, which needs no account anywhere; and what else the variable may say. */
import { afterAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { readCaptcha } from '../../example-app/captcha.js';
import { StartProblem } from '../../example-app/problems.js';
import { launchBrowser } from '../browser.js';
import { testClock } from '../support/host.js';
import { Guest, listens, PASSWORD, startExample, stopExamples } from './guest.js';

afterAll(stopExamples);

const TRIAL = { production: false, secret: 'of at least thirty-two characters' };

function startDemo(clock = testClock()) {
  return startExample({ captcha: readCaptcha({ CAPTCHA: 'demo' }, { ...TRIAL, clock }) });
}

const begins = (guest: Guest, fields: Record<string, string> = {}) =>
  guest.submits('/mfa/factors/new/phone', '/mfa/factors/phone', { phone: '+1 212 555 0100', ...fields });

describe('CAPTCHA=demo', () => {
  it('sends a code to whoever ticks the box, each answer once', async () => {
    const clock = testClock();
    const example = startDemo(clock);
    const [ada, bob] = [new Guest(example, 'ada'), new Guest(example, 'bob')];
    const ticks = async () => {
      const { body } = await request(example.app).post('/demo-captcha').expect(200).expect('Cache-Control', 'no-store');
      return { 'demo-captcha-answer': String(body.answer) };
    };
    await ada.signsUp();
    await bob.signsUp();
    expect((await begins(ada)).status).toBe(403);
    const answer = await ticks();
    expect((await begins(ada, { 'demo-captcha-answer': `${answer['demo-captcha-answer']}x` })).status).toBe(422);
    expect((await begins(ada, answer)).text).toContain('Enter the code we sent');
    expect((await begins(bob, { ...answer, phone: '+1 312 555 0101' })).status).toBe(422);
    const late = await ticks();
    clock.advance(121_000);
    expect((await begins(bob, { ...late, phone: '+1 312 555 0101' })).status).toBe(422);
  });

  it('works in a browser under the policy of the page, by keyboard', async () => {
    const browser = await launchBrowser();
    if (!browser) return;
    const url = await listens(startDemo());
    const page = await browser.newPage();
    page.setDefaultTimeout(30_000);
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    await page.goto(`${url}/signup`);
    await page.getByLabel('Email address').fill('ada@example.com');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.goto(`${url}/mfa/factors/new/phone`);
    await page.getByLabel('Phone number').fill('+1 212 555 0100');
    const box = page.getByRole('group', { name: 'Check that you are a person' }).getByRole('checkbox');
    await box.focus();
    await page.keyboard.press('Space');
    await page.locator('[name="demo-captcha-answer"][value*="."]').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'Enter the code we sent' }).waitFor();
    expect(complaints).toEqual([]);
    await browser.close();
  }, 90_000);

  it('is refused in production', () => {
    expect(() => readCaptcha({ CAPTCHA: 'demo' }, { ...TRIAL, production: true })).toThrow(StartProblem);
  });
});

describe('CAPTCHA', () => {
  it('is none by default', () => {
    expect(readCaptcha({}, TRIAL)).toBeUndefined();
  });

  it.each(['turnstile', 'hcaptcha', 'recaptcha'])(
    '%s takes the keys of the environment, or those for tests',
    (name) => {
      expect(readCaptcha({ CAPTCHA: name }, TRIAL)?.captcha).toMatchObject({ provider: name, isForTests: true });
      const keys = { CAPTCHA_SITE_KEY: 'a-site-key', CAPTCHA_SECRET: 'a-secret' };
      const { captcha } = readCaptcha({ CAPTCHA: name, ...keys }, TRIAL) ?? {};
      expect(captcha).toMatchObject({ provider: name, siteKey: 'a-site-key' });
      expect(captcha).not.toHaveProperty('isForTests');
    },
  );

  it.each<[string, Record<string, string>]>([
    ['something else', { CAPTCHA: 'toString' }],
    ['half a pair of keys', { CAPTCHA: 'turnstile', CAPTCHA_SECRET: 'a-secret' }],
  ])('says what is wrong with %s', (_, env) => {
    expect(() => readCaptcha(env, TRIAL)).toThrow(StartProblem);
  });
});
