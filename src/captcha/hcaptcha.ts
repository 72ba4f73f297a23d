import type { Captcha } from '../core/captcha.js';
import { type CaptchaOptions, requireScore, siteVerify } from './site-verify.js';

export interface HcaptchaOptions extends CaptchaOptions {
  /** For Enterprise, whose score is of the risk: what it may be at most, from 0 (a person) to 1 (a program). */
  readonly maxScore?: number;
}

const SOURCES = ['https://hcaptcha.com', 'https://*.hcaptcha.com'];

/** hCaptcha. */
export function hcaptcha(options: HcaptchaOptions): Captcha {
  const { maxScore } = options ?? {};
  requireScore('hcaptcha', 'maxScore', maxScore);
  const verifier = siteVerify(
    {
      provider: 'hcaptcha',
      verifyUrl: 'https://api.hcaptcha.com/siteverify',
      further: ['maxScore'],
      testSecrets: /^0x0{40}$/,
      usedCodes: ['invalid-or-already-seen-response', 'already-seen-response', 'expired-input-response'],
      actionRequired: false,
      scoreIsGood: (score) => maxScore === undefined || (typeof score === 'number' && score <= maxScore),
    },
    options,
  );
  return {
    ...verifier,
    widget: {
      script: 'https://js.hcaptcha.com/1/api.js',
      className: 'h-captcha',
      field: 'h-captcha-response',
      sources: { 'script-src': SOURCES, 'frame-src': SOURCES, 'style-src': SOURCES, 'connect-src': SOURCES },
    },
  };
}
