import type { Captcha } from '../core/captcha.js';
import { type CaptchaOptions, DEFAULT_ACTION, siteVerify } from './site-verify.js';

export type TurnstileOptions = CaptchaOptions;

const SOURCES = ['https://challenges.cloudflare.com'];

/** Cloudflare's Turnstile. */
export function turnstile(options: TurnstileOptions): Captcha {
  const verifier = siteVerify(
    {
      provider: 'turnstile',
      verifyUrl: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
      further: [],
      testSecrets: /^[123]x0+AA$/,
      usedCodes: ['timeout-or-duplicate'],
      actionRequired: false,
      scoreIsGood: () => true,
    },
    options,
  );
  return {
    ...verifier,
    widget: {
      script: 'https://challenges.cloudflare.com/turnstile/v0/api.js',
      className: 'cf-turnstile',
      action: options.action ?? DEFAULT_ACTION,
      field: 'cf-turnstile-response',
      sources: { 'script-src': SOURCES, 'frame-src': SOURCES },
    },
  };
}
