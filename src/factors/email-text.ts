import type { CodeAbout } from './sent-code.js';

/** What a mail with a code says. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
}

/** The code stands in the first line: that is what a phone shows of a mail. */
export function codeMail({ code, issuer, minutes }: CodeAbout): MailText {
  const use = `Enter it to sign in to ${issuer}. It works for ${minutes} minutes.`;
  const warning = `We will never ask you for it. If you did not try to sign in, somebody knows your password: change it.`;
  return {
    subject: `${code} is your ${issuer} code`,
    text: `${code} is your ${issuer} code.\n\n${use}\n\n${warning}\n`,
    html: `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(issuer)}</title></head>
<body style="margin:0;padding:24px;font-family:sans-serif;font-size:16px;line-height:1.5;color:#1a1a1a;background:#ffffff">
<p>Your ${escaped(issuer)} code is</p>
<p style="font-size:32px;font-weight:bold;letter-spacing:4px;font-family:monospace">${escaped(code)}</p>
<p>${escaped(use)}</p>
<p style="color:#595959">${escaped(warning)}</p>
</body></html>
`,
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
}
