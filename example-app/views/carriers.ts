/** The two carriers of the developer inbox: how they are, and what they are told to do wrong. */
import type { Request } from 'express';
import type { RestingCarrier } from '../resting-carriers.js';
import { FAULTS, type Fault, type Outcome, TRIAL_CARRIERS, type TrialCarrier } from '../trial-carriers.js';
import { html, type Markup } from './html.js';
import { postForm } from './layout.js';

const NAMES: Readonly<Record<string, string>> = { 'carrier-a': 'Carrier A', 'carrier-b': 'Carrier B' };

const CHOICES: Readonly<Record<Fault, string>> = {
  none: 'Works',
  down: 'Is down',
  key: 'Refuses our key',
  blocked: 'Refuses the number as blocked',
  lost: 'Sends, and its answer is lost',
};

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  brought: 'brought it',
  down: 'was down',
  key: 'refused our key',
  blocked: 'refused the number as blocked',
  lost: 'brought it, and its answer was lost',
};

export function carrierName(carrier: string): string {
  return NAMES[carrier] ?? carrier;
}

export function outcomeText(outcome: Outcome): string {
  return OUTCOMES[outcome];
}

export interface CarriersView {
  readonly faults: Readonly<Record<TrialCarrier, Fault>>;
  readonly rests: readonly RestingCarrier[];
}

export function carriersPanel(req: Request, { faults, rests }: CarriersView): Markup {
  return html`<section class="carriers" id="carriers" aria-labelledby="carriers-title">
<h2 id="carriers-title">Carriers</h2>
<p class="hint">A is asked first, and B where A surely sent nothing, or may have sent the same code. A block is never hopped over.</p>
${TRIAL_CARRIERS.map((carrier) => carrierForm(req, carrier, faults[carrier], rests))}
</section>`;
}

function carrierForm(req: Request, carrier: TrialCarrier, fault: Fault, rests: readonly RestingCarrier[]): Markup {
  const option = (one: Fault) =>
    html`<option value="${one}"${one === fault && html` selected`}>${CHOICES[one]}</option>`;
  const resting = rests.filter((one) => one.carrier === carrier);
  return postForm(
    req,
    '/inbox/carriers',
    html`<input type="hidden" name="carrier" value="${carrier}">
<label for="${carrier}">${carrierName(carrier)}</label>
<div class="choose"><select id="${carrier}" name="fault">${FAULTS.map(option)}</select>
<button class="button quiet">Set</button></div>
${resting.map(
  ({ channel, country, until }) =>
    html`<p class="resting">Left alone for ${channel}${country && ` to ${country}`} until <time datetime="${until.toISOString()}">${until.toISOString().slice(11, 19)} UTC</time>, in all processes; then one send tries it out.</p>`,
)}`,
  );
}
