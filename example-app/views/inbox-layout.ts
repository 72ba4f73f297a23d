/** What the pages of the developer inbox share: the title, and the way from one to the other. */
import type { Request } from 'express';
import { html, type Value } from './html.js';
import { pageFor } from './layout.js';

const TABS = [
  ['/inbox', 'Messages'],
  ['/inbox/carriers', 'Carriers'],
  ['/inbox/fraud', 'Fraud and risk'],
  ['/inbox/audit', 'Audit log'],
] as const;

export interface InboxPageParts {
  /** One of the tabs. */
  readonly tab: (typeof TABS)[number][0];
  readonly title: string;
  readonly main: Value;
}

export function inboxPageFor(req: Request, { tab, title, main }: InboxPageParts): string {
  const link = ([href, text]: (typeof TABS)[number]) =>
    html`<li><a href="${href}"${href === tab && html` aria-current="page"`}>${text}</a></li>`;
  return pageFor(req, {
    title: `${title} - Developer inbox`,
    wide: true,
    main: html`<nav class="tabs" aria-label="Developer inbox"><ul>${TABS.map(link)}</ul></nav>
<h1>${title}</h1>
${main}`,
  });
}
