/** One document for the app's own pages and for those of express-mfa. */
import type { Request } from 'express';
import type { HostLayout } from '../../src/index.js';
import { csrfToken } from '../csrf.js';
import { userOf } from '../requests.js';
import { html, Markup, type Value } from './html.js';

export const NAME = 'Harbour';

interface DocumentParts {
  readonly title: string;
  readonly head?: Markup;
  readonly menu?: Markup | undefined;
  /** For pages with much on them. */
  readonly wide?: boolean;
  readonly main: Value;
}

/** A page of the app, with the menu of whoever is signed in. */
export function pageFor(
  req: Request,
  { title, wide = false, main }: { readonly title: string; readonly wide?: boolean; readonly main: Value },
): string {
  return document(req.app.locals, {
    title: `${title} - ${NAME}`,
    menu: menu(req),
    wide,
    main: html`<div class="app">${main}</div>`,
  });
}

/** `pages.layout` of express-mfa: its markup is finished, and its style sheet comes before ours, which sets its colours. */
export function layoutFor(locals: { readonly showInbox?: boolean }): HostLayout {
  return (title, body, links) =>
    document(locals, {
      title,
      head: html`<link rel="stylesheet" href="${links.css}">
<script type="module" src="${links.js}"></script>`,
      main: new Markup(body),
    });
}

function document(
  locals: { readonly showInbox?: boolean },
  { title, head, menu, wide = false, main }: DocumentParts,
): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
${head}
<link rel="stylesheet" href="/style.css">
</head>
<body${wide && html` class="wide"`}>
<header class="top"><a class="brand" href="/"><img src="/icon.svg" alt="" width="28" height="28">${NAME}</a>
${menu}</header>
<main class="card">
${main}
</main>
<footer class="foot"><p>The example app of express-mfa.${locals.showInbox && html` <a href="/inbox">Developer inbox</a>`}</p></footer>
</body>
</html>
`.text;
}

function menu(req: Request): Markup | undefined {
  if (!userOf(req)) return undefined;
  const link = (href: string, text: string) =>
    html`<li><a href="${href}"${req.path === href && html` aria-current="page"`}>${text}</a></li>`;
  return html`<nav aria-label="Your account"><ul>
${link('/account', 'Account')}
${link('/payout', 'Payout')}
${link('/activity', 'Activity')}
<li>${postForm(req, '/logout', html`<button class="link">Sign out</button>`)}</li>
</ul></nav>`;
}

/** The only way the app makes a form that changes something, so that none is without its token. */
export function postForm(req: Request, action: string, body: Value): Markup {
  return html`<form method="post" action="${action}" novalidate>
<input type="hidden" name="_csrf" value="${csrfToken(req)}">
${body}
</form>`;
}
