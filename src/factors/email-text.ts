import type { CodeAbout } from './sent-code.js';
import { en } from './texts/en.js';
import { chosenFor, WORDINGS } from './texts/languages.js';

/** What a mail with a code says. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
}

/** In the language of the request where we have it. No colours: mail programs have dark modes of their own. The code stands in the first line: that is what a phone shows of a mail. */
export function codeMail(about: CodeAbout): MailText {
  const { code, issuer } = about;
  const chosen = chosenFor(about.locale, WORDINGS);
  const { subject, lead, use, warning } = (chosen?.of ?? en).mail(about);
  return {
    subject,
    text: `${subject}\n\n${use}\n\n${warning}\n`,
    html: `<!doctype html>
<html lang="${escaped(chosen?.locale ?? 'en')}"><head><meta charset="utf-8"><title>${escaped(issuer)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"></head>
<body style="margin:0;padding:24px;font-family:sans-serif;font-size:16px;line-height:1.5">
<div style="max-width:544px">
<p>${escaped(lead)}</p>
<p style="margin:24px 0;font-size:32px;line-height:1.2;font-weight:bold;letter-spacing:4px;font-family:monospace">${escaped(code)}</p>
<p>${escaped(use)}</p>
<p style="font-size:14px">${escaped(warning)}</p>
</div>
</body></html>
`,
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
}
