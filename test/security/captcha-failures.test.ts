/** P09 Whatever a vendor says or does not say, and what follows before a send and before an answer: one row each, for every setting of `whenDown`. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { recaptcha } from '../../src/captcha/captcha.js';
import type { Captcha } from '../../src/index.js';
import { type CaptchaDouble, captchaDouble } from '../doubles/captcha.js';
import type { Fault } from '../doubles/faults.js';
import { wrongCode } from '../support/guess.js';
import { createHost, type TestHost } from '../support/host.js';
import { listening } from '../support/listen.js';
import { Person } from '../support/person.js';
import { PHONE } from '../support/texting.js';

const doubles: CaptchaDouble[] = [];

afterEach(async () => {
  await Promise.all(doubles.splice(0).map((double) => double.close()));
});

type WhenDown = NonNullable<Captcha['whenDown']>;
const SETTINGS: readonly (WhenDown | undefined)[] = [undefined, 'allow', 'refuse'];

/** What is not about the captcha: passes at once. */
const SET_UP = 'set-up';

interface Scene {
  readonly host: TestHost;
  readonly ada: Person;
  readonly phone: string;
}

/** Ada has a phone and has given her password; every send and every second answer needs a captcha. */
async function scene(captcha: Captcha, whenDown: WhenDown | undefined): Promise<Scene> {
  const guarded: Captcha = {
    ...captcha,
    ...(whenDown ? { whenDown } : {}),
    when: 'sends',
    afterFailures: 1,
    verify: async (token, about) => (token.startsWith(SET_UP) ? { ok: true } : captcha.verify(token, about)),
  };
  const host = await listening(createHost({ mfa: { captcha: guarded } }));
  const first = await new Person(host, 'ada').enrolsTotp();
  const begun = await first.post('/mfa/factors/sms', { phone: PHONE, captchaToken: `${SET_UP} 1` }).expect(201);
  await first.post(`/mfa/factors/${begun.body.id}/confirm`, { code: first.texted() }).expect(200);
  host.clock.advance(86_400_000);
  const ada = first.elsewhere();
  await ada.password().expect(200);
  return { host, ada, phone: String(begun.body.id) };
}

interface Seen {
  readonly send: readonly [status: number, code: string | undefined];
  readonly answer: readonly [status: number, code: string | undefined];
  /** `why` and `allowed` of the events. */
  readonly said: readonly string[];
}

/** A send and a right answer, each with a token at which the vendor fails. */
async function tries({ host, ada, phone }: Scene, token: () => string): Promise<Seen> {
  host.events.length = 0;
  const sent = await ada.post('/mfa/challenge', { factorId: phone, captchaToken: token() });
  host.clock.advance(61_000);
  await ada.post('/mfa/challenge', { factorId: phone, captchaToken: `${SET_UP} 2` }).expect(202);
  await ada.verify({ factorId: phone, code: wrongCode(ada) }).expect(422);
  const answered = await ada.verify({ factorId: phone, code: ada.texted(), captchaToken: token() });
  return {
    send: [sent.status, sent.body.code],
    answer: [answered.status, answered.body.code],
    said: host.events.flatMap((event) =>
      event.type === 'captcha.failed' ? [`${event.before}: ${event.why}${event.allowed ? ', let through' : ''}`] : [],
    ),
  };
}

const SENT = [202, undefined] as const;
const SIGNED_IN = [200, undefined] as const;
const DOWN = [503, 'delivery_unavailable'] as const;
const FAILED = [422, 'captcha_failed'] as const;

const down = (why: string): Readonly<Record<string, Seen>> => ({
  undefined: { send: DOWN, answer: SIGNED_IN, said: [`send: ${why}`, `answer: ${why}, let through`] },
  allow: { send: SENT, answer: SIGNED_IN, said: [`send: ${why}, let through`, `answer: ${why}, let through`] },
  refuse: { send: DOWN, answer: DOWN, said: [`send: ${why}`, `answer: ${why}`] },
});
const refused = (why: string): Readonly<Record<string, Seen>> => {
  const seen: Seen = { send: FAILED, answer: FAILED, said: [`send: ${why}`, `answer: ${why}`] };
  return { undefined: seen, allow: seen, refuse: seen };
};

/** Version 3 of reCAPTCHA, because it can fail in every way there is. */
async function vendor(timeout: '100ms' | '10s') {
  const double = await captchaDouble('recaptcha');
  doubles.push(double);
  const { siteKey, secret, verifyUrl } = double;
  return { double, captcha: recaptcha({ siteKey, secret, verifyUrl, minScore: 0.5, timeout }) };
}

async function seenOf(captcha: Captcha, token: () => string): Promise<Record<string, Seen>> {
  const seen: Record<string, Seen> = {};
  for (const setting of SETTINGS) seen[String(setting)] = await tries(await scene(captcha, setting), token);
  return seen;
}

describe('P09 a vendor that', () => {
  it.each<[string, Fault]>([
    ['says nothing', { hang: true }],
    ['is gone', { reset: true }],
    ['breaks off', { cut: true }],
    ['answers 500', { html: 500 }],
    ['has too many requests', { html: 429 }],
    ['answers with a page', { html: 200 }],
    ['answers with a list', { reply: { status: 200, body: [] } }],
    ['answers without end', { reply: { status: 200, body: { success: true, more: 'x'.repeat(70_000) } } }],
  ])('%s is down', async (_, fault) => {
    const { double, captcha } = await vendor('hang' in fault ? '100ms' : '10s');
    double.fail({ ...fault, times: 100 });
    expect(await seenOf(captcha, () => double.solve())).toEqual(down('unavailable'));
  });

  it.each([400, 413])('answers %s without a word has refused the token', async (html) => {
    const { double, captcha } = await vendor('10s');
    double.fail({ html, times: 100 });
    expect(await seenOf(captcha, () => double.solve())).toEqual(refused('wrong'));
  });

  it('does not know our secret is as good as down', async () => {
    const { double } = await vendor('10s');
    const { siteKey, verifyUrl } = double;
    const captcha = recaptcha({ siteKey, secret: 'another-secret', verifyUrl, minScore: 0.5, timeout: '10s' });
    expect(await seenOf(captcha, () => double.solve())).toEqual(down('config'));
  });

  it.each<[string, (double: CaptchaDouble) => string, string]>([
    ['that it never made', () => 'made-up', 'wrong'],
    ['that was used', (double) => double.solveAndUse(), 'used'],
    ['for another site', (double) => double.solve({ hostname: 'evil.example', action: 'mfa', score: 0.9 }), 'hostname'],
    ['for something else', (double) => double.solve({ action: 'login', score: 0.9 }), 'action'],
    ['of a program', (double) => double.solve({ action: 'mfa', score: 0.1 }), 'score'],
    ['without a score', (double) => double.solve({ action: 'mfa' }), 'score'],
  ])('is given a token %s refuses it, whatever `whenDown` says', async (_, token, why) => {
    const { double, captcha } = await vendor('10s');
    expect(await seenOf(captcha, () => token(double))).toEqual(refused(why));
  });
});

describe('P09 a verifier of the host that', () => {
  const own = (verify: Captcha['verify']): Captcha => ({
    provider: 'own',
    siteKey: 'own',
    timeoutMs: 10_000,
    widget: { script: '/own.js', className: 'own', field: 'own-answer', sources: {} },
    verify,
  });

  it.each<[string, Captcha]>([
    [
      'throws',
      own(() => {
        throw new Error('no');
      }),
    ],
    [
      'rejects',
      own(async () => {
        throw new Error('no');
      }),
    ],
    ['answers junk', own(async () => 'yes' as never)],
    ['answers nothing', own(async () => undefined as never)],
    ['never answers, and does not heed its signal', { ...own(() => new Promise(() => {})), timeoutMs: 100 }],
  ])('%s is down', async (_, captcha) => {
    expect(await seenOf(captcha, () => 'any')).toEqual(down('unavailable'));
  });
});
