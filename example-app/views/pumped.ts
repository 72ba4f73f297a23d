/** A script that asks for texts to numbers next to one another, and what stopped it. */
import type { Request } from 'express';
import type { Pumped } from '../pump.js';
import { html, type Markup } from './html.js';
import { pageFor, postForm } from './layout.js';

export function pumpPanel(req: Request): Markup {
  return html`<section class="carriers" aria-labelledby="pump-title">
<h2 id="pump-title">Toll fraud</h2>
<p class="hint">A script makes an account and asks for texts to 50 numbers next to one another, as somebody does who is paid for each text.</p>
${postForm(req, '/inbox/pump', html`<button class="button quiet">Pump 50 numbers</button>`)}
</section>`;
}

export function pumpedPage(req: Request, { asked, sent, refused, email }: Pumped): string {
  const rows = Object.entries(refused).map(
    ([limit, times]) => html`<div><dt>Refused: <code>${limit}</code></dt><dd>${times}</dd></div>`,
  );
  return pageFor(req, {
    title: 'Toll fraud',
    main: html`<h1>${asked} numbers, ${sent} texts</h1>
<p class="lede">The script signed up as <strong>${email}</strong>. Its texts are in the inbox. What was refused cost nothing, and stands in the audit log with its reason:</p>
<dl class="facts">${rows}</dl>
<p><a href="/inbox">Back to the inbox</a></p>`,
  });
}
