/** Markup is told from text by a symbol no request can send: what came from outside as JSON is never taken for markup. */
const MARKUP = Symbol('markup');

export interface Html {
  readonly [MARKUP]: string;
  toString(): string;
}

export type HtmlValue = Html | string | number | false | null | undefined | readonly HtmlValue[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

function isHtml(value: object): value is Html {
  return MARKUP in value;
}

function render(value: HtmlValue): string {
  if (value === false || value === null || value === undefined) return '';
  if (typeof value !== 'object') return escapeText(String(value));
  if (isHtml(value)) return value[MARKUP];
  return value.map(render).join('');
}

/** Takes the text as it is. Only for markup this library made itself (the QR code). */
export function raw(markup: string): Html {
  return { [MARKUP]: markup, toString: () => markup };
}

/** A template whose every value is escaped, unless it is itself made by `html`. */
export function html(texts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const rest = values.map((value, index) => render(value) + (texts[index + 1] ?? ''));
  return raw((texts[0] ?? '') + rest.join(''));
}
