import type { Copy } from '../copy.js';
import { copyButton } from './copy-button.js';
import { sentenceOf } from './error-summary.js';
import { checkbox } from './fields.js';
import { button, postForm, ways } from './form.js';
import { type Html, html } from './html.js';
import { type Page, page } from './page.js';
import type { BackupCodesView, Frame, FreshBackupCodesView } from './views.js';

export function freshBackupCodesPage(frame: Frame, view: FreshBackupCodesView, copy: Copy): Page {
  const texts = copy.backupCodes;
  const sentence = sentenceOf(copy, view.problem);
  const field = view.problem?.field && 'saved';
  return page(frame, copy, {
    heading: texts.freshHeading,
    problem: sentence === undefined ? undefined : { sentence, field },
    account: true,
    body: html`<p class="mfa-lede">${texts.freshIntro}</p>
<p>${texts.freshOnce}</p>
<ol class="mfa-codes" aria-label="${texts.listLabel}">${view.codes.map((code) => html`<li><code>${code}</code></li>`)}</ol>
${keeping(frame, copy, view.codes)}
${postForm(frame, {
  action: '/backup-codes/saved',
  hidden: { return: view.returnTo },
  body: html`${checkbox(copy, { id: 'saved', label: texts.saved, error: field && sentence })}
${button(copy.continue)}`,
})}`,
  });
}

/** Download works everywhere; the other two need script and show only where it runs. */
function keeping(frame: Frame, copy: Copy, codes: readonly string[]): Html {
  const texts = copy.backupCodes;
  const copyIt = html`<button type="button" class="mfa-button mfa-button-secondary">${texts.copy}</button>`;
  return html`<div class="mfa-tools">
<a class="mfa-button mfa-button-secondary" href="${frame.base}/backup-codes/download" download>${texts.download}</a>
<mfa-print><button type="button" class="mfa-button mfa-button-secondary">${texts.print}</button></mfa-print>
${copyButton(copy, codes.join('\n'), copyIt)}
</div>`;
}

export function backupCodesPage(frame: Frame, view: BackupCodesView, copy: Copy): Page {
  const texts = copy.backupCodes;
  const sentence = sentenceOf(copy, view.problem);
  return page(frame, copy, {
    heading: texts.heading,
    problem: sentence === undefined ? undefined : { sentence },
    account: true,
    body: html`<p class="mfa-lede">${texts.intro}</p>
${codesLeft(copy, view)}
<div class="mfa-actions"><a class="mfa-button mfa-button-primary" href="${frame.base}/backup-codes/new">${texts.make}</a></div>
${ways([html`<a href="${frame.base}/factors">${copy.factors.back}</a>`])}`,
  });
}

export function codesLeft(copy: Copy, { left, total, low }: Pick<BackupCodesView, 'left' | 'total' | 'low'>): Html {
  const texts = copy.backupCodes;
  return html`<p class="mfa-left">${left > 0 ? texts.left({ left, total }) : texts.none}</p>
${low && html`<p class="mfa-warning">${texts.low}</p>`}`;
}
