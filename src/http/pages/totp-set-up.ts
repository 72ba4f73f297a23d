/** The first two of the three steps of setting up an authenticator app: the QR code, and the same thing to be typed. */
import type { Copy } from '../copy.js';
import { type Html, html, raw } from './html.js';
import type { ConfirmEnrolmentView, Frame } from './views.js';

export type Totp = NonNullable<ConfirmEnrolmentView['totp']>;

/** The picture is ours, made from the URI; its name is put into its own tag, since `role="img"` has to stand on the `<svg>`. */
function qrCode(copy: Copy, svg: string): Html {
  if (!svg.startsWith('<svg')) return html``;
  return html`<div class="mfa-qr">${raw('<svg')} role="img" aria-label="${copy.totp.qrLabel}"${raw(svg.slice('<svg'.length))}</div>`;
}

function inFours(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(' ') ?? secret;
}

export function scanStep(copy: Copy, totp: Totp): Html {
  return html`<li><h2>${copy.totp.scanTitle}</h2>
<p>${copy.totp.scan}</p>
${qrCode(copy, totp.qrSvg)}
</li>`;
}

export function keyStep(frame: Frame, copy: Copy, totp: Totp): Html {
  const texts = copy.totp;
  return html`<li><h2>${texts.keyTitle}</h2>
<p>${texts.key}</p>
<p><a class="mfa-button mfa-button-secondary" href="${totp.uri}">${texts.open}</a></p>
<dl class="mfa-details">
<div><dt>${texts.keyLabel}</dt><dd><code class="mfa-key">${inFours(totp.secret)}</code>
<mfa-copy data-text="${totp.secret}" data-done="${copy.backupCodes.copied}" data-failed="${copy.backupCodes.copyFailed}"><button type="button" class="mfa-button mfa-button-link">${texts.copyKey}</button> <span role="status"></span></mfa-copy></dd></div>
${frame.account && html`<div><dt>${texts.accountLabel}</dt><dd>${frame.account}</dd></div>`}
<div><dt>${texts.issuerLabel}</dt><dd>${frame.issuer}</dd></div>
<div><dt>${texts.settingsLabel}</dt><dd>${texts.settings(totp)}</dd></div>
</dl>
</li>`;
}
