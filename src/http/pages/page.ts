/** What every page shares: the title, the summary of what went wrong, the heading and the account it is about. */
import type { Copy } from '../copy.js';
import { errorSummary, type Summary } from './error-summary.js';
import { type Html, type HtmlValue, html } from './html.js';
import type { Frame } from './views.js';

export interface Page {
  /** The document's title, with the product's name and, where something went wrong, “Error:”. */
  readonly title: string;
  readonly error: boolean;
  readonly main: Html;
  readonly lang: string;
  readonly dir: string;
}

export interface PageParts {
  readonly heading: string;
  readonly problem?: Summary | undefined;
  readonly status?: keyof Copy['statuses'] | undefined;
  /** Pages that set something up say for whom, so that nobody is led to do it in another's account. */
  readonly account?: boolean;
  readonly body: HtmlValue;
}

export function page(frame: Frame, copy: Copy, parts: PageParts): Page {
  const { heading, problem, status, body } = parts;
  const main = html`${problem && errorSummary(copy, problem)}
${status && html`<p class="${status === 'code_undelivered' ? 'mfa-status mfa-warning' : 'mfa-status'}" role="status">${copy.statuses[status]}</p>`}
<h1>${heading}</h1>
${parts.account && accountLine(frame, copy)}
${body}`;
  return documentPage(frame, copy, { heading, error: problem !== undefined, main });
}

export function documentPage(
  frame: Frame,
  copy: Copy,
  { heading, error, main }: { readonly heading: string; readonly error: boolean; readonly main: Html },
): Page {
  const title = copy.documentTitle({ heading, issuer: frame.issuer, error });
  // The wrapper is in here, not in the layout, so that our styles find the pages in a host's own layout too.
  return { title, error, main: html`<div class="mfa">${main}</div>`, lang: copy.lang, dir: copy.dir };
}

function accountLine(frame: Frame, copy: Copy): Html | undefined {
  if (!frame.account) return undefined;
  return html`<p class="mfa-account">${copy.account}: <strong>${frame.account}</strong></p>`;
}
