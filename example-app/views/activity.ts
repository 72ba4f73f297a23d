import type { Request } from 'express';
import type { AuditPage } from '../../src/index.js';
import { day } from './dates.js';
import { html } from './html.js';
import { pageFor } from './layout.js';
import { sentence } from './sentences.js';

export function activityPage(req: Request, view: AuditPage & { readonly isFirst: boolean }): string {
  const { events, next, isFirst } = view;
  const rows = events.map(
    (event) => html`<li><p>${sentence(event)}</p>
<p class="hint"><time datetime="${new Date(event.at).toISOString()}">${day(event.at)}</time>${event.ip && ` · from ${event.ip}`}</p></li>`,
  );
  return pageFor(req, {
    title: 'Activity',
    main: html`<h1>Activity</h1>
<p class="lede">What happened to your account, newest first.</p>
${rows.length === 0 ? html`<p>Nothing yet.</p>` : html`<ul class="log">${rows}</ul>`}
<p class="pager">${!isFirst && html`<a href="/activity">Newest</a>`}
${next !== undefined && html`<a href="/activity?cursor=${encodeURIComponent(next)}" rel="next">Older</a>`}</p>`,
  });
}
