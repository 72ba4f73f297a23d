/** Single pages, then what printers and forced colours need: last, so that it wins. */
export const pages = `/* Setting up an authenticator app */
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
.mfa-steps form,
.mfa .mfa-steps h3 {
  margin-block-start: 1.25rem;
}
.mfa-key {
  display: block;
  margin-block-start: 0.125rem;
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

/* A vendor's captcha. The frame of a widget is as wide as it is; its field is nobody's to fill in. */
.mfa-captcha {
  display: block;
  margin-block-end: 1.5rem;
}
.mfa-captcha > p {
  margin-block-end: 0.625rem;
}
#captcha-label {
  font-weight: 600;
}
.mfa-captcha [role="status"] {
  color: var(--mfa-danger);
}
.mfa-captcha [role="status"]:empty,
.mfa-captcha textarea[name$="captcha-response"] {
  display: none;
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
    color-scheme: light;
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
