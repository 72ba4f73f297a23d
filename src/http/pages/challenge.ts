import type { Copy } from '../copy.js';
import { captchaWidget } from './captcha.js';
import { challengeOptions, challengePath, sendButtons } from './challenge-options.js';
import { sentenceOf } from './error-summary.js';
import { codeField, textField } from './fields.js';
import { button, postForm, ways } from './form.js';
import { type Html, type HtmlValue, html } from './html.js';
import { factorName } from './names.js';
import { type Page, page } from './page.js';
import { resend } from './resend.js';
import type { ChallengeView, FactorView, Frame } from './views.js';

export function challengePage(frame: Frame, view: ChallengeView, copy: Copy): Page {
  const { chosen } = view;
  if (!chosen) return chooser(frame, view, copy);
  if (chosen.channels?.length && (!view.challenge || view.captcha?.before === 'send'))
    return sendPage(frame, copy, { view, chosen });
  return codePage(frame, copy, { view, chosen });
}

interface Chosen {
  readonly view: ChallengeView;
  readonly chosen: FactorView;
}

function chooser(frame: Frame, view: ChallengeView, copy: Copy): Page {
  const sentence = sentenceOf(copy, view.problem);
  return page(frame, copy, {
    heading: copy.challenge.chooseHeading,
    problem: sentence === undefined ? undefined : { sentence },
    status: view.status,
    body: html`<p class="mfa-lede">${copy.challenge.choose}</p>
${challengeOptions(frame, view, copy)}
${ways([cancel(frame, view, copy)])}`,
  });
}

/** The only factor sends codes and none is sent yet: a page that is only looked at must not send one. */
function sendPage(frame: Frame, copy: Copy, { view, chosen }: Chosen): Page {
  const sentence = sentenceOf(copy, view.problem, { kind: chosen.kind, digits: view.digits });
  const { destination, channels = [], lastChannel } = chosen;
  const last = channels.length > 1 && lastChannel !== undefined && copy.challenge.lastTime({ channel: lastChannel });
  return page(frame, copy, {
    heading: copy.challenge.sendHeading,
    problem: sentence === undefined ? undefined : { sentence },
    status: view.status,
    body: html`${stepUp(view, copy)}
<p class="mfa-lede">${copy.challenge.sendHint({ destination, issuer: frame.issuer })}${last && ` ${last}`}</p>
<div class="mfa-actions">${sendButtons(frame, copy, { factor: chosen, returnTo: view.returnTo, captcha: captchaWidget(copy, view.captcha) })}</div>
${ways([
  view.challenge &&
    html`<a href="${challengePath(frame, `factor=${encodeURIComponent(chosen.id)}`, view.returnTo)}">${copy.challenge.haveCode}</a>`,
  view.others.length > 0 && another(frame, view, copy),
  cancel(frame, view, copy),
])}`,
  });
}

function codePage(frame: Frame, copy: Copy, { view, chosen }: Chosen): Page {
  const sentence = sentenceOf(copy, view.problem, { kind: chosen.kind, digits: view.digits });
  const field = view.problem?.field && (chosen.kind === 'password' ? 'password' : 'code');
  const input = answerField(frame, copy, { view, chosen, error: field && sentence });
  return page(frame, copy, {
    heading: headingOf(copy, chosen.kind),
    problem: sentence === undefined ? undefined : { sentence, field },
    status: view.status,
    body: html`${stepUp(view, copy)}
${postForm(frame, {
  action: '/challenge/verify',
  hidden: { factorId: chosen.id, challengeId: view.challenge?.id, return: view.returnTo },
  body: html`${chosen.kind === 'password' && username(frame, view)}
${input}
${captchaWidget(copy, view.captcha)}
${button(copy.continue)}`,
})}
${ways([newCode(frame, copy, { view, chosen }), another(frame, view, copy), cancel(frame, view, copy)])}`,
  });
}

function headingOf(copy: Copy, kind: string): string {
  if (kind === 'password') return copy.challenge.passwordHeading;
  return kind === 'backup-codes' ? copy.challenge.backupHeading : copy.challenge.heading;
}

function answerField(frame: Frame, copy: Copy, given: Chosen & { readonly error: string | undefined }): Html {
  const { view, chosen, error } = given;
  const autofocus = view.problem === undefined;
  const hint = hintOf(frame, copy, given);
  if (chosen.kind === 'password') {
    const label = copy.challenge.passwordLabel;
    return textField(copy, {
      id: 'password',
      type: 'password',
      autocomplete: 'current-password',
      label,
      hint,
      error,
      autofocus,
    });
  }
  if (chosen.kind === 'backup-codes') {
    return codeField(copy, { label: copy.challenge.backupLabel, hint, error, input: 'backup', autofocus });
  }
  return codeField(copy, {
    label: copy.challenge.codeLabel({ digits: view.digits, channel: view.challenge?.channel }),
    hint,
    error,
    input: view.digits === undefined ? 'text' : 'digits',
    autofocus,
    webOtp: view.challenge?.channel === 'sms',
    value: view.typed?.code,
  });
}

/** Tells a password manager whose password is asked for; not sent. */
function username({ account }: Frame, { purpose }: ChallengeView): HtmlValue {
  return (
    purpose === 'step-up' && account && html`<input type="text" autocomplete="username" value="${account}" hidden>`
  );
}

function hintOf(frame: Frame, copy: Copy, { view, chosen }: Chosen): string {
  const { challenge, digits } = view;
  if (challenge) {
    const { channel, destination, expiresInMinutes } = challenge;
    return copy.challenge.sentHint({ channel, destination, minutes: expiresInMinutes });
  }
  if (chosen.kind === 'password') return copy.challenge.passwordHint;
  if (chosen.kind === 'backup-codes') return copy.challenge.backupHint;
  if (chosen.kind !== 'totp') return copy.challenge.otherHint({ name: factorName(copy, chosen) });
  if (chosen.waitSeconds) return copy.challenge.totpWait({ seconds: chosen.waitSeconds });
  return copy.challenge.totpHint({ issuer: frame.issuer, digits });
}

function newCode(frame: Frame, copy: Copy, { view, chosen }: Chosen): Html | undefined {
  if (!view.challenge) return undefined;
  const { channel, resendInSeconds, resendsLeft } = view.challenge;
  const hidden = { factorId: chosen.id, return: view.returnTo };
  const { suggestedChannel: other } = chosen;
  // All of them are on the page of other ways.
  const others = other === undefined || other === channel ? [] : [other];
  return resend(frame, copy, { action: '/challenge', hidden, channel, others, resendInSeconds, resendsLeft });
}

function stepUp(view: ChallengeView, copy: Copy): Html | false {
  return view.purpose === 'step-up' && html`<p class="mfa-lede">${copy.challenge.stepUp}</p>`;
}

function another(frame: Frame, view: ChallengeView, copy: Copy): Html | false {
  const several = view.others.length > 0 || (view.chosen?.channels?.length ?? 0) > 1;
  return several && html`<a href="${challengePath(frame, 'choose', view.returnTo)}">${copy.challenge.another}</a>`;
}

/** Ends a pending sign-in; a signed-in person who does not want to confirm just leaves. */
function cancel(frame: Frame, view: ChallengeView, copy: Copy): Html {
  if (view.purpose === 'step-up') return html`<a href="${frame.home}">${copy.cancel}</a>`;
  return postForm(frame, { action: '/challenge/cancel', body: button(copy.cancel, 'link') });
}
