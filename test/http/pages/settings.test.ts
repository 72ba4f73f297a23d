import { describe, expect, it } from '@jest/globals';
import { copy } from '../../../src/http/copy.js';
import { confirmActionPage } from '../../../src/http/pages/confirm-action.js';
import { errorPage } from '../../../src/http/pages/error.js';
import { factorsPage } from '../../../src/http/pages/factors.js';
import { renamePage } from '../../../src/http/pages/rename.js';
import type { ConfirmActionView, FactorsView } from '../../../src/http/pages/views.js';
import { app, frame, phone } from './samples.js';

const settings = (view: Partial<FactorsView> = {}) => {
  const usual = { forced: false, factors: [app, phone], canAdd: ['totp', 'sms'], canDisable: true };
  return String(factorsPage(frame, { ...usual, ...view }, copy).main);
};
const question = (view: ConfirmActionView) => String(confirmActionPage(frame, view, copy).main);

describe('the settings page', () => {
  it('says when a factor was added and used', () => {
    expect(settings()).toContain('Added 3 March 2026 · Last used 4 May 2026');
    expect(settings()).toContain('Added 5 March 2026 · Not used yet');
  });

  it('links to rename, replace and remove, each with the name of what it is about', () => {
    expect(settings()).toContain(
      '<a href="/mfa/factors/fac_app/rename">Rename<span class="mfa-hidden"> Work phone</span></a>' +
        '<a href="/mfa/factors/new/totp?replaces=fac_app">Replace<span class="mfa-hidden"> Work phone</span></a>' +
        '<a href="/mfa/factors/fac_app/remove">Remove<span class="mfa-hidden"> Work phone</span></a>',
    );
  });

  it('offers what can be added', () => {
    expect(settings()).toContain('href="/mfa/factors/new/totp"');
    expect(settings({ canAdd: [] })).not.toContain('/factors/new/totp"');
  });

  it('counts the backup codes and warns', () => {
    const text = settings({ backupCodes: { left: 0, total: 10, low: true } });
    expect(text).toContain('None left');
    expect(text).toContain('You are running low');
    expect(text).toContain('href="/mfa/backup-codes/new"');
  });

  it('offers to turn off only where policy allows', () => {
    expect(settings()).toContain('href="/mfa/disable"');
    expect(settings({ canDisable: false })).not.toContain('/disable');
  });

  it('says what was just done', () => {
    expect(settings({ status: 'factor_removed' })).toMatch(/role="status">Removed</);
  });

  it('leads back to the product', () => {
    expect(settings()).toContain('<a href="/dashboard">Back to Acme</a>');
  });
});

describe('the first page of a forced set-up', () => {
  const text = settings({ forced: true, factors: [], backupCodes: { left: 1, total: 10, low: true } });

  it('offers to add and to end the sign-in, nothing else', () => {
    expect(text).toContain('href="/mfa/factors/new/totp"');
    expect(text).toContain('action="/mfa/challenge/cancel"');
    expect(text).not.toMatch(/\/disable|\/rename|\/backup-codes|\/dashboard/);
  });
});

describe('questions before something is taken away', () => {
  it.each<[ConfirmActionView, string, string]>([
    [{ action: 'remove', factor: phone }, '/mfa/factors/fac_sms/remove', 'Remove My mobile?'],
    [{ action: 'disable' }, '/mfa/disable', 'Turn off the second step?'],
    [{ action: 'regenerate' }, '/mfa/backup-codes', 'Make new backup codes?'],
  ])('%j', (view, action, heading) => {
    const text = question(view);
    expect(text).toContain(`<h1>${heading}</h1>`);
    expect([...text.matchAll(/action="([^"]+)"/g)].map(([, to]) => to)).toEqual([action]);
    expect(text).toContain('<a href="/mfa/factors">Cancel</a>');
  });

  it('say why it was refused', () => {
    const text = question({ action: 'remove', factor: phone, problem: { code: 'required_by_policy' } });
    expect(text).toContain('You need to keep at least one way to confirm that it is you');
  });
});

describe('renaming', () => {
  it('starts from the name it has', () => {
    const text = String(renamePage(frame, { factor: app }, copy).main);
    expect(text).toContain('action="/mfa/factors/fac_app/rename"');
    expect(text).toMatch(/id="name"[^>]* value="Work phone"/);
  });

  it('keeps what was typed', () => {
    const problem = { code: 'field_invalid', field: 'name' } as const;
    const text = String(renamePage(frame, { factor: app, typed: '', problem }, copy).main);
    expect(text).toMatch(/id="name"[^>]* value="" [^>]*aria-invalid="true"/);
  });
});

describe('the error page', () => {
  it('says what happened and where to go on', () => {
    const next = { label: 'sign_in', href: '/login' } as const;
    const { title, main } = errorPage(frame, { problem: { code: 'sign_in_again' }, next }, copy);
    expect(title).toBe('Error: Please sign in - Acme');
    expect(String(main)).toContain('This sign-in took too long or was ended. Sign in again');
    expect(String(main)).toContain('href="/login">Sign in</a>');
  });

  it('is never a dead end', () => {
    expect(String(errorPage(frame, { problem: { code: 'unavailable' } }, copy).main)).toContain('href="/dashboard"');
  });
});
