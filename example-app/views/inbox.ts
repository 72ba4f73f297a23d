import type { Request } from 'express';
import type { CarrierHop } from '../trial/mailbox.js';
import type { Risk, Sends, SentLetter, StoppedSend } from '../trial/sends.js';
import { carrierName, outcomeText } from './carriers.js';
import { day } from './dates.js';
import { html, type Markup } from './html.js';
import { inboxPageFor } from './inbox-layout.js';
import { dollars } from './money.js';
import { riskText, whyNotSent, whyThisWay } from './reasons.js';

const CHANNELS: Readonly<Record<string, string>> = {
  sms: 'Text message',
  voice: 'Phone call',
  whatsapp: 'WhatsApp',
  'flash-call': 'Missed call',
  email: 'Mail',
};

const TOLD = { delivered: 'delivered', undelivered: 'not delivered' } as const;

export interface InboxView extends Sends {
  readonly live: boolean;
}

/** Stopped for one reason, one after the other. */
interface StoppedRow extends StoppedSend {
  readonly times: number;
}

export function inboxPage(req: Request, { messages, stopped, live }: InboxView): string {
  const rows = [...messages, ...stopped]
    .toSorted((a, b) => b.at.getTime() - a.at.getTime())
    .reduce<readonly (SentLetter | StoppedRow)[]>(together, [])
    .map((row) => ('times' in row ? stoppedRow(row) : letterRow(row)));
  return inboxPageFor(req, {
    tab: '/inbox',
    title: 'Messages',
    main: html`<p class="lede">Texts, calls and mails that would have gone out, newest first, and those that were stopped. They are kept for a day. What they would cost is an example.</p>
<p>${
      live
        ? html`Looks for new ones every few seconds. <a href="/inbox">Stop</a>`
        : html`<a href="/inbox">Look again</a>, or <a href="/inbox?live">keep looking</a>`
    }</p>
${rows.length === 0 ? html`<p class="empty">Nothing has arrived yet.</p>` : html`<ol class="letters">${rows}</ol>`}`,
  });
}

/** A script that is stopped fifty times must not bury what else there is. */
function together(
  rows: readonly (SentLetter | StoppedRow)[],
  next: SentLetter | StoppedSend,
): readonly (SentLetter | StoppedRow)[] {
  if (!('why' in next)) return [...rows, next];
  const last = rows.at(-1);
  if (last && 'times' in last && nameOf(last) === nameOf(next))
    return [...rows.slice(0, -1), { ...last, times: last.times + 1 }];
  return [...rows, { ...next, times: 1 }];
}

function nameOf({ channel, account, why, limit }: StoppedSend): string {
  return [channel, account, why, limit].join();
}

function letterRow({ at, channel, channelBy, to, country, text, code, hops, account, risk }: SentLetter): Markup {
  return html`<li><p class="from"><strong>${CHANNELS[channel] ?? channel}</strong> to ${to}${country && html` <span class="hint">${country}</span>`}</p>
${code && html`<p class="code"><span class="unseen">Code:</span> <code>${code}</code></p>`}
<p class="text">${text || 'Nothing arrived.'}</p>
${channelBy && html`<p class="hint">Why this way: ${whyThisWay(channelBy)}.</p>`}
${hops.length > 0 && html`<ol class="hops">${hops.map(hopRow)}</ol>`}
${risk && riskLine(risk)}
<p class="hint">${when(at)}${account && ` · for ${account}`}</p></li>`;
}

function hopRow({ carrier, outcome, why, cost, told }: CarrierHop): Markup {
  return html`<li><strong>${carrierName(carrier)}</strong> ${outcomeText(outcome)}${why && html` (<code>${why}</code>)`}${cost !== undefined && ` · ${dollars(cost)}`}${
    told && html` → <span class="${told}">${TOLD[told]}</span>`
  }</li>`;
}

function stoppedRow({ at, channel, account, why, limit, risk, times }: StoppedRow): Markup {
  return html`<li class="stopped"><p class="from"><strong>${CHANNELS[channel] ?? channel}</strong> not sent${times > 1 && ` ${times} times in a row`} <code>${limit ?? why}</code></p>
<p>Stopped, and cost nothing: ${whyNotSent(why, limit)}.</p>
${risk && riskLine(risk)}
<p class="hint">${when(at)} · for ${account}</p></li>`;
}

function riskLine(risk: Risk): Markup {
  return html`<p class="hint${risk.action !== 'allow' && ' risky'}">${riskText(risk)}.</p>`;
}

function when(at: Date): Markup {
  return html`<time datetime="${at.toISOString()}">${day(at)}</time>`;
}
