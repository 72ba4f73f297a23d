/** Variables, the document, words, and what went wrong or well. */
export const base = `:root {
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
  display: none !important;
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
.mfa .mfa-alone:focus {
  outline: none;
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
.mfa-warning,
.mfa .mfa-status.mfa-warning {
  color: var(--mfa-warn);
  background: var(--mfa-warn-tint);
}
`;
