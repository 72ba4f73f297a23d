import { type Html, type HtmlValue, html } from './html.js';
import type { Frame } from './views.js';

export interface Form {
  /** Path below the mount. */
  readonly action: string;
  readonly hidden?: Readonly<Record<string, string | undefined>>;
  readonly body: HtmlValue;
}

function hiddenField(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}">`;
}

/** The only way a page makes a form, so that none is without the CSRF fields. */
export function postForm(frame: Frame, { action, hidden = {}, body }: Form): Html {
  const given = Object.entries(hidden).map(([name, value]) => value !== undefined && hiddenField(name, value));
  return html`<form method="post" action="${frame.base}${action}" novalidate>
${frame.csrf.map(({ name, value }) => hiddenField(name, value))}${given}
${body}
</form>`;
}

export type ButtonStyle = 'primary' | 'secondary' | 'danger' | 'link' | 'option';

export function button(
  label: HtmlValue,
  style: ButtonStyle = 'primary',
  chooses?: { readonly name: string; readonly value: string },
): Html {
  const choice = chooses && html` name="${chooses.name}" value="${chooses.value}"`;
  return html`<button type="submit" class="mfa-button mfa-button-${style}"${choice}>${label}</button>`;
}

/** The ways on and out of a page, below its primary button. */
export function ways(items: readonly HtmlValue[]): Html | undefined {
  const present = items.filter((item) => item);
  if (present.length === 0) return undefined;
  return html`<ul class="mfa-ways">${present.map((item) => html`<li>${item}</li>`)}</ul>`;
}
