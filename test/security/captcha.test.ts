import { afterEach, describe, expect, it } from '@jest/globals';
import { type CaptchaOptions, hcaptcha, recaptcha, turnstile } from '../../src/captcha/captcha.js';
import type { Captcha, MfaOptions } from '../../src/index.js';
import { type CaptchaDouble, type CaptchaVendor, captchaDouble } from '../doubles/captcha.js';
import { wrongCode } from '../support/guess.js';
import { createHost, type TestHost, type TestUser } from '../support/host.js';
import { listening, together } from '../support/listen.js';
import { hiddenFields, Person } from '../support/person.js';
import { adaWithPhone, PHONE, sendsCounted } from '../support/texting.js';

const VENDORS = { recaptcha, hcaptcha, turnstile };
const doubles: CaptchaDouble[] = [];

afterEach(async () => {
  await Promise.all(doubles.splice(0).map((double) => double.close()));
});

interface Guarded {
  readonly host: TestHost;
  readonly double: CaptchaDouble;
  readonly captcha: Captcha;
  readonly phone: string;
  /** Ada after her password, in another browser. */
  readonly ada: Person;
}

/** Ada has a phone, and a captcha stands before it. */
async function guarded(
  options: Partial<CaptchaOptions> = {},
  { name = 'turnstile', more = {} }: { name?: CaptchaVendor; more?: Partial<MfaOptions<TestUser>> } = {},
): Promise<Guarded> {
  const double = await captchaDouble(name);
  doubles.push(double);
  const { siteKey, secret, verifyUrl } = double;
  const captcha = VENDORS[name]({ siteKey, secret, verifyUrl, when: 'sends', timeout: '5s', ...options });
  const host = await listening(
    createHost({
      mfa: { captcha, ...more },
      before: (app) =>
        app.use((_req, res, next) => {
          res.set('Cross-Origin-Embedder-Policy', 'require-corp');
          next();
        }),
    }),
  );
  const first = await new Person(host, 'ada').enrolsTotp();
  const begun = await first.post('/mfa/factors/sms', { phone: PHONE, captchaToken: double.solve() }).expect(201);
  await first.post(`/mfa/factors/${begun.body.id}/confirm`, { code: first.texted() }).expect(200);
  host.clock.advance(86_400_000);
  host.inbox.clear();
  const ada = first.elsewhere();
  await ada.password().expect(200);
  return { host, double, captcha, phone: begun.body.id, ada };
}

describe.each(Object.keys(VENDORS) as CaptchaVendor[])('%s before a code is sent', (name) => {
  it('asks a JSON client for a token, and sends with one: each token once', async () => {
    const { host, double, phone, ada } = await guarded({}, { name });
    const asked = await ada.post('/mfa/challenge', { factorId: phone }).expect(403);
    expect(asked.body).toMatchObject({
      code: 'captcha_required',
      captcha: { provider: name, siteKey: double.siteKey },
    });
    expect(host.inbox.messages()).toEqual([]);
    expect(await sendsCounted(host)).toBe(0);
    const { siteKey } = double;
    expect((await ada.get('/mfa/challenge').expect(200)).body.captcha).toEqual({ provider: name, siteKey });

    const captchaToken = double.solve();
    await ada.post('/mfa/challenge', { factorId: phone, captchaToken }).expect(202);
    expect(host.inbox.messages()).toHaveLength(1);
    host.clock.advance(31_000);
    const again = await ada.post('/mfa/challenge', { factorId: phone, captchaToken }).expect(422);
    expect(again.body).toMatchObject({ code: 'captcha_failed', captcha: { provider: name } });
    await ada.verify({ factorId: phone, code: ada.texted() }).expect(200);
  });

  it('B05 asks on the page, in its own policy, and takes the field of its form', async () => {
    const { host, double, captcha, phone, ada } = await guarded({}, { name });
    const strict = (await ada.agent.get('/mfa/challenge').set('Accept', 'text/html')).headers;
    const form = hiddenFields(
      (await ada.agent.get('/mfa/challenge').set('Accept', 'text/html')).text,
      '/mfa/challenge',
    );
    const send = (fields: object) =>
      ada.agent
        .post('/mfa/challenge')
        .set('Accept', 'text/html')
        .type('form')
        .send({ ...form, factorId: phone, ...fields });
    const asked = await send({ channel: 'sms' }).expect(403);
    expect(asked.text).toContain(`data-sitekey="${double.siteKey}"`);
    expect(asked.text).toContain(`<script src="${captcha.widget.script}" defer></script>`);
    expect(asked.text).toContain('<noscript>');
    expect(asked.text).toContain('Try another way');
    const policy = String(asked.headers['content-security-policy']);
    for (const [directive, sources] of Object.entries(captcha.widget.sources))
      expect(policy).toMatch(
        new RegExp(`${directive} [^;]*${sources?.[0]?.replaceAll('.', '\\.').replaceAll('*', '\\*')}`),
      );
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(asked.headers['referrer-policy']).toBe('strict-origin');
    expect(asked.headers['cross-origin-embedder-policy']).toBeUndefined();
    expect(strict['cross-origin-embedder-policy']).toBe('require-corp');
    expect(strict['content-security-policy']).not.toMatch(/https:/);
    expect(strict['referrer-policy']).toBe('no-referrer');

    const solved = await send({ channel: 'sms', [captcha.widget.field]: double.solve() }).expect(303);
    expect(solved.headers.location).toContain('sent=1');
    expect(host.inbox.messages()).toHaveLength(1);
  });

  it('asks again before the next one, and whoever has the first code can still type it', async () => {
    const { host, double, captcha, phone, ada } = await guarded({}, { name });
    await ada.post('/mfa/challenge', { factorId: phone, captchaToken: double.solve() }).expect(202);
    host.clock.advance(31_000);
    const page = `/mfa/challenge?factor=${encodeURIComponent(phone)}`;
    const asked = await ada.submits(page, '/mfa/challenge', { factorId: phone });
    expect(asked.status).toBe(403);
    expect(asked.text).toContain(String(captcha.widget.className));
    const back = /<a href="([^"]+)">I have a code already/.exec(asked.text)?.[1];
    expect((await ada.submits(String(back), '/mfa/challenge/verify', { code: ada.texted() })).status).toBe(303);
  });
});

describe('a second click, which brings the same token', () => {
  it.each<[string, (double: CaptchaDouble) => void]>([
    ['while the vendor is asked', (double) => double.fail({ slowMs: 300 })],
    ['at once', () => undefined],
  ])('%s is answered with the send of the first', async (_, first) => {
    const { host, double, phone, ada } = await guarded();
    first(double);
    const captchaToken = double.solve();
    const answers = await together(2, () => ada.post('/mfa/challenge', { factorId: phone, captchaToken }));
    expect(answers.map(({ status, body }) => [status, body.code ?? body.challengeId])).toEqual(
      Array(2).fill([202, expect.stringMatching(/./)]),
    );
    expect(new Set(answers.map(({ body }) => body.challengeId)).size).toBe(1);
    expect(host.inbox.messages()).toHaveLength(1);
    await ada.post('/mfa/challenge', { factorId: phone, captchaToken }).expect(202);
    expect(host.inbox.messages()).toHaveLength(1);
  });

  it('sets one phone up', async () => {
    const { host, double, ada } = await guarded();
    await ada.verify({ factorId: 'totp', code: ada.nextCode() }).expect(200);
    const captchaToken = double.solve();
    const answers = await together(2, () => ada.post('/mfa/factors/sms', { phone: '+13125550101', captchaToken }));
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(Array(2).fill([201, undefined]));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(host.inbox.messages()).toHaveLength(1);
  });
});

describe('P09 a token that is not good', () => {
  it.each([
    ['for another site', { hostname: 'evil.example' }, 'hostname'],
    ['for something else', { action: 'comment' }, 'action'],
  ])('%s sends nothing, and the log says why', async (_, solved, why) => {
    const { host, double, phone, ada } = await guarded();
    await ada.post('/mfa/challenge', { factorId: phone, captchaToken: double.solve(solved) }).expect(422);
    expect(host.inbox.messages()).toEqual([]);
    expect(host.events).toContainEqual(expect.objectContaining({ type: 'captcha.failed', before: 'send', why }));
  });

  it('with too low a score sends nothing', async () => {
    const double = await captchaDouble('recaptcha');
    doubles.push(double);
    const { siteKey, secret, verifyUrl } = double;
    const host = createHost({
      mfa: { captcha: recaptcha({ siteKey, secret, verifyUrl, minScore: 0.6, when: 'sends' }) },
    });
    const ada = await new Person(host, 'ada').enrolsTotp();
    const send = (score: number) =>
      ada.post('/mfa/factors/sms', { phone: PHONE, captchaToken: double.solve({ score, action: 'mfa' }) });
    await send(0.5).expect(422);
    expect(host.inbox.messages()).toEqual([]);
    await send(0.6).expect(201);
  });

  it.each<[string, unknown]>([
    ['a list', ['x']],
    ['empty', ''],
    ['endless', 'x'.repeat(9_000)],
    ['an object', { toString: 'x' }],
  ])('%s is none, and nobody is asked', async (_, captchaToken) => {
    const { double, phone, ada } = await guarded();
    const before = double.asked.length;
    await ada.post('/mfa/challenge', { factorId: phone, captchaToken }).expect(403);
    expect(double.asked).toHaveLength(before);
  });

  it('is taken once also where the vendor forgets', async () => {
    const forgetful: Captcha = {
      provider: 'own',
      siteKey: 'own-site',
      when: 'sends',
      widget: { script: 'https://captcha.acme.example/w.js', className: 'own', field: 'own', sources: {} },
      verify: async () => ({ ok: true }),
    };
    const host = createHost({ mfa: { captcha: forgetful } });
    const ada = await new Person(host, 'ada').enrolsTotp();
    const send = (phone: string) => ada.post('/mfa/factors/sms', { phone, captchaToken: 'the same' });
    const answers = [(await send(PHONE)).status, (await send('+12125550101')).status];
    expect(answers).toEqual([201, 422]);
  });
});

describe('a vendor that is down', () => {
  it('stops sends for now, and the other factors work', async () => {
    const { host, double, phone, ada } = await guarded();
    double.fail({ html: 500 });
    const answer = await ada.post('/mfa/challenge', { factorId: phone, captchaToken: 'any' }).expect(503);
    expect(answer.body).toMatchObject({ code: 'delivery_unavailable' });
    expect(answer.headers['retry-after']).toBe('10');
    expect(host.inbox.messages()).toEqual([]);
    await ada.verify({ factorId: 'totp', code: ada.nextCode() }).expect(200);
  });

  it('does not stop sends where the host said so, and that is written down', async () => {
    const { host, double, phone, ada } = await guarded({ whenDown: 'allow' });
    double.fail({ html: 502 });
    await ada.post('/mfa/challenge', { factorId: phone, captchaToken: 'any' }).expect(202);
    expect(host.events).toContainEqual(expect.objectContaining({ type: 'captcha.failed', allowed: true }));
  });

  it('is not asked for without a token: "allow" is no way round the question', async () => {
    const { double, phone, ada } = await guarded({ whenDown: 'allow' });
    double.fail({ html: 502 });
    await ada.post('/mfa/challenge', { factorId: phone }).expect(403);
  });

  it('that does not like our secret is told to the host, without the secret', async () => {
    const { host, double, phone, ada } = await guarded();
    double.fail({ reply: { status: 200, body: { success: false, 'error-codes': ['invalid-input-secret'] } } });
    await ada.post('/mfa/challenge', { factorId: phone, captchaToken: 'any' }).expect(503);
    expect(String(host.errors)).toContain('turnstile');
    expect(String(host.errors)).not.toContain(double.secret);
  });
});

describe('after wrong answers', () => {
  it('a sent code is compared only with a token, and a refused one costs no try', async () => {
    const { double, phone, ada } = await guarded({ when: 'failures', afterFailures: 2 });
    await ada.post('/mfa/challenge', { factorId: phone }).expect(202);
    const code = wrongCode(ada);
    const left: unknown[] = [];
    for (let time = 0; time < 2; time += 1)
      left.push((await ada.verify({ factorId: phone, code }).expect(422)).body.attemptsLeft);
    const asked = await ada.verify({ factorId: phone, code }).expect(403);
    expect(asked.body).toMatchObject({ code: 'captcha_required', captcha: { provider: 'turnstile' } });
    await ada.verify({ factorId: phone, code: ada.texted() }).expect(403);
    const third = await ada.verify({ factorId: phone, code, captchaToken: double.solve() }).expect(422);
    expect([...left, third.body.attemptsLeft]).toEqual([4, 3, 2]);
    await ada.verify({ factorId: phone, code: ada.texted(), captchaToken: double.solve() }).expect(200);
  });

  it('the last answer that needs none says that the next one does', async () => {
    const { double, phone, ada } = await guarded({ when: 'failures', afterFailures: 2 });
    await ada.post('/mfa/challenge', { factorId: phone }).expect(202);
    const wrong = { factorId: phone, code: wrongCode(ada) };
    expect((await ada.verify(wrong).expect(422)).body).not.toHaveProperty('captcha');
    const { siteKey } = double;
    expect((await ada.verify(wrong).expect(422)).body).toMatchObject({ code: 'code_wrong', captcha: { siteKey } });
  });

  it('the page of the code shows the widget, and what was typed and not looked at', async () => {
    const { double, phone, ada } = await guarded({ when: 'failures', afterFailures: 1 });
    await ada.post('/mfa/challenge', { factorId: phone }).expect(202);
    const page = `/mfa/challenge?factor=${encodeURIComponent(phone)}`;
    const answers = (code: string, token?: string) =>
      ada.submits(page, '/mfa/challenge/verify', { code, ...(token ? { 'cf-turnstile-response': token } : {}) });
    const formOf = ({ text }: { text: string }) =>
      text.split('<form').find((part) => part.includes('/mfa/challenge/verify'));

    const wrong = await answers(wrongCode(ada));
    expect(wrong.status).toBe(422);
    expect(formOf(wrong)).toContain('cf-turnstile');
    expect(formOf(wrong)).not.toContain(`value="${wrongCode(ada)}"`);
    expect(wrong.headers['content-security-policy']).toContain('challenges.cloudflare.com');
    for (const refused of [await answers(ada.texted()), await answers(ada.texted(), 'made-up')]) {
      expect([403, 422]).toContain(refused.status);
      expect(formOf(refused)).toContain('cf-turnstile');
      expect(formOf(refused)).toContain(`value="${ada.texted()}"`);
    }
    expect((await answers(ada.texted(), double.solve())).status).toBe(303);
  });

  it('while the vendor is down answers are compared: locks bound them', async () => {
    const { double, phone, ada } = await guarded({ when: 'failures', afterFailures: 1 });
    await ada.post('/mfa/challenge', { factorId: phone }).expect(202);
    await ada.verify({ factorId: phone, code: wrongCode(ada) }).expect(422);
    double.fail({ html: 503 });
    await ada.verify({ factorId: phone, code: ada.texted(), captchaToken: 'any' }).expect(200);
  });

  it('codes of an app and backup codes need none', async () => {
    const { ada } = await guarded({ afterFailures: 1 });
    for (let time = 0; time < 3; time += 1) await ada.verify({ factorId: 'totp', code: '000000' }).expect(422);
    await ada.verify({ factorId: 'totp', code: ada.nextCode() }).expect(200);
  });
});

describe('by risk', () => {
  const bot = { 'bot-agent': 0.5 };

  it('asks where the score is high, and not where it is low', async () => {
    const { double, phone, ada } = await guarded({ when: 'risk' }, { more: { risk: { weights: bot } } });
    const calm = (test: ReturnType<Person['post']>) => test.set('User-Agent', 'Mozilla/5.0 Firefox/140.0');
    await ada.post('/mfa/challenge', { factorId: phone }).expect(403);
    await ada.post('/mfa/challenge', { factorId: phone, captchaToken: double.solve() }).expect(202);
    const other = ada.elsewhere();
    await calm(other.password()).expect(200);
    await calm(other.post('/mfa/challenge', { factorId: phone })).expect(202);
  });

  it('asks whoever should prove something stronger and has nothing', async () => {
    const more = { risk: { weights: { 'bot-agent': 0.7 } } };
    const double = await captchaDouble('hcaptcha');
    doubles.push(double);
    const { siteKey, secret, verifyUrl } = double;
    const host = createHost({ mfa: { ...more, captcha: hcaptcha({ siteKey, secret, verifyUrl }) } });
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    const asked = await ada.post('/mfa/factors/sms', { phone: PHONE }).expect(403);
    expect(asked.body.captcha).toEqual({ provider: 'hcaptcha', siteKey });
    await ada.post('/mfa/factors/sms', { phone: PHONE, captchaToken: double.solve() }).expect(201);
  });

  it('without risk it stands before every send, unless something else is said', async () => {
    const { phone, ada } = await guarded({ when: undefined as never });
    await ada.post('/mfa/challenge', { factorId: phone }).expect(403);
  });

  it('cannot be asked for by a risk at which nobody looks', async () => {
    await expect(guarded({ when: 'risk' })).rejects.toThrow(/Add `risk: \{\}`/);
  });
});

describe('while a phone is set up', () => {
  it('the page shows the widget with what was typed, and again when the code is to be sent once more', async () => {
    const { host, double, ada } = await guarded();
    await ada.verify({ factorId: 'totp', code: ada.nextCode() }).expect(200);
    const asked = await ada.submits('/mfa/factors/new/sms', '/mfa/factors/sms', { phone: '+12125550111' });
    expect(asked.status).toBe(403);
    expect(asked.text).toContain('value="+12125550111"');
    expect(asked.text).toContain('cf-turnstile');
    expect(asked.headers['content-security-policy']).toContain('challenges.cloudflare.com');
    const begun = await ada.submits('/mfa/factors/new/sms', '/mfa/factors/sms', {
      phone: '+12125550111',
      'cf-turnstile-response': double.solve(),
    });
    const page = String(begun.headers.location).split('?')[0] ?? '';
    host.clock.advance(31_000);
    const again = await ada.submits(page, `${page}/resend`);
    expect(again.status).toBe(403);
    expect(again.text).toContain('cf-turnstile');
    const token = { 'cf-turnstile-response': double.solve() };
    expect((await ada.submits(page, `${page}/resend`, token)).status).toBe(303);
  });
});

describe("the vendor's keys for tests", () => {
  const keys = { siteKey: '1x00000000000000000000AA', secret: '1x0000000000000000000000000000000AA' };

  it('take the one token of its test page as often as it comes', async () => {
    const double = await captchaDouble('turnstile', { secret: keys.secret, forgetful: true });
    doubles.push(double);
    const captcha = turnstile({ ...keys, verifyUrl: double.verifyUrl, when: 'sends' });
    const ada = await new Person(createHost({ mfa: { captcha } }), 'ada').enrolsTotp();
    const captchaToken = double.solve({ hostname: 'example.com', action: 'test' });
    for (const phone of [PHONE, '+13125550101'])
      await ada.post('/mfa/factors/sms', { phone, captchaToken }).expect(201);
  });

  it('are refused in production', () => {
    const started = () => createHost({ mfa: { captcha: turnstile(keys), production: true, allowMemoryStore: true } });
    expect(started).toThrow(/for tests/);
  });
});

it('a host without a captcha is never asked for one', async () => {
  const host = createHost();
  const { ada, phone } = await adaWithPhone(host);
  const other = ada.elsewhere();
  await other.password().expect(200);
  await other.post('/mfa/challenge', { factorId: phone, captchaToken: 'ignored' }).expect(202);
});

const OWN: Captcha = {
  provider: 'own',
  siteKey: 'own-site',
  widget: { script: '/captcha.js', className: 'own-captcha', field: 'own-answer', sources: {} },
  verify: async (answer) => (answer === 'a person' ? { ok: true } : { ok: false, why: 'wrong' }),
};

it("a captcha of the host's own may be served by the host, and the policy lets nobody else in", async () => {
  const host = createHost({ mfa: { captcha: { ...OWN, when: 'sends' } } });
  const ada = await new Person(host, 'ada').enrolsTotp();
  const page = await ada.agent.get('/mfa/factors/new/sms').set('Accept', 'text/html');
  expect(page.text).toContain('<script src="/captcha.js" defer></script>');
  expect(page.text).toContain('<div class="own-captcha" data-sitekey="own-site"></div>');
  expect(page.headers['content-security-policy']).toContain("script-src 'self';");
  const begins = (fields: object) =>
    ada.submits('/mfa/factors/new/sms', '/mfa/factors/sms', { phone: PHONE, ...fields });
  expect((await begins({})).status).toBe(403);
  expect((await begins({ 'own-answer': 'a program' })).status).toBe(422);
  expect((await begins({ 'own-answer': 'a person' })).status).toBe(303);
});

it.each<[string, unknown]>([
  ['true', true],
  [
    'one whose script is on another host by protocol alone',
    { ...OWN, widget: { ...OWN.widget, script: '//evil.example/x.js' } },
  ],
  [
    'one whose script is served in the clear',
    { ...OWN, widget: { ...OWN.widget, script: 'http://acme.example/x.js' } },
  ],
  ['one without a field', { ...OWN, widget: { ...OWN.widget, field: undefined } }],
  ['one whose class ends the attribute', { ...OWN, widget: { ...OWN.widget, className: 'own" onclick="' } }],
  ['a vendor that was not called', turnstile],
  [
    'a source that ends the directive',
    {
      provider: 'own',
      siteKey: 'k',
      verify: () => {},
      widget: {
        script: 'https://a.example/x.js',
        field: 'f',
        sources: { 'script-src': ["https://a.example; script-src 'unsafe-inline'"] },
      },
    },
  ],
])('%s is told at once', (_, captcha) => {
  expect(() => createHost({ mfa: { captcha: captcha as Captcha } })).toThrow(
    expect.objectContaining({ code: 'set_up' }),
  );
});
