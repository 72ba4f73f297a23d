import { createHash } from 'node:crypto';
import { script } from './script.js.js';
import { style } from './style.css.js';

export interface Asset {
  /** Made from the content, so that a browser may keep the file for ever. */
  readonly name: string;
  readonly body: string;
}

export interface Assets {
  readonly css: Asset;
  readonly js: Asset;
}

function asset(body: string, extension: string): Asset {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 24);
  return { name: `${hash}.${extension}`, body };
}

let made: Assets | undefined;

/** Both files of the pages, named on first use. */
export function assets(): Assets {
  made ??= { css: asset(style, 'css'), js: asset(script, 'js') };
  return made;
}
