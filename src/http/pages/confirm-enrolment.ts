import type { Copy } from '../copy.js';
import { captchaWidget } from './captcha.js';
import { sentenceOf } from './error-summary.js';
import { codeField } from './fields.js';
import { button, postForm, ways } from './form.js';
import { type Html, html } from './html.js';
import { factorPath, kindName } from './names.js';
import { type Page, page } from './page.js';
import { resend } from './resend.js';
import { openStep, scanStep } from './totp-set-up.js';
import type { ConfirmEnrolmentView, Frame } from './views.js';

export function confirmEnrolmentPage(frame: Frame, view: ConfirmEnrolmentView, copy: Copy): Page {
  const { kind, digits, problem, sent } = view;
  if (sent && problem?.suggestedChannel) return anotherChannelPage(frame, view, copy);
  const sentence = sentenceOf(copy, problem, { kind, digits });
  const field = problem?.field && 'code';
  const advice = view.clockSkewSeconds ? copy.totp.clockSkew({ seconds: view.clockSkewSeconds }) : undefined;
  const form = codeForm(frame, copy, { view, error: field && sentence });
  return page(frame, copy, {
    heading: view.totp ? copy.enrol.heading({ kind, name: kindName(copy, kind) }) : copy.enrol.confirmHeading,
    problem: sentence === undefined ? undefined : { sentence, field, advice },
    status: view.status,
    account: true,
    body: html`${view.totp ? steps(frame, copy, { totp: view.totp, form }) : form}
${ways([newCode(frame, copy, view), html`<a href="${frame.base}/factors">${copy.cancel}</a>`])}`,
  });
}

/** The code did not go out, and the one before does not count any more: there is nothing to type. */
function anotherChannelPage(frame: Frame, view: ConfirmEnrolmentView, copy: Copy): Page {
  const { id, kind, problem, sent, captcha } = view;
  const [first, ...rest] = sent?.otherChannels ?? [];
  const buttons = [first, ...rest].map(
    (channel) =>
      channel !== undefined &&
      button(copy.challenge.send({ channel }), channel === first ? 'primary' : 'secondary', {
        name: 'channel',
        value: channel,
      }),
  );
  const form = postForm(frame, { action: factorPath(id, 'resend'), body: [captchaWidget(copy, captcha), ...buttons] });
  return page(frame, copy, {
    heading: copy.challenge.sendHeading,
    problem: { sentence: sentenceOf(copy, problem, { kind }) ?? '' },
    account: true,
    body: html`<p class="mfa-lede">${copy.challenge.sendHint({ destination: sent?.destination, issuer: frame.issuer })}</p>
<div class="mfa-actions">${form}</div>
${ways([html`<a href="${frame.base}/factors">${copy.cancel}</a>`])}`,
  });
}

function steps(frame: Frame, copy: Copy, given: { totp: NonNullable<ConfirmEnrolmentView['totp']>; form: Html }): Html {
  return html`<ol class="mfa-steps">
${openStep(copy, given.totp)}
${scanStep(frame, copy, given.totp)}
<li><h2>${copy.totp.codeTitle}</h2>
${given.form}
</li>
</ol>`;
}

function codeForm(frame: Frame, copy: Copy, given: { view: ConfirmEnrolmentView; error: string | undefined }): Html {
  const { view, error } = given;
  const input = codeField(copy, {
    label: copy.challenge.codeLabel({ digits: view.digits, channel: view.sent?.channel }),
    hint: hintOf(copy, view),
    error,
    input: 'digits',
    // The code is the last step of the authenticator page: focus there would scroll past the QR code.
    autofocus: view.problem === undefined && view.totp === undefined,
    webOtp: view.sent?.channel === 'sms',
  });
  return postForm(frame, {
    action: factorPath(view.id, 'confirm'),
    body: html`${input}
${button(copy.enrol.finish)}`,
  });
}

function hintOf(copy: Copy, { sent, totp, name }: ConfirmEnrolmentView): string {
  if (totp) return copy.totp.codeHint;
  if (!sent) return copy.challenge.otherHint({ name });
  const { channel, destination, expiresInMinutes } = sent;
  return copy.challenge.sentHint({ channel, destination, minutes: expiresInMinutes });
}

function newCode(frame: Frame, copy: Copy, { id, sent, captcha }: ConfirmEnrolmentView): Html | undefined {
  if (!sent) return undefined;
  const { channel, otherChannels: others = [], resendInSeconds, resendsLeft } = sent;
  return resend(frame, copy, {
    action: factorPath(id, 'resend'),
    channel,
    others,
    resendInSeconds,
    resendsLeft,
    captcha: captchaWidget(copy, captcha),
  });
}
