import type { Copy } from '../copy.js';
import { button, postForm } from './form.js';
import { type Html, html } from './html.js';
import type { Frame } from './views.js';

export interface Resend {
  readonly action: string;
  readonly hidden?: Readonly<Record<string, string | undefined>>;
  /** By which the code came, and the next one comes. */
  readonly channel: string;
  /** What else may be asked for. */
  readonly others?: readonly string[];
  readonly resendInSeconds: number;
  readonly resendsLeft: number;
  readonly captcha?: Html | undefined;
}

/**
 * The button stays usable while the person has to wait: without script nothing would bring it back, and the server says no by itself.
 * With script, `<mfa-wait>` shows it when its time has come.
 */
export function resend(frame: Frame, copy: Copy, given: Resend): Html {
  const { action, hidden = {}, channel, others = [], resendInSeconds: seconds } = given;
  if (given.resendsLeft <= 0) return html`<span class="mfa-muted">${copy.challenge.noResend}</span>`;
  const buttons = [
    button(copy.challenge.resend, 'link', { name: 'channel', value: channel }),
    ...others.map((other) =>
      button(copy.challenge.send({ channel: other }), 'link', { name: 'channel', value: other }),
    ),
  ];
  const form = postForm(frame, { action, hidden, body: [given.captcha, ...buttons] });
  if (seconds <= 0) return form;
  const wait = html`<p class="mfa-muted">${copy.challenge.resendLater({ seconds })}</p>`;
  return html`<mfa-wait data-seconds="${Math.ceil(seconds)}">${wait}${form}</mfa-wait>`;
}
