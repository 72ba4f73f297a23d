import type { Request } from 'express';
import { html } from './html.js';
import type { Page } from './page.js';
import type { Frame } from './views.js';

/** File names below `${base}/assets/`. */
export interface AssetNames {
  readonly css: string;
  readonly js: string;
}

/** A host's own layout: the full title and our markup in, a document out. `links` are what the pages need in its head, `req` is for your own menu. */
export type HostLayout = (
  title: string,
  body: string,
  links: { readonly css: string; readonly js: string },
  req: Request,
) => string;

/** The whole document. Nothing inline: it must pass `default-src 'none'; script-src 'self'; style-src 'self'`. */
export function layout(frame: Frame, page: Page, assets: AssetNames): string {
  const document = html`<!doctype html>
<html lang="${page.lang}" dir="${page.dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${page.title}</title>
<link rel="stylesheet" href="${frame.base}/assets/${assets.css}">
<script type="module" src="${frame.base}/assets/${assets.js}"></script>
</head>
<body class="mfa-page">
<header class="mfa-header"><p>${frame.issuer}</p></header>
<main class="mfa-main">
${page.main}
</main>
</body>
</html>
`;
  return String(document);
}
