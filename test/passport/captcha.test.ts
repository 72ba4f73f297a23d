/** A host with routes and pages of its own: its forms and clients pass the token along, and are told which captcha to show. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { hcaptcha } from '../../src/captcha/captcha.js';
import { type CaptchaDouble, captchaDouble } from '../doubles/captcha.js';
import { wrongCode } from '../support/guess.js';
import { createHost } from '../support/host.js';
import { adaWithPhone } from '../support/texting.js';

const doubles: CaptchaDouble[] = [];

afterEach(async () => {
  await Promise.all(doubles.splice(0).map((double) => double.close()));
});

/** Ada waits for her second step in a host whose own routes take the code; after one wrong answer a captcha is asked for. */
async function scene() {
  const double = await captchaDouble('hcaptcha');
  doubles.push(double);
  const { siteKey, secret, verifyUrl } = double;
  const captcha = hcaptcha({ siteKey, secret, verifyUrl, when: 'failures', afterFailures: 1, timeout: '10s' });
  const host = createHost({
    mfa: { captcha },
    routes(app, { passport, mfa }) {
      passport.use(mfa.strategy('mfa-code'));
      app.post('/step', passport.authenticate('mfa-code', { successRedirect: '/app', failureRedirect: '/own-page' }));
      app.post('/api/step', (req, res, next) => {
        const answered = (error: unknown, user: Express.User | false, info: object, status: number) => {
          if (error) return next(error);
          if (!user) return res.status(status).json(info);
          req.logIn(user, (failed) => (failed ? next(failed) : res.json({ user: user })));
        };
        passport.authenticate('mfa-code', answered)(req, res, next);
      });
    },
  });
  const { ada: first, phone } = await adaWithPhone(host);
  const ada = first.elsewhere();
  await ada.password().expect(200);
  await ada.post('/mfa/challenge', { factorId: phone }).expect(202);
  return { host, double, ada };
}

describe('a strategy on a route of the host', () => {
  it('says which captcha the next answer needs, and takes its token as `captchaToken`', async () => {
    const { double, ada } = await scene();
    const captcha = { provider: 'hcaptcha', siteKey: double.siteKey };
    const wrong = await ada.post('/api/step', { code: wrongCode(ada) }).expect(422);
    expect(wrong.body).toMatchObject({ code: 'code_wrong', captcha });
    const asked = await ada.post('/api/step', { code: ada.texted() }).expect(403);
    expect(asked.body).toMatchObject({ code: 'captcha_required', captcha });
    const failed = await ada.post('/api/step', { code: ada.texted(), captchaToken: 'made-up' }).expect(422);
    expect(failed.body).toMatchObject({ code: 'captcha_failed', captcha });
    await ada.get('/app').expect(401);
    await ada.post('/api/step', { code: ada.texted(), captchaToken: double.solve() }).expect(200);
    await ada.get('/app').expect(200);
  });

  it("takes the field that the vendor's widget puts into the host's own form", async () => {
    const { double, ada } = await scene();
    const sends = (fields: object) => ada.agent.post('/step').type('form').send(fields);
    await sends({ code: wrongCode(ada) }).expect('Location', '/own-page');
    await sends({ code: ada.texted() }).expect('Location', '/own-page');
    await sends({ code: ada.texted(), 'h-captcha-response': double.solve() }).expect('Location', '/app');
    await ada.get('/app').expect(200);
  });

  it('takes no token from the query or a header: what signs in comes in the body', async () => {
    const { double, ada } = await scene();
    await ada.post('/api/step', { code: wrongCode(ada) }).expect(422);
    const token = double.solve();
    await ada.post(`/api/step?captchaToken=${token}`, { code: ada.texted() }).expect(403);
    await ada.post('/api/step', { code: ada.texted() }).set('captchaToken', token).expect(403);
    await ada.post('/api/step', { code: ada.texted(), captchaToken: token }).expect(200);
  });

  it('answers are compared while the vendor is down, as everywhere', async () => {
    const { double, ada } = await scene();
    await ada.post('/api/step', { code: wrongCode(ada) }).expect(422);
    double.fail({ html: 503 });
    await ada.post('/api/step', { code: ada.texted(), captchaToken: 'any' }).expect(200);
  });
});
