import type { Copy } from '../copy.js';
import { sentenceOf } from './error-summary.js';
import { html } from './html.js';
import { documentPage, type Page } from './page.js';
import type { ErrorView, Frame } from './views.js';

/** Its heading and its summary are one: there is no form the summary could lead to. */
export function errorPage(frame: Frame, view: ErrorView, copy: Copy): Page {
  const { problem, next = { label: 'home', href: frame.home } as const } = view;
  const heading = copy.errorPage.heading({ code: problem.code });
  const main = html`<div class="mfa-alone" role="alert" tabindex="-1" autofocus aria-labelledby="error-title">
<h1 id="error-title">${heading}</h1>
<p class="mfa-lede">${sentenceOf(copy, problem)}</p>
${view.reference && html`<p class="mfa-muted">${copy.errorPage.reference({ reference: view.reference })}</p>`}
</div>
<div class="mfa-actions"><a class="mfa-button mfa-button-primary" href="${next.href}">${copy.errorPage.next[next.label]}</a></div>`;
  return documentPage(frame, copy, { heading, error: true, main });
}
