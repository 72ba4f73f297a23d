import type { Captcha, CaptchaAsked } from '../core/captcha.js';
import type { Refusal } from '../core/errors.js';
import type { HttpDeps } from './http-deps.js';
import type { CaptchaView, Problem } from './pages/views.js';
import { problemOf } from './reply.js';

/** What a page shows of a refusal, or before anything was refused: what went wrong, and the widget where one is asked for. */
export function captchaParts(
  { flows }: Pick<HttpDeps, 'flows'>,
  { refusal, sends }: { readonly refusal?: Refusal | undefined; readonly sends: boolean },
): { readonly captcha?: CaptchaView; readonly problem?: Problem } {
  const { captcha } = flows;
  const isAsked = refusal?.code === 'captcha_required';
  // Where nobody has to do anything, being asked is no problem.
  const problem = refusal && !(isAsked && !captcha?.widget.className) ? { problem: problemOf(refusal) } : {};
  const isShown = captcha && (refusal?.captcha || (sends && captcha.when === 'sends'));
  return isShown ? { ...problem, captcha: viewOf(captcha, isAsked) } : problem;
}

/** The same for clients, which learn it before they ask for a code. */
export function captchaForSends({ flows }: Pick<HttpDeps, 'flows'>): { readonly captcha?: CaptchaAsked } {
  const { captcha } = flows;
  return captcha?.when === 'sends' ? { captcha: { provider: captcha.provider, siteKey: captcha.siteKey } } : {};
}

function viewOf({ siteKey, widget }: Captcha, isAsked: boolean): CaptchaView {
  const { script, className, action } = widget;
  return {
    siteKey,
    script,
    isAsked,
    ...(className === undefined ? {} : { className }),
    ...(action === undefined ? {} : { action }),
  };
}
