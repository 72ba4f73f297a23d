/** The captcha before each code that is sent: a vendor's, or for trying it out one of the app's own, which anybody passes who can tick a box. Default: none. */
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { Router } from 'express';
// In your app: 'express-mfa/captcha' and 'express-mfa'
import { hcaptcha, recaptcha, turnstile } from '../src/captcha/captcha.js';
import type { Captcha } from '../src/index.js';
import { StartProblem } from './problems.js';

type Environment = Readonly<Record<string, string | undefined>>;

export interface CaptchaParts {
  readonly captcha: Captcha;
  /** What the app itself has to serve for it. */
  readonly routes?: Router;
}

/** The vendors' keys for tests, which let everybody through: in production express-mfa refuses them. */
const VENDORS = {
  turnstile: {
    make: turnstile,
    siteKey: '1x00000000000000000000AA',
    secret: '1x0000000000000000000000000000000AA',
  },
  hcaptcha: {
    make: hcaptcha,
    siteKey: '10000000-ffff-ffff-ffff-000000000001',
    secret: '0x0000000000000000000000000000000000000000',
  },
  recaptcha: {
    make: recaptcha,
    siteKey: '6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI',
    secret: '6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe',
  },
};

/** What `CAPTCHA` says. Throws `StartProblem` for what cannot be. */
export function readCaptcha(
  env: Environment,
  { production, secret, clock = Date.now }: { production: boolean; secret: string; clock?: () => number },
): CaptchaParts | undefined {
  const { CAPTCHA: name, CAPTCHA_SITE_KEY: siteKey, CAPTCHA_SECRET: key } = env;
  if (!name) return undefined;
  if (name === 'demo' && !production) return demoCaptcha(secret, clock);
  if (name === 'demo') throw new StartProblem('CAPTCHA=demo lets every program through: it is not for production.');
  if (!Object.hasOwn(VENDORS, name))
    throw new StartProblem(`CAPTCHA is one of demo, ${Object.keys(VENDORS).join(', ')}.`);
  if (!siteKey !== !key)
    throw new StartProblem('CAPTCHA_SITE_KEY and CAPTCHA_SECRET go together: set both, or neither.');
  const { make, ...forTests } = VENDORS[name as keyof typeof VENDORS];
  const keys = siteKey && key ? { siteKey, secret: key } : forTests;
  return { captcha: make({ ...keys, when: 'sends' }) };
}

const ANSWER_LIVES_MS = 2 * 60_000;

/** Its answers are signed and not kept: that each is taken once, by one of all processes, express-mfa sees to. */
function demoCaptcha(secret: string, clock: () => number): CaptchaParts {
  const sign = (text: string) => createHmac('sha256', secret).update(`demo captcha ${text}`).digest('base64url');
  const routes = Router();
  routes.post('/demo-captcha', (_req, res) => {
    const text = `${clock() + ANSWER_LIVES_MS}.${randomUUID()}`;
    res.set('Cache-Control', 'no-store').json({ answer: `${text}.${sign(text)}` });
  });
  return {
    routes,
    captcha: {
      provider: 'demo',
      siteKey: 'demo',
      when: 'sends',
      widget: { script: '/demo-captcha.js', className: 'demo-captcha', field: 'demo-captcha-answer', sources: {} },
      async verify(answer) {
        const [until = '', nonce = '', mac = ''] = answer.split('.');
        if (!isSame(mac, sign(`${until}.${nonce}`))) return { ok: false, why: 'wrong' };
        return Number(until) > clock() ? { ok: true } : { ok: false, why: 'used' };
      },
    },
  };
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
