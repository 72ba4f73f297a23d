import type { Captcha } from '../core/captcha.js';
import { type CaptchaOptions, DEFAULT_ACTION, requireScore, siteVerify } from './site-verify.js';

export interface RecaptchaOptions extends CaptchaOptions {
  /** For keys of version 3, which ask nothing and give a score: what it must be at least, from 0 (a program) to 1 (a person). Without it the key is of version 2. */
  readonly minScore?: number;
}

const SCRIPT = 'https://www.google.com/recaptcha/api.js';

/** Google's reCAPTCHA. */
export function recaptcha(options: RecaptchaOptions): Captcha {
  const { minScore } = options ?? {};
  const scored = minScore !== undefined;
  requireScore('recaptcha', 'minScore', minScore);
  const verifier = siteVerify(
    {
      provider: 'recaptcha',
      verifyUrl: 'https://www.google.com/recaptcha/api/siteverify',
      further: ['minScore'],
      testSecrets: /^6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe$/,
      usedCodes: ['timeout-or-duplicate'],
      // Version 2 knows no actions.
      actionRequired: scored,
      scoreIsGood: (score) => minScore === undefined || (typeof score === 'number' && score >= minScore),
    },
    options,
  );
  return {
    ...verifier,
    widget: {
      script: scored ? `${SCRIPT}?render=${encodeURIComponent(verifier.siteKey)}` : SCRIPT,
      ...(scored ? { action: options.action ?? DEFAULT_ACTION } : { className: 'g-recaptcha' }),
      field: 'g-recaptcha-response',
      sources: {
        'script-src': ['https://www.google.com/recaptcha/', 'https://www.gstatic.com/recaptcha/'],
        'frame-src': ['https://www.google.com/recaptcha/', 'https://recaptcha.google.com/recaptcha/'],
        'connect-src': ['https://www.google.com/recaptcha/'],
      },
    },
  };
}
