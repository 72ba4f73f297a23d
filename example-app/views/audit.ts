/** The audit log as whoever runs the app reads it: everybody's, or one account's. */
import type { Request } from 'express';
import type { AuditPage, MfaEvent } from '../../src/index.js';
import { moment } from './dates.js';
import { html, type Markup } from './html.js';
import { inboxPageFor } from './inbox-layout.js';
import { sentence } from './sentences.js';

/** What somebody who looks for fraud looks for. */
const STOPS: ReadonlySet<MfaEvent['type']> = new Set<MfaEvent['type']>([
  'challenge.send_failed',
  'sending.blocked',
  'sign_in.refused',
  'captcha.failed',
]);

export interface AuditView extends AuditPage {
  readonly emails: ReadonlyMap<string, string>;
  /** Whose log it is; everybody's without. */
  readonly userId?: string;
}

export function auditPage(req: Request, { events, next, emails, userId }: AuditView): string {
  const whose = userId === undefined ? undefined : (emails.get(userId) ?? userId);
  const older = new URLSearchParams({ ...(userId === undefined ? {} : { user: userId }), cursor: next ?? '' });
  return inboxPageFor(req, {
    tab: '/inbox/audit',
    title: 'Audit log',
    main: html`<p class="lede">${
      whose === undefined
        ? 'What happened to every account, newest first. No code, no number in full, no password is in it.'
        : html`What happened to <strong>${whose}</strong>, newest first. <a href="/inbox/audit">Show everybody</a>`
    }</p>
${events.length === 0 ? html`<p class="empty">Nothing has happened yet.</p>` : html`<ol class="log">${events.map((event) => eventRow(event, emails, userId))}</ol>`}
${next !== undefined && html`<p class="pager"><a href="/inbox/audit?${older.toString()}" rel="next">Older</a></p>`}`,
  });
}

function eventRow(event: MfaEvent, emails: AuditView['emails'], userId: string | undefined): Markup {
  const id = String(event.userId);
  const account = userId === undefined && html` · <a href="/inbox/audit?user=${id}">${emails.get(id) ?? id}</a>`;
  return html`<li${STOPS.has(event.type) && html` class="stopped"`}><p>${sentence(event)}</p>
<p class="hint"><time datetime="${new Date(event.at).toISOString()}">${moment(event.at)}</time> · <code>${event.type}</code>${account}${event.ip && ` · from ${event.ip}`}</p></li>`;
}
