import type { Refusal } from '../core/errors.js';
import type { HttpDeps } from './http-deps.js';
import type { CaptchaView } from './pages/views.js';

/** The widget for the page that is shown after a refusal, where that asked for one. */
export function captchaView({ flows }: Pick<HttpDeps, 'flows'>, refusal: Refusal | undefined): CaptchaView | undefined {
  const { captcha } = flows;
  if (!captcha || !refusal?.captcha) return undefined;
  const { script, className, action } = captcha.widget;
  return {
    siteKey: captcha.siteKey,
    script,
    ...(className === undefined ? {} : { className }),
    ...(action === undefined ? {} : { action }),
  };
}
