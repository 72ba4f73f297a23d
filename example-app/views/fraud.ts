/** Where fraud can be tried, and what it comes to. */
import type { Request } from 'express';
import { PLACES, type Place } from '../trial/place.js';
import type { Pumped, Script } from '../trial/pump.js';
import { SCRIPTS } from '../trial/pump.js';
import { html, type Markup } from './html.js';
import { inboxPageFor } from './inbox-layout.js';
import { postForm } from './layout.js';
import { dollars } from './money.js';
import { whyNotSent } from './reasons.js';

const ABOUT: Readonly<Record<Script, { readonly title: string; readonly text: string; readonly button: string }>> = {
  neighbours: {
    title: 'Pump numbers next to one another',
    text: 'Somebody who is paid for each text that reaches a block of numbers makes an account and asks for texts to 50 of them.',
    button: 'Pump 50 neighbours',
  },
  spread: {
    title: 'Spend a country’s money',
    text: 'The same with 50 numbers all over New Zealand, which no guard against neighbours sees. Codes to New Zealand may cost a dollar a day.',
    button: 'Pump 50 numbers of New Zealand',
  },
};

const WHERE: Readonly<Record<Place, string>> = {
  here: 'Where you always are',
  network: 'On another network',
  country: 'In another country, on its network',
};

export interface FraudView {
  readonly place: Place;
  readonly spent: Readonly<Record<string, number>>;
}

export function fraudPage(req: Request, { place, spent }: FraudView): string {
  const total = Object.values(spent).reduce((sum, one) => sum + one, 0);
  const choice = (one: Place) => html`<option value="${one}"${one === place && html` selected`}>${WHERE[one]}</option>`;
  return inboxPageFor(req, {
    tab: '/inbox/fraud',
    title: 'Fraud and risk',
    main: html`<p class="lede">What is stopped is stopped before anybody paid is called. To the person it is always the same “try again later”; the reason is in the <a href="/inbox/audit">audit log</a>.</p>
<dl class="numbers">
<div><dt>Spent on codes today</dt><dd>${dollars(total)} of $20</dd></div>
<div><dt>… to New Zealand</dt><dd>${dollars(spent.NZ ?? 0)} of $1</dd></div>
</dl>
${SCRIPTS.map((script) => scriptPanel(req, script))}
<section class="panel" aria-labelledby="place-title">
<h2 id="place-title">Sign in from somewhere else</h2>
<p class="hint">Your next sign-ins come from there. A network or country that you never signed in from makes them look riskier; how much, and what follows, is in your activity and beside each message.</p>
${postForm(
  req,
  '/inbox/place',
  html`<label for="place">Where you are</label>
<div class="choose"><select id="place" name="place">${PLACES.map(choice)}</select>
<button class="button quiet">Go there</button></div>`,
)}
</section>`,
  });
}

function scriptPanel(req: Request, script: Script): Markup {
  const { title, text, button } = ABOUT[script];
  return html`<section class="panel" aria-labelledby="${script}-title">
<h2 id="${script}-title">${title}</h2>
<p class="hint">${text}</p>
${postForm(req, '/inbox/pump', html`<input type="hidden" name="script" value="${script}"><button class="button quiet">${button}</button>`)}
</section>`;
}

export function pumpedPage(req: Request, { asked, sent, refused, email, userId }: Pumped): string {
  const rows = refused.map(
    ({ why, limit, times }) =>
      html`<div><dt>${times} refused <code>${limit ?? why}</code></dt><dd>${sentenceCase(whyNotSent(why, limit))}.</dd></div>`,
  );
  return inboxPageFor(req, {
    tab: '/inbox/fraud',
    title: `${asked} numbers, ${sent} texts`,
    main: html`<p class="lede">The script signed up as <strong>${email}</strong>. What was refused cost nothing.</p>
<dl class="facts">
<div><dt>${sent} sent</dt><dd>They are among the <a href="/inbox">messages</a>.</dd></div>
${rows}
</dl>
<p class="actions"><a class="button" href="/inbox/audit?user=${userId}">Read its audit log</a>
<a class="button quiet" href="/inbox/fraud">Back</a></p>`,
  });
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
