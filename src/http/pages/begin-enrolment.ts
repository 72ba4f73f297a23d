import type { Copy } from '../copy.js';
import { captchaWidget } from './captcha.js';
import { sentenceOf } from './error-summary.js';
import { selectField, textField } from './fields.js';
import { button, postForm, ways } from './form.js';
import { type Html, html } from './html.js';
import { kindName } from './names.js';
import { type Page, page } from './page.js';
import type { BeginEnrolmentView, Frame } from './views.js';

export function beginEnrolmentPage(frame: Frame, view: BeginEnrolmentView, copy: Copy): Page {
  const { kind, problem } = view;
  const phone = view.asks === 'phone';
  const mail = view.asks === 'email';
  const shown = [...(phone ? ['phone', 'country'] : mail ? ['email'] : []), 'name'];
  const field = shown.find((id) => id === problem?.field);
  const sentence = sentenceOf(copy, problem, { kind });
  const wrong = { field, sentence };
  return page(frame, copy, {
    heading: copy.enrol.heading({ kind, name: kindName(copy, kind) }),
    problem: sentence === undefined ? undefined : { sentence, field },
    account: true,
    body: html`${view.replaces && html`<p class="mfa-lede">${copy.enrol.replaces({ name: view.replaces.name })}</p>`}
${kind === 'totp' && html`<p class="mfa-lede">${copy.enrol.totpIntro}</p>`}
${postForm(frame, {
  action: `/factors/${encodeURIComponent(kind)}`,
  hidden: { replaces: view.replaces?.id },
  body: html`${phone && phoneFields(copy, view, wrong)}${mail && emailField(copy, view, wrong)}
${nameField(copy, view, wrong)}
${captchaWidget(copy, view.captcha)}
${button(copy.continue)}`,
})}
${ways([html`<a href="${frame.base}/factors">${copy.cancel}</a>`])}`,
  });
}

interface Wrong {
  readonly field: string | undefined;
  readonly sentence: string | undefined;
}

function errorAt(id: string, { field, sentence }: Wrong): string | undefined {
  return field === id ? sentence : undefined;
}

function phoneFields(copy: Copy, view: BeginEnrolmentView, wrong: Wrong): readonly Html[] {
  const number = textField(copy, {
    id: 'phone',
    type: 'tel',
    autocomplete: 'tel',
    label: copy.enrol.phoneLabel,
    hint: copy.enrol.phoneHint,
    value: view.typed?.phone,
    error: errorAt('phone', wrong),
    autofocus: view.problem === undefined,
  });
  return [
    number,
    ...(view.countries?.length ? [countryField(copy, view, wrong)] : []),
    ...(view.channels?.length ? [channelField(copy, view, view.channels)] : []),
  ];
}

/** What was suggested instead of a channel that failed is chosen already. */
function channelField(copy: Copy, { typed, problem }: BeginEnrolmentView, channels: readonly string[]): Html {
  return selectField(copy, {
    id: 'channel',
    label: copy.enrol.channelLabel,
    hint: copy.enrol.channelHint,
    options: [
      { value: '', label: copy.enrol.channelAny },
      ...channels.map((value) => ({ value, label: kindName(copy, value) })),
    ],
    selected: problem?.suggestedChannel ?? typed?.channel ?? '',
  });
}

function emailField(copy: Copy, view: BeginEnrolmentView, wrong: Wrong): Html {
  return textField(copy, {
    id: 'email',
    type: 'email',
    autocomplete: 'email',
    label: copy.enrol.emailLabel,
    hint: copy.enrol.emailHint,
    value: view.typed?.email,
    error: errorAt('email', wrong),
    autofocus: view.problem === undefined,
  });
}

function countryField(copy: Copy, view: BeginEnrolmentView, wrong: Wrong): Html {
  const countries = view.countries ?? [];
  return selectField(copy, {
    id: 'country',
    label: copy.enrol.countryLabel,
    error: errorAt('country', wrong),
    options: countries.map((code) => ({ value: code, label: copy.enrol.country({ code }) })),
    selected: view.typed?.country ?? countries[0],
  });
}

function nameField(copy: Copy, view: BeginEnrolmentView, wrong: Wrong): Html {
  return textField(copy, {
    id: 'name',
    type: 'text',
    autocomplete: 'off',
    label: copy.enrol.nameLabel,
    hint: copy.enrol.nameHint,
    value: view.typed?.name,
    error: errorAt('name', wrong),
  });
}
