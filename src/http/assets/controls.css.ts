/** Fields, buttons, and rows to choose from. */
export const controls = `/* Fields */
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
  margin-block-start: 0.625rem;
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
  display: grid;
  gap: 0.75rem;
  margin: 0;
}

/* Ways on: below the primary button */
.mfa-ways {
  margin: 1.25rem 0 0;
  padding: 0;
  list-style: none;
}
.mfa-ways form {
  display: grid;
  justify-items: start;
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
  grid-template-columns: minmax(0, 1fr);
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
.mfa .mfa-lede + .mfa-left {
  margin-block-start: 1.75rem;
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
`;
