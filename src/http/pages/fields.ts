import type { Copy } from '../copy.js';
import { type Html, type HtmlValue, html } from './html.js';

interface FieldParts {
  readonly id: string;
  readonly label: string;
  readonly hint?: HtmlValue;
  /** The sentence of the problem with this field. */
  readonly error?: string | undefined;
}

/** Label, hint, error and control. The error's element is always there, so that the control may always point to it. */
function field(copy: Copy, { id, label, hint, error }: FieldParts, control: Html): Html {
  const message = error && html`<span class="mfa-hidden">${copy.errorPrefix}</span> ${error}`;
  return html`<div class="mfa-field${error && ' mfa-field-wrong'}">
<label for="${id}">${label}</label>
<p class="mfa-hint" id="${id}-hint">${hint}</p>
<p class="mfa-error" id="${id}-error">${message}</p>
${control}
</div>`;
}

function describedBy({ id, error }: FieldParts): Html {
  return html`aria-describedby="${id}-hint ${id}-error"${error && html` aria-invalid="true"`}`;
}

function focused(wanted: boolean): Html | false {
  return wanted && html` autofocus`;
}

export interface CodeField {
  readonly label: string;
  readonly hint: HtmlValue;
  readonly error?: string | undefined;
  readonly input: 'digits' | 'text' | 'backup';
  /** False where the error summary takes the focus. */
  readonly autofocus: boolean;
  /** Ask the browser for the code of a text message. */
  readonly webOtp?: boolean;
  readonly value?: string | undefined;
}

const CODE_INPUT = {
  digits: html`inputmode="numeric" autocomplete="one-time-code" autocapitalize="off" spellcheck="false"`,
  text: html`autocomplete="one-time-code" autocapitalize="off" spellcheck="false"`,
  backup: html`autocomplete="off" autocapitalize="characters" spellcheck="false"`,
};

export function codeField(copy: Copy, given: CodeField): Html {
  const parts = { ...given, id: 'code' };
  const filled = given.value !== undefined && html` value="${given.value}"`;
  const input = html`<input class="mfa-code mfa-code-${given.input}" id="code" name="code" type="text" ${CODE_INPUT[given.input]}${filled} ${describedBy(parts)}${focused(given.autofocus)}>`;
  return field(copy, parts, html`<mfa-code-input${given.webOtp && html` data-webotp`}>${input}</mfa-code-input>`);
}

export interface TextField extends FieldParts {
  readonly type: 'text' | 'tel' | 'email' | 'password';
  readonly autocomplete: string;
  readonly value?: string | undefined;
  readonly autofocus?: boolean;
}

export function textField(copy: Copy, given: TextField): Html {
  const { id, type, autocomplete, value, autofocus = false } = given;
  const filled = value !== undefined && html` value="${value}"`;
  return field(
    copy,
    given,
    html`<input id="${id}" name="${id}" type="${type}" autocomplete="${autocomplete}"${filled} ${describedBy(given)}${focused(autofocus)}>`,
  );
}

export interface SelectField extends FieldParts {
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly selected: string | undefined;
}

export function selectField(copy: Copy, given: SelectField): Html {
  const options = given.options.map(
    ({ value, label }) =>
      html`<option value="${value}"${value === given.selected && html` selected`}>${label}</option>`,
  );
  return field(
    copy,
    given,
    html`<select id="${given.id}" name="${given.id}" ${describedBy(given)}>${options}</select>`,
  );
}

export function checkbox(copy: Copy, { id, label, error }: FieldParts): Html {
  const message = error && html`<span class="mfa-hidden">${copy.errorPrefix}</span> ${error}`;
  return html`<div class="mfa-field${error && ' mfa-field-wrong'}">
<p class="mfa-error" id="${id}-error">${message}</p>
<div class="mfa-check"><input id="${id}" name="${id}" type="checkbox" value="yes" required aria-describedby="${id}-error"${error && html` aria-invalid="true"`}>
<label for="${id}">${label}</label></div>
</div>`;
}
