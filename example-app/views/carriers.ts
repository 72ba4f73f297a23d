/** The two carriers of the developer inbox: how they are, what they cost, and what they are told to do wrong. */
import type { Request } from 'express';
import { FAULTS, type Fault, type Outcome, TRIAL_CARRIERS, type TrialCarrier } from '../trial/carriers.js';
import type { RestingCarrier } from '../trial/resting.js';
import type { Standing, Standings } from '../trial/standings.js';
import { html, type Markup } from './html.js';
import { inboxPageFor } from './inbox-layout.js';
import { postForm } from './layout.js';
import { dollars } from './money.js';

const NAMES: Readonly<Record<string, string>> = {
  'carrier-a': 'Carrier A',
  'carrier-b': 'Carrier B',
  'carrier-c': 'Carrier C',
  smtp: 'The mail server',
};

const CHOICES: Readonly<Record<Fault, string>> = {
  none: 'Works',
  down: 'Is down',
  key: 'Refuses our key',
  blocked: 'Refuses the number as blocked',
  lost: 'Sends, and its answer is lost',
  swallowed: 'Takes it, and never delivers it',
};

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  brought: 'took it',
  down: 'was down',
  key: 'refused our key',
  blocked: 'refused the number as blocked',
  lost: 'took it, and its answer was lost',
  swallowed: 'took it',
};

export function carrierName(carrier: string): string {
  return NAMES[carrier] ?? carrier;
}

export function outcomeText(outcome: Outcome): string {
  return OUTCOMES[outcome];
}

export interface CarriersView extends Pick<Standings, 'carriers'> {
  readonly faults: Readonly<Record<TrialCarrier, Fault>>;
  readonly rests: readonly RestingCarrier[];
}

export function carriersPage(req: Request, { faults, rests, carriers }: CarriersView): string {
  return inboxPageFor(req, {
    tab: '/inbox/carriers',
    title: 'Carriers',
    main: html`<p class="lede">Whoever is cheaper for an answered code is asked first, by channel and country. The other one takes over where the first surely sent nothing, or may have sent the same code. A block is never hopped over.</p>
${TRIAL_CARRIERS.map((carrier) =>
  carrierPanel(req, carrier, {
    fault: faults[carrier],
    rests: rests.filter((one) => one.carrier === carrier),
    standing: carriers.find((one) => one.carrier === carrier),
  }),
)}
<p class="hint">After a moment each carrier tells the app’s webhook what became of a message, signed as Twilio signs. A sign-in page that waits for the code shows it when it is loaded again.</p>`,
  });
}

function carrierPanel(
  req: Request,
  carrier: TrialCarrier,
  {
    fault,
    rests,
    standing,
  }: {
    readonly fault: Fault;
    readonly rests: readonly RestingCarrier[];
    readonly standing: Standing | undefined;
  },
): Markup {
  const option = (one: Fault) =>
    html`<option value="${one}"${one === fault && html` selected`}>${CHOICES[one]}</option>`;
  return html`<section class="panel" aria-labelledby="${carrier}-title">
<h2 id="${carrier}-title">${carrierName(carrier)}</h2>
${standing && standingFacts(standing)}
${rests.map(restRow)}
${postForm(
  req,
  '/inbox/carriers',
  html`<input type="hidden" name="carrier" value="${carrier}">
<label for="${carrier}">What it does <span class="unseen">(${carrierName(carrier)})</span></label>
<div class="choose"><select id="${carrier}" name="fault">${FAULTS.map(option)}</select>
<button class="button quiet">Set <span class="unseen">${carrierName(carrier)}</span></button></div>`,
)}
</section>`;
}

function standingFacts({ taken, delivered, undelivered, answered, spent }: Standing): Markup {
  const fact = (term: string, about: string) => html`<div><dt>${term}</dt><dd>${about}</dd></div>`;
  return html`<dl class="numbers">
${fact('Taken', String(taken))}
${fact('Delivered', String(delivered))}
${fact('Not delivered', String(undelivered))}
${fact('Answered', taken === 0 ? '0' : `${answered} (${Math.round((answered / taken) * 100)} %)`)}
${fact('Cost', dollars(spent))}
</dl>`;
}

function restRow({ channel, country, until }: RestingCarrier): Markup {
  return html`<p class="resting">Left alone for ${channel}${country && ` to ${country}`} until <time datetime="${until.toISOString()}">${until.toISOString().slice(11, 19)} UTC</time>, in all processes; then one send tries it out.</p>`;
}
