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
  const { kind, digits, problem } = view;
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
    label: copy.challenge.codeLabel({ digits: view.digits }),
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
  const { resendInSeconds, resendsLeft } = sent;
  return resend(frame, copy, {
    action: factorPath(id, 'resend'),
    resendInSeconds,
    resendsLeft,
    captcha: captchaWidget(copy, captcha),
  });
}
