import type { Request } from 'express';
import type { Letter } from '../mailbox.js';
import { day } from './dates.js';
import { html, type Markup } from './html.js';
import { pageFor } from './layout.js';

const CHANNELS: Readonly<Record<string, string>> = {
  sms: 'Text message',
  voice: 'Phone call',
  whatsapp: 'WhatsApp',
  email: 'Mail',
};

export function inboxPage(req: Request, { letters, live }: { letters: readonly Letter[]; live: boolean }): string {
  return pageFor(req, {
    title: 'Developer inbox',
    main: html`<h1>Developer inbox</h1>
<p class="lede">Texts, calls and mails that would have gone out, newest first. They are kept for a day.</p>
<p>${
      live
        ? html`Looks for new ones every few seconds. <a href="/inbox">Stop</a>`
        : html`<a href="/inbox">Look again</a> or <a href="/inbox?live">keep looking</a>`
    }</p>
${letters.length === 0 ? html`<p class="empty">Nothing has arrived yet.</p>` : html`<ol class="letters">${letters.map(letterRow)}</ol>`}`,
  });
}

function letterRow({ at, channel, to, text, code }: Letter): Markup {
  return html`<li><p class="from"><strong>${CHANNELS[channel] ?? channel}</strong> to ${to}</p>
${code && html`<p class="code"><span class="unseen">Code:</span> <code>${code}</code></p>`}
<p class="text">${text}</p>
<p class="hint"><time datetime="${at.toISOString()}">${day(at)}</time></p></li>`;
}
