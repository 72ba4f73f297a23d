import type { Copy } from '../copy.js';
import { sentenceOf } from './error-summary.js';
import { type ButtonStyle, button, postForm, ways } from './form.js';
import { html } from './html.js';
import { factorName, factorPath } from './names.js';
import { type Page, page } from './page.js';
import type { ConfirmActionView, Frame } from './views.js';

interface Question {
  readonly heading: string;
  readonly text: string;
  readonly label: string;
  readonly action: string;
  readonly style: ButtonStyle;
}

function questionOf(copy: Copy, view: ConfirmActionView): Question {
  const texts = copy.confirm;
  if (view.action === 'remove') {
    const heading = texts.removeHeading({ name: factorName(copy, view.factor) });
    const action = factorPath(view.factor.id, 'remove');
    return { heading, text: texts.remove, label: texts.removeButton, action, style: 'danger' };
  }
  if (view.action === 'disable') {
    const { disableHeading: heading, disable: text, disableButton: label } = texts;
    return { heading, text, label, action: '/disable', style: 'danger' };
  }
  const { regenerateHeading: heading, regenerate: text, regenerateButton: label } = texts;
  return { heading, text, label, action: '/backup-codes', style: 'primary' };
}

export function confirmActionPage(frame: Frame, view: ConfirmActionView, copy: Copy): Page {
  const { heading, text, label, action, style } = questionOf(copy, view);
  const sentence = sentenceOf(copy, view.problem);
  return page(frame, copy, {
    heading,
    problem: sentence === undefined ? undefined : { sentence },
    account: true,
    body: html`<p class="mfa-lede">${text}</p>
${postForm(frame, { action, body: button(label, style) })}
${ways([html`<a href="${frame.base}/factors">${copy.cancel}</a>`])}`,
  });
}
