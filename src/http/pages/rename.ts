import type { Copy } from '../copy.js';
import { sentenceOf } from './error-summary.js';
import { textField } from './fields.js';
import { button, postForm, ways } from './form.js';
import { html } from './html.js';
import { factorName, factorPath } from './names.js';
import { type Page, page } from './page.js';
import type { Frame, RenameView } from './views.js';

export function renamePage(frame: Frame, view: RenameView, copy: Copy): Page {
  const { factor, typed, problem } = view;
  const sentence = sentenceOf(copy, problem);
  const field = problem?.field && 'name';
  const input = textField(copy, {
    id: 'name',
    type: 'text',
    autocomplete: 'off',
    label: copy.rename.label,
    hint: copy.enrol.nameHint,
    value: typed ?? factor.name,
    error: field && sentence,
    autofocus: problem === undefined,
  });
  return page(frame, copy, {
    heading: copy.rename.heading({ name: factorName(copy, factor) }),
    problem: sentence === undefined ? undefined : { sentence, field },
    account: true,
    body: html`${postForm(frame, {
      action: factorPath(factor.id, 'rename'),
      body: html`${input}
${button(copy.rename.save)}`,
    })}
${ways([html`<a href="${frame.base}/factors">${copy.cancel}</a>`])}`,
  });
}
