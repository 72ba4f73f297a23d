/** The ways to answer a challenge, one row for each factor and channel. */
import type { Copy } from '../copy.js';
import { button, postForm } from './form.js';
import { type Html, html } from './html.js';
import { factorName, kindName } from './names.js';
import type { ChallengeView, FactorView, Frame } from './views.js';

/** A path of the challenge that keeps where a step-up leads to. */
export function challengePath(frame: Frame, query: string, returnTo: string | undefined): string {
  const rest = returnTo === undefined ? '' : `&return=${encodeURIComponent(returnTo)}`;
  return `${frame.base}/challenge?${query}${rest}`;
}

function detail(copy: Copy, factor: FactorView, label: string, channel?: string): string {
  const name = factorName(copy, factor);
  const to = factor.destination && copy.challenge.to({ destination: factor.destination });
  return [name !== label && name, to, ...marks(copy, factor, channel)].filter(Boolean).join(' · ');
}

/** Worth a word where there are several. */
function marks(copy: Copy, { channels = [], suggestedChannel, lastChannel }: FactorView, channel: string | undefined) {
  if (channel === undefined || channels.length < 2) return [];
  return [channel === suggestedChannel && copy.challenge.suggested, channel === lastChannel && copy.challenge.lastUsed];
}

function row(label: string, about: string): Html {
  return html`<span class="mfa-option-label">${label}</span>${about && html` <span class="mfa-option-detail">${about}</span>`}`;
}

/** A factor that sends is a form (a GET sends nothing); one that needs no sending is a link. */
function optionsOf(frame: Frame, copy: Copy, given: { factor: FactorView; returnTo?: string | undefined }): Html[] {
  const { factor, returnTo } = given;
  if (!factor.channels?.length) {
    const label = kindName(copy, factor.kind);
    const href = challengePath(frame, `factor=${encodeURIComponent(factor.id)}`, returnTo);
    return [
      html`<a class="mfa-button mfa-button-option" href="${href}">${row(label, detail(copy, factor, label))}</a>`,
    ];
  }
  return factor.channels.map((channel) => {
    const label = kindName(copy, channel);
    const hidden = { factorId: factor.id, channel, return: returnTo };
    return postForm(frame, {
      action: '/challenge',
      hidden,
      body: button(row(label, detail(copy, factor, label, channel)), 'option'),
    });
  });
}

export function challengeOptions(frame: Frame, view: ChallengeView, copy: Copy): Html {
  const factors = view.chosen ? [view.chosen, ...view.others] : view.others;
  const rows = factors.flatMap((factor) => optionsOf(frame, copy, { factor, returnTo: view.returnTo }));
  return html`<ul class="mfa-options">${rows.map((option) => html`<li>${option}</li>`)}</ul>`;
}

/** One button for each channel of the chosen factor, the first in front. One form, because a page has one captcha. */
export function sendButtons(
  frame: Frame,
  copy: Copy,
  given: { factor: FactorView; returnTo?: string | undefined; captcha?: Html | undefined },
): Html {
  const { factor, returnTo, captcha } = given;
  const buttons = (factor.channels ?? []).map((channel, index) => {
    const style = index === 0 ? 'primary' : 'secondary';
    return button(copy.challenge.send({ channel }), style, { name: 'channel', value: channel });
  });
  return postForm(frame, {
    action: '/challenge',
    hidden: { factorId: factor.id, return: returnTo },
    body: [captcha, ...buttons],
  });
}
