/** The first two of the three steps of setting up an authenticator app. */
import type { Copy } from '../copy.js';
import { copyButton } from './copy-button.js';
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

export function openStep(copy: Copy, totp: Totp): Html {
  return html`<li><h2>${copy.totp.openTitle}</h2>
<p>${copy.totp.openText}</p>
<p class="mfa-links"><a href="${totp.uri}">${copy.totp.open}</a></p>
</li>`;
}

export function scanStep(frame: Frame, copy: Copy, totp: Totp): Html {
  const texts = copy.totp;
  return html`<li><h2>${texts.scanTitle}</h2>
<p>${texts.scan}</p>
${qrCode(copy, totp.qrSvg)}
<h3>${texts.keyTitle}</h3>
<p>${texts.key}</p>
<dl class="mfa-details">
${detail(texts.keyLabel, key(copy, totp.secret))}
${frame.account && detail(texts.accountLabel, frame.account)}
${detail(texts.issuerLabel, frame.issuer)}
${detail(texts.settingsLabel, texts.settings(totp))}
</dl>
</li>`;
}

function detail(term: string, value: Html | string): Html {
  return html`<div><dt>${term}</dt><dd>${value}</dd></div>`;
}

function key(copy: Copy, secret: string): Html {
  const label = html`<button type="button" class="mfa-button mfa-button-link">${copy.totp.copyKey}</button>`;
  return html`<code class="mfa-key">${inFours(secret)}</code>
${copyButton(copy, secret, label)}`;
}
