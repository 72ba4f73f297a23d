/** What a captcha counts and remembers, on every store and over two processes. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { type CaptchaOptions, turnstile } from '../../src/captcha/captcha.js';
import { type CaptchaDouble, captchaDouble } from '../doubles/captcha.js';
import { addsPhoneAt, browsers, textsOf, withAda } from '../support/ada-at-two.js';
import { wrongCode } from '../support/guess.js';
import { createHost, testClock } from '../support/host.js';
import { listening, statuses, together } from '../support/listen.js';
import { Person } from '../support/person.js';
import { sharedStores } from '../support/servers.js';
import { stores } from '../support/stores.js';
import { farNumberNo, PHONE } from '../support/texting.js';
import { twoProcesses } from '../support/two-processes.js';

const doubles: CaptchaDouble[] = [];

afterEach(async () => {
  await Promise.all(doubles.splice(0).map((double) => double.close()));
});

/** A Turnstile that takes every token as often as it comes, so that what holds is ours. */
async function forgetful(options: Partial<CaptchaOptions>) {
  const double = await captchaDouble('turnstile', { forgetful: true });
  doubles.push(double);
  const { siteKey, secret, verifyUrl } = double;
  return { double, options: { siteKey, secret, verifyUrl, timeout: '10s' as const, ...options } };
}

/** Somebody without a factor. */
async function signedIn(person: Person): Promise<Person> {
  await person.password().expect(302);
  return person;
}

/** Each has a number of their own. */
function begins(crowd: readonly Person[], index: number, captchaToken: string) {
  const one = crowd[index];
  if (!one) throw new Error('nobody');
  return one.post('/mfa/factors/sms', { phone: farNumberNo(index), captchaToken });
}

describe.each(stores)('on $name', ({ open }) => {
  async function scene(options: Partial<CaptchaOptions>, mfa: object = {}) {
    const clock = testClock();
    const { double, options: captcha } = await forgetful(options);
    const host = createHost({ store: open(clock), mfa: { captcha: turnstile(captcha), ...mfa } }, clock);
    const served = await listening(host);
    return { double, host: served, ada: await new Person(served, 'ada').enrolsTotp() };
  }

  it('P09 a token that five people bring at once sends one text', async () => {
    const { host, double } = await scene({ when: 'sends' });
    const crowd = await together(5, (index) => signedIn(new Person(host, `n${index}`)));
    const captchaToken = double.solve();
    expect(statuses(await together(5, (index) => begins(crowd, index, captchaToken)))).toEqual({ 201: 1, 422: 4 });
    expect(host.inbox.messages()).toHaveLength(1);
  });

  it('wrong answers count for the user, whichever browser they come from, until a right one', async () => {
    const { host, double, ada } = await scene({ when: 'failures', afterFailures: 2 });
    const begun = await ada.post('/mfa/factors/sms', { phone: PHONE }).expect(201);
    const factorId = begun.body.id;
    await ada.post(`/mfa/factors/${factorId}/confirm`, { code: ada.texted() }).expect(200);
    const answers = async (more: object = {}) => {
      host.clock.advance(3_600_000);
      const elsewhere = ada.elsewhere();
      await elsewhere.password().expect(200);
      await elsewhere.post('/mfa/challenge', { factorId }).expect(202);
      return (code: string) => elsewhere.verify({ factorId, code, ...more });
    };
    await (await answers())(wrongCode(ada)).expect(422);
    await (await answers())(wrongCode(ada)).expect(422);
    const third = await answers();
    await third(ada.texted()).expect(403);
    await (await answers({ captchaToken: double.solve() }))(ada.texted()).expect(200);
    const settled = await (await answers())(wrongCode(ada)).expect(422);
    expect(settled.body).not.toHaveProperty('captcha');
  });

  it('by risk it stands before a send, and the send that it stopped counts for nothing', async () => {
    const risk = { signals: [{ name: 'always', weight: 0.9, look: () => 1 }], thresholds: { stronger: 1, refuse: 1 } };
    const { host, double, ada } = await scene({ when: 'risk' }, { risk, limits: { sendsPerUserHour: 1 } });
    for (let time = 0; time < 3; time += 1) await ada.post('/mfa/factors/sms', { phone: PHONE }).expect(403);
    await ada.post('/mfa/factors/sms', { phone: PHONE, captchaToken: double.solve() }).expect(201);
    expect(host.inbox.messages()).toHaveLength(1);
  });
});

describe.each(await sharedStores())('two processes on one %s', (on) => {
  it('P09 take a token once between them', async () => {
    const { double, options } = await forgetful({ when: 'sends' });
    const rig = await twoProcesses(on, { captcha: options });
    const crowd: Person[] = [];
    for (const process of [rig.one, rig.two, rig.one, rig.two])
      crowd.push(await signedIn(rig.elsewhere(await rig.person(`n${crowd.length}`), process)));
    const captchaToken = double.solve();
    expect(statuses(await together(4, (index) => begins(crowd, index, captchaToken)))).toEqual({ 201: 1, 422: 3 });
    expect(await textsOf(rig)).toHaveLength(1);
  }, 60_000);

  it('count wrong answers together', async () => {
    const { double, options } = await forgetful({ when: 'failures', afterFailures: 3 });
    const { rig, ada } = await withAda(on, { captcha: options });
    const factorId = await addsPhoneAt(rig, ada);
    const [first, second] = await browsers(rig, ada, 2);
    if (!first || !second) throw new Error('no browsers');
    await first.post('/mfa/challenge', { factorId }).expect(202);
    await rig.advance(60_000);
    await second.post('/mfa/challenge', { factorId }).expect(202);
    const code = (await rig.two.ask({ do: 'texts' })).at(-1)?.code ?? '';
    const wrong = code === '000000' ? '111111' : '000000';
    for (const browser of [first, second]) await browser.verify({ factorId, code: wrong }).expect(422);
    const third = await first.verify({ factorId, code: wrong }).expect(422);
    expect(third.body).toMatchObject({ captcha: { provider: 'turnstile' } });
    await second.verify({ factorId, code }).expect(403);
    await second.verify({ factorId, code, captchaToken: double.solve() }).expect(200);
  }, 60_000);
});
