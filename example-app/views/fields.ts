import { html, type Markup } from './html.js';

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type?: 'text' | 'email' | 'password';
  readonly autocomplete: string;
  readonly inputmode?: 'decimal';
  readonly hint?: string;
  readonly value?: string;
  readonly problem?: string | undefined;
}

export function textField(field: Field): Markup {
  const { name, label, type = 'text', autocomplete, hint, value = '', problem } = field;
  const described = [hint && `${name}-hint`, problem && `${name}-error`].filter(Boolean).join(' ');
  return html`<div class="field${problem && ' wrong'}">
<label for="${name}">${label}</label>
${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}
${problem && html`<p class="error" id="${name}-error"><span class="unseen">Error:</span> ${problem}</p>`}
<input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" value="${value}" spellcheck="false" autocapitalize="off"${
    field.inputmode && html` inputmode="${field.inputmode}"`
  }${described && html` aria-describedby="${described}"`}${problem && html` aria-invalid="true"`}>
</div>`;
}

/** First on the page, read out at once, with a link to the field. */
export function problemSummary(text: string | undefined, fieldName?: string): Markup | undefined {
  if (text === undefined) return undefined;
  return html`<div class="summary" role="alert" tabindex="-1" autofocus aria-labelledby="problem">
<h2 id="problem">There is a problem</h2>
<p>${fieldName ? html`<a href="#${fieldName}">${text}</a>` : text}</p>
</div>`;
}

export function statusLine(text: string | undefined): Markup | undefined {
  return text === undefined ? undefined : html`<p class="status" role="status">${text}</p>`;
}
