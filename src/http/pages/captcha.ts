import type { Copy } from '../copy.js';
import { type Html, html } from './html.js';
import type { CaptchaView } from './views.js';

/**
 * Stands inside the form whose sending it guards. The vendor's script finds the element by its class, and puts its token into that form. It is deferred and not
 * `async`, so that our module comes first: `<mfa-captcha>` then says so where the vendor's does not load.
 */
export function captchaWidget(copy: Copy, captcha: CaptchaView | undefined): Html | undefined {
  if (!captcha) return undefined;
  const { siteKey, script, className, action, isAsked } = captcha;
  const about = html` data-sitekey="${siteKey}"${action !== undefined && html` data-action="${action}"`}`;
  const place = className
    ? html`<div class="${className}"${about}></div>`
    : html`<p class="mfa-hint">${copy.captcha.unseen}</p>
<input type="hidden" name="captchaToken" value="">`;
  return html`<mfa-captcha class="mfa-captcha" role="group" aria-labelledby="captcha-label"${!className && about}${!className && isAsked && html` data-at-once`} data-failed="${copy.captcha.failed}">
<p id="captcha-label">${copy.captcha.label}</p>
${place}
<p role="status"></p>
<noscript><p>${copy.captcha.noScript}</p></noscript>
<script src="${script}" defer></script>
</mfa-captcha>`;
}
