import type { Copy } from '../copy.js';
import { type Html, html } from './html.js';
import type { CaptchaView } from './views.js';

/** Stands inside the form whose sending it guards. The vendor's script finds the element by its class, and puts its token into that form. */
export function captchaWidget(copy: Copy, captcha: CaptchaView | undefined): Html | undefined {
  if (!captcha) return undefined;
  const { siteKey, script, className, action } = captcha;
  const widget = className
    ? html`<div class="${className}" data-sitekey="${siteKey}"${action !== undefined && html` data-action="${action}"`}></div>`
    : html`<mfa-captcha data-sitekey="${siteKey}" data-action="${action}"><input type="hidden" name="captchaToken" value=""></mfa-captcha>`;
  return html`<div class="mfa-captcha" role="group" aria-label="${copy.captcha.label}">${widget}
<noscript><p>${copy.captcha.noScript}</p></noscript></div>
<script src="${script}" async defer></script>`;
}
