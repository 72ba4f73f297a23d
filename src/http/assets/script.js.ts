/** The one module of the pages. Every element wraps controls that work without it. */
export const script = `// For browsers that do not honour autofocus on the error summary; after the others had their turn.
requestAnimationFrame(() => {
  if (document.activeElement === document.body) document.querySelector('[role="alert"][autofocus]')?.focus();
});

class MfaCodeInput extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector('input');
    this.stop = new AbortController();
    const signal = this.stop.signal;
    this.input.addEventListener('paste', (event) => this.paste(event), { signal });
    this.input.form.addEventListener('submit', (event) => this.submit(event), { signal });
    if (this.hasAttribute('data-webotp')) this.readTextMessage();
  }

  disconnectedCallback() {
    this.stop.abort();
    this.waiting?.abort();
  }

  paste(event) {
    const text = event.clipboardData.getData('text');
    if (text === text.trim()) return;
    event.preventDefault();
    const { selectionStart, selectionEnd } = this.input;
    this.input.setRangeText(text.trim(), selectionStart, selectionEnd, 'end');
    this.input.dispatchEvent(new Event('input', { bubbles: true }));
  }

  // A double click must not use up two tries; the server is the real guard.
  submit(event) {
    this.waiting?.abort();
    const now = performance.now();
    if (now - (this.sentAt ?? -1000) < 1000) event.preventDefault();
    else this.sentAt = now;
  }

  async readTextMessage() {
    if (!('OTPCredential' in window)) return;
    this.waiting = new AbortController();
    const { signal } = this.waiting;
    const credential = await navigator.credentials.get({ otp: { transport: ['sms'] }, signal }).catch(() => null);
    if (credential) this.input.value = credential.code;
  }
}

class MfaCopy extends HTMLElement {
  connectedCallback() {
    this.querySelector('button').addEventListener('click', () => this.copy());
  }

  async copy() {
    const { text, done, failed } = this.dataset;
    const said = await this.write(text).then(() => done, () => failed);
    this.querySelector('[role="status"]').textContent = said;
  }

  // There is no clipboard on a page served over plain http.
  async write(text) {
    await navigator.clipboard.writeText(text);
  }
}

class MfaPrint extends HTMLElement {
  connectedCallback() {
    this.querySelector('button').addEventListener('click', () => window.print());
  }
}

class MfaWait extends HTMLElement {
  connectedCallback() {
    const form = this.querySelector('form');
    const text = this.querySelector('p');
    form.hidden = true;
    this.timer = setTimeout(() => {
      form.hidden = false;
      text.hidden = true;
    }, Number(this.dataset.seconds) * 1000);
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }
}

// A vendor's captcha: a widget, or one that asks nothing and whose token is made when the form is sent.
class MfaCaptcha extends HTMLElement {
  connectedCallback() {
    this.querySelector('script').addEventListener('error', () => this.say(this.dataset.failed));
    const place = this.querySelector('[data-sitekey]');
    // Widgets are 304 pixels wide, and the smallest phones show 288.
    if (place && this.clientWidth < 304) place.dataset.size = 'compact';
    if (place) return;
    const form = this.closest('form');
    form.addEventListener('submit', (event) => this.submit(event));
    // A page that the browser brings back was not sent.
    window.addEventListener('pageshow', () => (this.isSending = false));
    // The button was pressed already, and there is nothing to do but this.
    if (this.hasAttribute('data-at-once')) document.addEventListener('DOMContentLoaded', () => form.requestSubmit(form.querySelector('button')));
  }

  async submit(event) {
    event.preventDefault();
    if (this.isSending) return;
    this.isSending = true;
    this.say('');
    const token = await this.makeToken().catch(() => '');
    if (token) {
      this.querySelector('input').value = token;
      this.choose(event.submitter);
      return event.target.submit();
    }
    this.isSending = false;
    this.say(this.dataset.failed);
  }

  // A form that a script sends does not say which button it was.
  choose(button) {
    const { name, value } = button ?? {};
    this.choice?.remove();
    if (!name) return;
    this.choice = Object.assign(document.createElement('input'), { type: 'hidden', name, value });
    this.append(this.choice);
  }

  makeToken() {
    const { sitekey, action } = this.dataset;
    return new Promise((resolve, reject) => {
      setTimeout(reject, 10000);
      window.grecaptcha.ready(() => window.grecaptcha.execute(sitekey, { action }).then(resolve, reject));
    });
  }

  say(text) {
    this.querySelector('[role="status"]').textContent = text;
  }
}

customElements.define('mfa-captcha', MfaCaptcha);
customElements.define('mfa-code-input', MfaCodeInput);
customElements.define('mfa-copy', MfaCopy);
customElements.define('mfa-print', MfaPrint);
customElements.define('mfa-wait', MfaWait);
`;
