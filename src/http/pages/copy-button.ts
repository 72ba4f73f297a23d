import type { Copy } from '../copy.js';
import { type Html, html } from './html.js';

/** Shows only where script runs. What happened is said in its status line. */
export function copyButton(copy: Copy, text: string, button: Html): Html {
  const { copied, copyFailed } = copy.backupCodes;
  return html`<mfa-copy data-text="${text}" data-done="${copied}" data-failed="${copyFailed}">${button} <span role="status"></span></mfa-copy>`;
}
