import { base } from './base.css.js';
import { controls } from './controls.css.js';
import { pages } from './pages.css.js';

/** The one style sheet of the pages. Hosts change it by the `--mfa-*` variables, or by rules of their own after it. */
export const style = [base, controls, pages].join('\n');
