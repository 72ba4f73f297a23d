import { afterEach, describe, expect, it } from '@jest/globals';
import { type Captcha, type CaptchaOptions, hcaptcha, recaptcha, turnstile } from '../../src/captcha/captcha.js';
import {
  type CaptchaDouble,
  type CaptchaDoubleOptions,
  type CaptchaVendor,
  captchaDouble,
  type Solved,
} from '../doubles/captcha.js';
import type { Fault } from '../doubles/faults.js';

const VENDORS: Readonly<Record<CaptchaVendor, (options: CaptchaOptions) => Captcha>> = {
  recaptcha,
  hcaptcha,
  turnstile,
};
const NAMES = Object.keys(VENDORS) as CaptchaVendor[];

/** As each vendor's documentation has them. */
const TEST_SECRETS: Readonly<Record<CaptchaVendor, string>> = {
  recaptcha: '6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe',
  hcaptcha: '0x0000000000000000000000000000000000000000',
  turnstile: '1x0000000000000000000000000000000AA',
};

const doubles: CaptchaDouble[] = [];

afterEach(async () => {
  await Promise.all(doubles.splice(0).map((double) => double.close()));
});

async function vendor(name: CaptchaVendor, options: CaptchaDoubleOptions = {}) {
  const double = await captchaDouble(name, options);
  doubles.push(double);
  const { siteKey, secret, verifyUrl } = double;
  const check = (token: string, more: object = {}, timeoutMs = 10_000) =>
    VENDORS[name]({ siteKey, secret, verifyUrl, ...more }).verify(token, {
      ip: '203.0.113.9',
      hostname: 'acme.example',
      signal: AbortSignal.timeout(timeoutMs),
    });
  return { double, check };
}

describe.each(NAMES)('%s', (name) => {
  it('is sent a form with secret, token and address, and believes a good answer', async () => {
    const { double, check } = await vendor(name);
    const token = double.solve();
    expect(await check(token)).toEqual({ ok: true });
    expect(double.asked).toEqual([
      {
        form: { secret: double.secret, response: token, remoteip: '203.0.113.9' },
        type: 'application/x-www-form-urlencoded',
      },
    ]);
  });

  it('takes a token once', async () => {
    const { double, check } = await vendor(name);
    const token = double.solve();
    await check(token);
    expect(await check(token)).toEqual({ ok: false, why: 'used' });
  });

  it.each<[string, Solved, object, string]>([
    ['made on another site', { hostname: 'evil.example' }, {}, 'hostname'],
    ['made for something else', { action: 'comment' }, {}, 'action'],
  ])('P09 refuses a token %s', async (_, solved, more, why) => {
    const { double, check } = await vendor(name);
    expect(await check(double.solve(solved), more)).toEqual({ ok: false, why });
  });

  it('takes one of a further host name that is listed', async () => {
    const { double, check } = await vendor(name);
    const token = double.solve({ hostname: 'login.acme.example' });
    expect(await check(token, { hostnames: ['login.acme.example'] })).toEqual({ ok: true });
  });

  it('refuses one that nobody was given', async () => {
    const { check } = await vendor(name);
    expect(await check('made-up')).toEqual({ ok: false, why: 'wrong' });
  });

  it('says that the secret is not right', async () => {
    const { double, check } = await vendor(name);
    expect(await check(double.solve(), { secret: 'another-secret' })).toEqual({ ok: false, why: 'config' });
  });

  it.each<[string, Fault]>([
    ['500', { html: 500 }],
    ['503 with JSON', { reply: { status: 503, body: { success: true, hostname: 'acme.example' } } }],
    ['too many requests', { html: 429 }],
    ['a page that forbids it', { html: 403 }],
    ['an answer that does not end', { reply: { status: 200, body: { success: true, padding: 'x'.repeat(70_000) } } }],
    ['an error page with 200', { html: 200 }],
    ['junk JSON', { reply: { status: 200, body: [1, 2] as unknown as object } }],
    ['a success that is a text', { reply: { status: 200, body: { success: 'true', hostname: 'acme.example' } } }],
    ['half an answer', { cut: true }],
    ['no answer, the connection gone', { reset: true }],
  ])('%s is no verdict', async (_, fault) => {
    const { double, check } = await vendor(name);
    double.fail(fault);
    expect(await check(double.solve())).toEqual({ ok: false, why: 'unavailable' });
  });

  it.each([400, 413, 414, 422])(
    '%s without a word is about the token: nobody is let through by one that breaks it',
    async (html) => {
      const { double, check } = await vendor(name);
      double.fail({ html });
      expect(await check(double.solve())).toEqual({ ok: false, why: 'wrong' });
    },
  );

  it.each(['two words', 'line\nbreak', 'nul\0', 'ünïcode'])(
    '%j is no token of theirs, and they are not asked',
    async (token) => {
      const { double, check } = await vendor(name);
      expect(await check(token)).toEqual({ ok: false, why: 'wrong' });
      expect(double.asked).toEqual([]);
    },
  );

  it.each<[string, object]>([
    ['no host name', { hostname: undefined }],
    ['a host name that is no text', { hostname: ['acme.example'] }],
    ['a longer host name', { hostname: 'acme.example.evil.example' }],
  ])('%s is not ours', async (_, more) => {
    const { double, check } = await vendor(name);
    expect(await check(double.solve({ more }))).toEqual({ ok: false, why: 'hostname' });
  });

  it('what it says besides changes nothing', async () => {
    const { double, check } = await vendor(name);
    const more = { cdata: 'somebody', metadata: { ephemeral_id: 'x' }, apk_package_name: 'x', credit: false };
    expect(await check(double.solve({ more }))).toEqual({ ok: true });
  });

  it('its secret for tests takes a token of its own test page, and says what it is', async () => {
    const secret = TEST_SECRETS[name];
    const { double, check } = await vendor(name, { secret });
    const { siteKey, verifyUrl } = double;
    expect(VENDORS[name]({ siteKey, secret, verifyUrl }).isForTests).toBe(true);
    expect(await check(double.solve({ hostname: 'testkey.google.com', action: 'test' }))).toEqual({ ok: true });
    expect(await check('made-up')).toEqual({ ok: false, why: 'wrong' });
  });

  it('silence ends with the signal', async () => {
    const { double, check } = await vendor(name);
    double.fail({ hang: true });
    expect(await check(double.solve(), {}, 50)).toEqual({ ok: false, why: 'unavailable' });
  });
});

describe('a score', () => {
  it.each<[string, CaptchaVendor, object, Solved, object]>([
    [
      'of reCAPTCHA 3 is of the person: high is good',
      'recaptcha',
      { minScore: 0.5 },
      { score: 0.7, action: 'mfa' },
      { ok: true, score: 0.7 },
    ],
    [
      'below the least is refused',
      'recaptcha',
      { minScore: 0.5 },
      { score: 0.4, action: 'mfa' },
      { ok: false, why: 'score' },
    ],
    ['that is missing is refused', 'recaptcha', { minScore: 0.5 }, { action: 'mfa' }, { ok: false, why: 'score' }],
    ['without an action is refused', 'recaptcha', { minScore: 0.5 }, { score: 0.9 }, { ok: false, why: 'action' }],
    [
      'of hCaptcha is of the risk: low is good',
      'hcaptcha',
      { maxScore: 0.5 },
      { score: 0.3 },
      { ok: true, score: 0.3 },
    ],
    ['above the most is refused', 'hcaptcha', { maxScore: 0.5 }, { score: 0.6 }, { ok: false, why: 'score' }],
  ])('%s', async (_, name, options, solved, verdict) => {
    const { double, check } = await vendor(name);
    expect(await check(double.solve(solved), options)).toEqual(verdict);
  });
});

describe('set-up', () => {
  it.each<[string, () => unknown]>([
    ['no options', () => turnstile(undefined as unknown as CaptchaOptions)],
    ['no secret', () => hcaptcha({ siteKey: 'a-site-key' } as CaptchaOptions)],
    ['an unknown option', () => recaptcha({ siteKey: 'a-site-key', secret: 'a-secret', minScor: 1 } as never)],
    ['a score beyond 1', () => recaptcha({ siteKey: 'a-site-key', secret: 'a-secret', minScore: 5 })],
    ['plain http', () => turnstile({ siteKey: 'a-site-key', secret: 'a-secret', verifyUrl: 'http://acme.example' })],
    ['too long a timeout', () => turnstile({ siteKey: 'a-site-key', secret: 'a-secret', timeout: '11s' })],
  ])('%s is told at once', (_, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'set_up' }));
  });
});
