import type { Request } from 'express';
import type { CarrierHop, Letter } from '../mailbox.js';
import { type CarriersView, carrierName, carriersPanel, outcomeText } from './carriers.js';
import { day } from './dates.js';
import { html, type Markup } from './html.js';
import { pageFor } from './layout.js';
import { pumpPanel } from './pumped.js';

const CHANNELS: Readonly<Record<string, string>> = {
  sms: 'Text message',
  voice: 'Phone call',
  whatsapp: 'WhatsApp',
  email: 'Mail',
};

export interface InboxView extends CarriersView {
  readonly letters: readonly Letter[];
  readonly live: boolean;
}

export function inboxPage(req: Request, view: InboxView): string {
  const { letters, live } = view;
  return pageFor(req, {
    title: 'Developer inbox',
    main: html`<h1>Developer inbox</h1>
<p class="lede">Texts, calls and mails that would have gone out, newest first. They are kept for a day. What they would cost is an example.</p>
<p>${
      live
        ? html`Looks for new ones every few seconds. <a href="/inbox">Stop</a>`
        : html`<a href="/inbox">Look again</a>, <a href="/inbox?live">keep looking</a>, or <a href="#carriers">fail a carrier</a>`
    }</p>
${letters.length === 0 ? html`<p class="empty">Nothing has arrived yet.</p>` : html`<ol class="letters">${letters.map(letterRow)}</ol>`}
${carriersPanel(req, view)}
${pumpPanel(req)}`,
  });
}

function letterRow({ at, channel, to, text, code, hops }: Letter): Markup {
  return html`<li><p class="from"><strong>${CHANNELS[channel] ?? channel}</strong> to ${to}</p>
${code && html`<p class="code"><span class="unseen">Code:</span> <code>${code}</code></p>`}
<p class="text">${text || 'Nothing arrived.'}</p>
${hops.length > 0 && html`<ul class="hops">${hops.map(hopRow)}</ul>`}
<p class="hint"><time datetime="${at.toISOString()}">${day(at)}</time></p></li>`;
}

function hopRow({ carrier, outcome, cost }: CarrierHop): Markup {
  return html`<li><strong>${carrierName(carrier)}</strong> ${outcomeText(outcome)}${cost !== undefined && ` · $${cost}`}</li>`;
}
