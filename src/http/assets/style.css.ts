/** The one style sheet of the pages. Hosts change it by the `--mfa-*` variables, or by rules of their own after it. */
export const style = `:root {
  color-scheme: light dark;
  --mfa-width: 34rem;
  --mfa-font: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
  --mfa-font-code: ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "Liberation Mono", monospace;
  --mfa-radius: 0.625rem;
  --mfa-canvas: #f3f4f7;
  --mfa-surface: #ffffff;
  --mfa-sunken: #f6f7f9;
  --mfa-text: #14181f;
  --mfa-muted: #565e6b;
  --mfa-line: #d9dde4;
  --mfa-control: #79818f;
  --mfa-accent: #2b50c8;
  --mfa-accent-hover: #1f3ea3;
  --mfa-on-accent: #ffffff;
  --mfa-danger: #b3261e;
  --mfa-danger-hover: #8f1c16;
  --mfa-on-danger: #ffffff;
  --mfa-danger-tint: #fdf1f0;
  --mfa-good: #1b6b3a;
  --mfa-good-tint: #eef8f1;
  --mfa-warn: #7a4b00;
  --mfa-warn-tint: #fff6e3;
  --mfa-focus: #2b50c8;
}

@media (prefers-color-scheme: dark) {
  :root {
    --mfa-canvas: #0e1116;
    --mfa-surface: #171b22;
    --mfa-sunken: #1e232c;
    --mfa-text: #e9ecf1;
    --mfa-muted: #a7afbd;
    --mfa-line: #313845;
    --mfa-control: #7f899a;
    --mfa-accent: #9db7ff;
    --mfa-accent-hover: #bfd0ff;
    --mfa-on-accent: #0c1533;
    --mfa-danger: #ffb0a8;
    --mfa-danger-hover: #ffcbc6;
    --mfa-on-danger: #3d0906;
    --mfa-danger-tint: #2d1a1a;
    --mfa-good: #8fd8a8;
    --mfa-good-tint: #15261c;
    --mfa-warn: #f2c879;
    --mfa-warn-tint: #2a2113;
    --mfa-focus: #9db7ff;
  }
}

/* The document, only in our own layout. */
.mfa-page {
  margin: 0;
  min-height: 100vh;
  background: var(--mfa-surface);
}
.mfa-header,
.mfa-main {
  box-sizing: border-box;
  max-width: var(--mfa-width);
  margin-inline: auto;
  padding-inline: 1.25rem;
}
.mfa-header {
  padding-block: 1.5rem 0;
  color: var(--mfa-text);
  font: 600 1rem/1.5 var(--mfa-font);
}
.mfa-header p {
  margin: 0;
  overflow-wrap: anywhere;
}
.mfa-main {
  padding-block: 1.5rem 3rem;
}

@media (min-width: 40rem) {
  .mfa-page {
    background: var(--mfa-canvas);
  }
  .mfa-header {
    padding-block: 3.5rem 0;
    padding-inline: 0;
    text-align: center;
  }
  .mfa-main {
    margin-block: 1.5rem 4rem;
    padding: 2.75rem 3rem 3rem;
    border: 1px solid var(--mfa-line);
    border-radius: calc(var(--mfa-radius) * 1.6);
    background: var(--mfa-surface);
    box-shadow: 0 1px 2px rgb(20 24 31 / 4%), 0 12px 32px -12px rgb(20 24 31 / 10%);
  }
}

/* Words */
.mfa {
  color: var(--mfa-text);
  font: 400 1.0625rem/1.6 var(--mfa-font);
  overflow-wrap: break-word;
}
.mfa *,
.mfa *::before,
.mfa *::after {
  box-sizing: border-box;
}
.mfa h1,
.mfa h2,
.mfa h3,
.mfa p {
  margin: 0;
}
.mfa h1 {
  font-size: clamp(1.625rem, 1.4rem + 1.2vw, 2rem);
  font-weight: 650;
  line-height: 1.2;
  letter-spacing: -0.02em;
  overflow-wrap: anywhere;
  text-wrap: balance;
}
.mfa h2 {
  font-size: 1.1875rem;
  font-weight: 650;
  line-height: 1.35;
  letter-spacing: -0.01em;
}
.mfa h3 {
  font-size: 1.0625rem;
  font-weight: 600;
  line-height: 1.4;
  overflow-wrap: anywhere;
}
.mfa h1 + p,
.mfa p + p {
  margin-block-start: 0.625rem;
}
.mfa section {
  margin-block-start: 2.75rem;
}
.mfa section > h2 + * {
  margin-block-start: 0.875rem;
}
.mfa .mfa-lede {
  color: var(--mfa-muted);
  text-wrap: pretty;
}
.mfa .mfa-account {
  color: var(--mfa-muted);
  font-size: 1rem;
  overflow-wrap: anywhere;
}
.mfa .mfa-account strong {
  color: var(--mfa-text);
  font-weight: 600;
}
.mfa-muted {
  color: var(--mfa-muted);
  font-size: 1rem;
}
.mfa-hidden {
  position: absolute;
  width: 1px;
  height: 1px;
  margin: -1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
.mfa [hidden] {
  display: none;
}
.mfa a {
  color: var(--mfa-accent);
  text-decoration-thickness: 1px;
  text-underline-offset: 0.2em;
}
.mfa a:hover {
  color: var(--mfa-accent-hover);
  text-decoration-thickness: 2px;
}
.mfa a.mfa-grave {
  color: var(--mfa-danger);
}
.mfa :focus-visible {
  outline: 3px solid var(--mfa-focus);
  outline-offset: 2px;
}

/* What went wrong, and what went well */
.mfa-summary {
  margin-block-end: 2rem;
  padding: 1.125rem 1.25rem;
  border: 1px solid var(--mfa-danger);
  border-inline-start-width: 5px;
  border-radius: var(--mfa-radius);
  background: var(--mfa-danger-tint);
}
.mfa .mfa-summary h2 {
  margin-block-end: 0.25rem;
  font-size: 1.0625rem;
}
.mfa .mfa-summary a {
  color: var(--mfa-danger);
  font-weight: 600;
}
.mfa-status,
.mfa-warning {
  padding: 0.75rem 1.125rem;
  border: 1px solid currentcolor;
  border-inline-start-width: 5px;
  border-radius: var(--mfa-radius);
}
.mfa .mfa-status {
  margin-block-end: 2rem;
  color: var(--mfa-good);
  background: var(--mfa-good-tint);
}
.mfa-warning {
  color: var(--mfa-warn);
  background: var(--mfa-warn-tint);
}

/* Fields */
.mfa form {
  margin-block-start: 1.75rem;
}
.mfa-field {
  margin-block-end: 1.5rem;
}
.mfa-field label {
  font-weight: 600;
}
.mfa-hint {
  color: var(--mfa-muted);
  font-size: 1rem;
  line-height: 1.5;
}
.mfa .mfa-error {
  margin-block-start: 0.25rem;
  color: var(--mfa-danger);
  font-weight: 600;
  line-height: 1.45;
}
.mfa-hint:empty,
.mfa-error:empty {
  display: none;
}
.mfa-field-wrong {
  padding-inline-start: 1rem;
  border-inline-start: 4px solid var(--mfa-danger);
}
.mfa input:not([type="checkbox"]),
.mfa select {
  display: block;
  width: 100%;
  min-height: 3rem;
  margin-block-start: 0.5rem;
  padding: 0.5rem 0.875rem;
  border: 1px solid var(--mfa-control);
  border-radius: var(--mfa-radius);
  color: var(--mfa-text);
  background: var(--mfa-surface);
  font: inherit;
}
.mfa [aria-invalid="true"]:not([type="checkbox"]) {
  border: 2px solid var(--mfa-danger);
}
.mfa input.mfa-code {
  min-height: 3.5rem;
  font-family: var(--mfa-font-code);
  font-size: 1.5rem;
  font-variant-numeric: tabular-nums;
}
.mfa input.mfa-code-digits {
  max-width: 13.5rem;
  letter-spacing: 0.25em;
}
.mfa input.mfa-code-backup {
  font-size: 1.25rem;
  letter-spacing: 0.08em;
  text-transform: uppercase;
}
.mfa-check {
  display: flex;
  gap: 0.875rem;
  align-items: center;
  min-height: 2.75rem;
}
.mfa-check input {
  flex: none;
  width: 1.5rem;
  height: 1.5rem;
  margin: 0;
  accent-color: var(--mfa-accent);
}
.mfa-check label {
  padding-block: 0.5rem;
  cursor: pointer;
}

/* Buttons, and links that look like them */
.mfa .mfa-button {
  display: inline-flex;
  align-items: center;
  justify-content: center;
  min-height: 2.875rem;
  padding: 0.5rem 1.375rem;
  border: 2px solid transparent;
  border-radius: var(--mfa-radius);
  font: 600 1.0625rem/1.3 var(--mfa-font);
  text-align: center;
  text-decoration: none;
  cursor: pointer;
}
.mfa .mfa-button-primary {
  color: var(--mfa-on-accent);
  background: var(--mfa-accent);
}
.mfa .mfa-button-primary:hover {
  color: var(--mfa-on-accent);
  background: var(--mfa-accent-hover);
}
.mfa .mfa-button-danger {
  color: var(--mfa-on-danger);
  background: var(--mfa-danger);
}
.mfa .mfa-button-danger:hover {
  background: var(--mfa-danger-hover);
}
.mfa .mfa-button-secondary {
  border: 1px solid var(--mfa-control);
  color: var(--mfa-text);
  background: var(--mfa-surface);
}
.mfa .mfa-button-secondary:hover {
  color: var(--mfa-text);
  background: var(--mfa-sunken);
}
.mfa .mfa-button-link {
  padding: 0.25rem 0;
  border: 0;
  border-radius: 0.25rem;
  color: var(--mfa-accent);
  background: none;
  font-weight: 400;
  text-align: start;
  text-decoration: underline;
  text-decoration-thickness: 1px;
  text-underline-offset: 0.2em;
}
.mfa .mfa-button-link:hover {
  color: var(--mfa-accent-hover);
  text-decoration-thickness: 2px;
}
.mfa form > .mfa-button-primary,
.mfa form > .mfa-button-danger,
.mfa-actions .mfa-button {
  width: 100%;
}
.mfa-actions {
  display: grid;
  gap: 0.75rem;
  margin-block-start: 1.75rem;
}
.mfa-actions form {
  margin: 0;
}

/* Ways on: below the primary button */
.mfa-ways {
  margin: 1.25rem 0 0;
  padding: 0;
  list-style: none;
}
.mfa-ways form {
  margin: 0;
}
.mfa .mfa-ways a,
.mfa-ways span,
.mfa-ways p {
  display: inline-flex;
  align-items: center;
  min-height: 2.875rem;
}

/* Rows to choose from */
.mfa-options,
.mfa-cards {
  display: grid;
  gap: 0.75rem;
  margin: 1.5rem 0 0;
  padding: 0;
  list-style: none;
}
.mfa-options form {
  margin: 0;
}
.mfa .mfa-button-option {
  position: relative;
  display: grid;
  width: 100%;
  min-height: 4rem;
  padding: 0.875rem 3rem 0.875rem 1.125rem;
  border: 1px solid var(--mfa-line);
  color: var(--mfa-text);
  background: var(--mfa-surface);
  font-weight: 400;
  text-align: start;
  justify-content: start;
}
.mfa .mfa-button-option:hover {
  border-color: var(--mfa-accent);
  color: var(--mfa-text);
  background: var(--mfa-sunken);
}
.mfa-button-option::after {
  position: absolute;
  inset-block-start: calc(50% - 0.3rem);
  inset-inline-end: 1.375rem;
  width: 0.6rem;
  height: 0.6rem;
  border: solid var(--mfa-muted);
  border-width: 2px 2px 0 0;
  content: "";
  transform: rotate(45deg);
}
[dir="rtl"] .mfa-button-option::after {
  transform: rotate(-135deg);
}
[dir="rtl"] .mfa .mfa-button-option {
  padding-inline: 1.125rem 3rem;
}
.mfa-option-label {
  font-weight: 600;
  line-height: 1.4;
}
.mfa-option-detail {
  color: var(--mfa-muted);
  font-size: 1rem;
  line-height: 1.45;
  overflow-wrap: anywhere;
}
.mfa-card {
  padding: 1.125rem 1.25rem 0.5rem;
  border: 1px solid var(--mfa-line);
  border-radius: var(--mfa-radius);
}
.mfa .mfa-card p + p,
.mfa .mfa-card h3 + p {
  margin-block-start: 0.125rem;
}
.mfa .mfa-card .mfa-warning {
  margin-block: 0.625rem 0.375rem;
}
.mfa-left {
  font-size: 1.1875rem;
  font-weight: 600;
}
.mfa-left + .mfa-warning {
  margin-block-start: 0.75rem;
}
.mfa-links {
  display: flex;
  flex-wrap: wrap;
  column-gap: 1.5rem;
}
.mfa-links a,
.mfa a.mfa-grave {
  display: inline-flex;
  align-items: center;
  min-height: 2.75rem;
}

/* Setting up an authenticator app */
.mfa-steps {
  margin: 2rem 0 0;
  padding: 0;
  list-style: none;
  counter-reset: step;
}
.mfa-steps > li {
  position: relative;
  padding-block-end: 2.25rem;
  padding-inline-start: 3.25rem;
  counter-increment: step;
}
.mfa-steps > li:last-child {
  padding-block-end: 0;
}
.mfa-steps > li::before {
  position: absolute;
  inset-block-start: -0.2rem;
  inset-inline-start: 0;
  display: grid;
  place-content: center;
  width: 2rem;
  height: 2rem;
  border: 1px solid var(--mfa-control);
  border-radius: 50%;
  font-weight: 600;
  line-height: 1;
  content: counter(step);
}
.mfa-steps > li:not(:last-child)::after {
  position: absolute;
  inset-block: 2.25rem 0.6rem;
  inset-inline-start: calc(1rem - 0.5px);
  width: 1px;
  background: var(--mfa-line);
  content: "";
}
.mfa-steps h2 + * {
  margin-block-start: 0.375rem;
}
.mfa-steps form {
  margin-block-start: 1.25rem;
}
.mfa-qr {
  width: min(100%, 15rem);
  margin-block-start: 1.125rem;
  padding: 0.75rem;
  border: 1px solid var(--mfa-line);
  border-radius: var(--mfa-radius);
  background: #ffffff;
  forced-color-adjust: none;
}
.mfa-qr svg {
  display: block;
  width: 100%;
  height: auto;
}
.mfa-details {
  margin: 1rem 0 0;
}
.mfa-details > div {
  padding-block: 0.75rem;
  border-block-start: 1px solid var(--mfa-line);
}
.mfa-details dt {
  color: var(--mfa-muted);
  font-size: 0.9375rem;
}
.mfa-details dd {
  margin: 0;
  overflow-wrap: anywhere;
}
.mfa code {
  font-family: var(--mfa-font-code);
  font-size: 1.0625rem;
}

/* Backup codes */
.mfa-codes {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr));
  gap: 0.5rem 1rem;
  margin: 1.5rem 0 0;
  padding: 1.25rem 1.25rem 1.25rem 3.25rem;
  border: 1px solid var(--mfa-line);
  border-radius: var(--mfa-radius);
  background: var(--mfa-sunken);
}
.mfa-codes li::marker {
  color: var(--mfa-muted);
  font-size: 0.9375rem;
}
.mfa-codes code {
  white-space: nowrap;
}
.mfa-tools {
  display: flex;
  flex-wrap: wrap;
  gap: 0.75rem;
  align-items: center;
  margin-block-start: 1rem;
}
mfa-copy:not(:defined),
mfa-print:not(:defined) {
  display: none;
}
mfa-copy [role="status"] {
  margin-inline-start: 0.5rem;
  color: var(--mfa-good);
  font-size: 1rem;
}

@media (forced-colors: active) {
  .mfa .mfa-button {
    border: 2px solid ButtonBorder;
  }
  .mfa .mfa-button-link {
    border: 0;
    color: LinkText;
  }
}

@media print {
  :root {
    --mfa-surface: #ffffff;
    --mfa-canvas: #ffffff;
    --mfa-sunken: #ffffff;
    --mfa-text: #000000;
    --mfa-muted: #333333;
    --mfa-line: #999999;
  }
  .mfa-main {
    margin: 0;
    border: 0;
    box-shadow: none;
  }
  .mfa form,
  .mfa-tools,
  .mfa-ways,
  .mfa-summary,
  .mfa-status {
    display: none;
  }
  .mfa-codes {
    break-inside: avoid;
  }
}
`;
