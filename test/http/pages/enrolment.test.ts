import { describe, expect, it } from '@jest/globals';
import { copy } from '../../../src/http/copy.js';
import { backupCodesPage, freshBackupCodesPage } from '../../../src/http/pages/backup-codes.js';
import { beginEnrolmentPage } from '../../../src/http/pages/begin-enrolment.js';
import { confirmEnrolmentPage } from '../../../src/http/pages/confirm-enrolment.js';
import type { BeginEnrolmentView, ConfirmEnrolmentView } from '../../../src/http/pages/views.js';
import { appEnrolment, frame, freshCodes, phoneEnrolment } from './samples.js';

const begin = (view: Partial<BeginEnrolmentView>) =>
  String(
    beginEnrolmentPage(frame, { kind: 'sms', forced: false, ...(view.kind ? {} : { asks: 'phone' }), ...view }, copy)
      .main,
  );
const confirm = (view: ConfirmEnrolmentView) => String(confirmEnrolmentPage(frame, view, copy).main);
const fresh = String(freshBackupCodesPage(frame, { codes: freshCodes }, copy).main);

describe('every page that sets something up', () => {
  it('names the account, so that nobody does it in another one', () => {
    for (const text of [begin({}), confirm(appEnrolment), confirm(phoneEnrolment), fresh]) {
      expect(text).toContain('Account: <strong>ada@example.com</strong>');
    }
  });
});

describe('beginning', () => {
  it('asks for a phone number in any form', () => {
    const text = begin({});
    expect(text).toContain('action="/mfa/factors/sms"');
    expect(text).toContain('id="phone" name="phone" type="tel" autocomplete="tel"');
    expect(text).toContain('Include the country code, like +61 491 570 156.');
  });

  it('offers countries for national numbers, the first or the one chosen before in front', () => {
    const countries = ['GB', 'AU'];
    expect(begin({ countries })).toContain('<option value="GB" selected>United Kingdom</option>');
    expect(begin({ countries, typed: { country: 'AU' } })).toContain('<option value="AU" selected>Australia</option>');
    expect(begin({})).not.toContain('<select');
  });

  it('shows again what was typed, with the problem at its field', () => {
    const text = begin({ typed: { phone: '04', name: 'Mine' }, problem: { code: 'field_invalid', field: 'phone' } });
    expect(text).toMatch(/id="phone"[^>]* value="04"[^>]* aria-invalid="true"/);
    expect(text).toMatch(/id="name"[^>]* value="Mine"/);
    expect(text).toContain('<a href="#phone">Enter a phone number with its country code');
  });

  it('links to no field that the page does not have', () => {
    expect(begin({ problem: { code: 'field_invalid', field: 'code' } })).not.toContain('href="#');
  });

  it('asks for an email address where codes are mailed', () => {
    const text = begin({
      kind: 'email',
      asks: 'email',
      typed: { email: 'ada@' },
      problem: { code: 'field_invalid', field: 'email' },
    });
    expect(text).toContain('<h1>Set up codes by email</h1>');
    expect(text).toMatch(/id="email" name="email" type="email" autocomplete="email"[^>]* value="ada@"/);
    expect(text).toContain('<a href="#email">Enter an email address, like name@example.com');
    expect(text).not.toContain('id="phone"');
  });

  it('asks only for a name where there is no phone', () => {
    expect(begin({ kind: 'totp' })).not.toContain('id="phone"');
    expect(begin({ kind: 'totp' })).toContain('Name (optional)');
  });
});

describe('confirming an authenticator app', () => {
  const text = confirm(appEnrolment);

  it('is one page with three steps', () => {
    const [, steps = ''] = text.split('<ol class="mfa-steps">');
    expect(steps.match(/<h2>/g)).toHaveLength(3);
  });

  it('shows the QR code as a picture with a name', () => {
    expect(text).toMatch(/<svg role="img" aria-label="QR code for your authenticator app" xmlns=/);
  });

  it('shows all that is needed to type it in, without script', () => {
    expect(text).toContain('<code class="mfa-key">JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP</code>');
    expect(text).toContain('<dd>ada@example.com</dd>');
    expect(text).toContain('<dd>Acme</dd>');
    expect(text).toContain('Time based, SHA-1, 6 digits, every 30 seconds');
  });

  it('links to the app on the same device', () => {
    expect(text).toContain('href="otpauth://totp/Acme:ada%40example.com?secret=');
  });

  it('takes nothing for a picture that is not an svg', () => {
    const { totp } = appEnrolment;
    if (!totp) throw new Error('The sample is one of an authenticator app.');
    expect(confirm({ ...appEnrolment, totp: { ...totp, qrSvg: '<img src=x>' } })).not.toContain('<img');
  });

  it('says which way the clock is off', () => {
    const skewed = (clockSkewSeconds: number) =>
      confirm({ ...appEnrolment, clockSkewSeconds, problem: { code: 'code_wrong', field: 'code' } });
    expect(skewed(95)).toContain('seems to be 2 minutes ahead');
    expect(skewed(-60)).toContain('seems to be 1 minute behind');
  });
});

describe('confirming a phone', () => {
  const text = confirm(phoneEnrolment);

  it('asks for the code at its own path', () => {
    expect(text).toContain('action="/mfa/factors/enr_2/confirm"');
    expect(text).toContain('<mfa-code-input data-webotp>');
  });

  it('sends a new code from its own path', () => {
    expect(text).toContain('action="/mfa/factors/enr_2/resend"');
    expect(text).toContain('You can ask for a new code in 28 seconds');
  });
});

describe('fresh backup codes', () => {
  it('are a list', () => {
    expect(fresh).toContain(
      '<ol class="mfa-codes" aria-label="Your backup codes"><li><code>K7QX-M2DP-9RTVA</code></li>',
    );
    expect(fresh.match(/<li><code>/g)).toHaveLength(10);
  });

  it('can be downloaded without script, printed and copied with it', () => {
    expect(fresh).toContain('href="/mfa/backup-codes/download" download');
    expect(fresh).toContain('<mfa-print>');
    expect(fresh).toContain(`<mfa-copy data-text="${freshCodes.join('\n')}"`);
  });

  it('ask that they are saved', () => {
    expect(fresh).toContain('action="/mfa/backup-codes/saved"');
    expect(fresh).toMatch(/<input id="saved" name="saved" type="checkbox" value="yes" required/);
  });

  it('say so at the box when it was not ticked', () => {
    const problem = { code: 'field_invalid', field: 'saved' } as const;
    const text = String(freshBackupCodesPage(frame, { codes: freshCodes, problem }, copy).main);
    expect(text).toContain('<a href="#saved">Tick the box once you have saved these codes</a>');
    expect(text).toMatch(/id="saved"[^>]* aria-invalid="true"/);
  });
});

describe('backup codes later', () => {
  it('are only counted', () => {
    const text = String(backupCodesPage(frame, { left: 7, total: 10, low: false }, copy).main);
    expect(text).toContain('7 of 10 left');
    expect(text).not.toContain('running low');
  });

  it('warn when few are left', () => {
    const text = String(backupCodesPage(frame, { left: 3, total: 10, low: true }, copy).main);
    expect(text).toContain('You are running low');
  });
});
