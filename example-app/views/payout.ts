import type { Request } from 'express';
import { problemSummary, statusLine, textField } from './fields.js';
import { html } from './html.js';
import { pageFor, postForm } from './layout.js';

export function payoutPage(
  req: Request,
  { done = false, problem }: { readonly done?: boolean; readonly problem?: string },
): string {
  const amount = textField({
    name: 'amount',
    label: 'Amount in dollars',
    autocomplete: 'off',
    inputmode: 'decimal',
    problem,
  });
  return pageFor(req, {
    title: problem ? 'Error: Payout' : 'Payout',
    main: html`${problemSummary(problem, 'amount')}${statusLine(done ? 'Paid. Well, almost: this is an example' : undefined)}<h1>Payout</h1>
<p class="lede">You confirmed that it is you a short while ago, or you would not be here.</p>
${postForm(req, '/payout', html`${amount}<button class="button">Pay out</button>`)}`,
  });
}

export function noSecondStepPage(req: Request): string {
  return pageFor(req, {
    title: 'Payout',
    main: html`<h1>Payouts need a second step</h1>
<p class="lede">Set one up, and come back here.</p>
<p class="actions"><a class="button" href="/mfa/factors">Set up a second step</a></p>`,
  });
}
