import { describe, expect, it } from '@jest/globals';
import { copy } from '../../../src/http/copy.js';
import { challengePage } from '../../../src/http/pages/challenge.js';
import type { ChallengeView } from '../../../src/http/pages/views.js';
import { app, appChallenge, codes, frame, password, phone, phoneChallenge } from './samples.js';

const show = (view: ChallengeView) => String(challengePage(frame, view, copy).main);

function inputOf(text: string, id = 'code'): string | undefined {
  return new RegExp(`<input[^>]* id="${id}"[^>]*>`).exec(text)?.[0];
}

/** The actions and links below the code form, in order. */
function waysOf(text: string): string[] {
  const [, list = ''] = text.split('<ul class="mfa-ways">');
  return [...list.matchAll(/(?:href|action)="([^"]+)"/g)].map(([, target]) => target ?? '');
}

describe('the code field', () => {
  it('is one input as browsers and phones want it', () => {
    expect(inputOf(show(appChallenge))).toBe(
      '<input class="mfa-code mfa-code-digits" id="code" name="code" type="text" inputmode="numeric" ' +
        'autocomplete="one-time-code" autocapitalize="off" spellcheck="false" ' +
        'aria-describedby="code-hint code-error" autofocus>',
    );
  });

  it('never refuses or cuts what is typed', () => {
    for (const view of [appChallenge, phoneChallenge]) {
      expect(inputOf(show(view))).not.toMatch(/maxlength|pattern|required|minlength|type="number"/);
    }
  });

  it('has a label that says how many digits, and a hint', () => {
    expect(show(appChallenge)).toContain('<label for="code">6-digit code</label>');
    expect(show(appChallenge)).toContain('Open your authenticator app and enter the 6-digit code for Acme.');
  });

  it('shows the keyboard for letters where the code is a backup code', () => {
    const input = inputOf(show({ ...appChallenge, chosen: codes }));
    expect(input).toContain('name="code"');
    expect(input).not.toContain('inputmode');
  });

  it('asks the browser for the code only where a text message was sent', () => {
    expect(show(phoneChallenge)).toContain('<mfa-code-input data-webotp>');
    expect(show(appChallenge)).toContain('<mfa-code-input>');
  });

  it('keeps nothing that was typed and gives the focus to the summary after a wrong code', () => {
    const text = show({ ...appChallenge, problem: { code: 'code_wrong', field: 'code' } });
    expect(inputOf(text)).not.toMatch(/value=|autofocus/);
    expect(text).toContain('<a href="#code">That code is not right. Check it and try again</a>');
  });
});

describe('the form', () => {
  it('names the factor and the challenge', () => {
    const text = show(phoneChallenge);
    expect(text).toContain('<form method="post" action="/mfa/challenge/verify" novalidate>');
    expect(text).toContain('<input type="hidden" name="factorId" value="fac_sms">');
    expect(text).toContain('<input type="hidden" name="challengeId" value="ch_1">');
    expect(text).not.toContain('name="return"');
  });

  it('carries where a step-up leads to, on every way', () => {
    const text = show({ ...phoneChallenge, purpose: 'step-up', returnTo: '/payout?a=1&b=2' });
    expect(text.match(/<input type="hidden" name="return" value="\/payout\?a=1&amp;b=2">/g)).toHaveLength(2);
    expect(text).toContain('href="/mfa/challenge?choose&amp;return=%2Fpayout%3Fa%3D1%26b%3D2"');
  });

  it('asks for the password of a person who has no factor', () => {
    const text = show({ purpose: 'step-up', chosen: password, others: [] });
    expect(inputOf(text, 'password')).toMatch(/name="password" type="password" autocomplete="current-password"/);
    expect(text).not.toContain('id="code"');
    expect(text).toContain('value="ada@example.com" hidden>');
  });

  it('says how long a code that was sent lives, and where it went', () => {
    expect(show(phoneChallenge)).toContain('We sent a code to ••• ••• 56 in a text message. It expires in 5 minutes.');
  });

  it('says before any code is given that the one now shown was used', () => {
    const text = show({ ...appChallenge, chosen: { ...app, waitSeconds: 12 } });
    expect(text).toContain('Wait 12 seconds for the next one.');
  });

  it('never shows the account before the second factor is right', () => {
    expect(show(appChallenge)).not.toContain('ada@example.com');
  });
});

describe('the ways out', () => {
  it('come in the same order: new code, another way, cancel', () => {
    expect(waysOf(show(phoneChallenge))).toEqual(['/mfa/challenge', '/mfa/challenge?choose', '/mfa/challenge/cancel']);
  });

  it('tell when a new code can be asked for', () => {
    const challenge = { id: 'ch_1', channel: 'sms', destination: '56', expiresInMinutes: 5, resendsLeft: 1 };
    const soon = show({ ...phoneChallenge, challenge: { ...challenge, resendInSeconds: 28 } });
    expect(soon).toContain(
      '<mfa-wait data-seconds="28"><p class="mfa-muted">You can ask for a new code in 28 seconds</p>',
    );
    const never = show({ ...phoneChallenge, challenge: { ...challenge, resendInSeconds: 0, resendsLeft: 0 } });
    expect(never).toContain('We cannot send any more codes for this sign-in');
    expect(waysOf(never)).not.toContain('/mfa/challenge');
  });

  it('leave out another way where there is none', () => {
    expect(waysOf(show({ ...appChallenge, others: [] }))).toEqual(['/mfa/challenge/cancel']);
  });

  it('lead home from a step-up, since there is no sign-in to end', () => {
    expect(waysOf(show({ ...appChallenge, purpose: 'step-up' }))).toEqual(['/mfa/challenge?choose', '/dashboard']);
  });

  it('announce a code that was sent again', () => {
    expect(show({ ...phoneChallenge, status: 'code_sent' })).toMatch(/role="status">A code is on its way to you</);
  });
});

describe('the chooser', () => {
  const text = show({ purpose: 'sign-in', others: [app, phone, codes] });

  it('posts for what sends a code, one row for each channel', () => {
    expect(text.match(/action="\/mfa\/challenge"/g)).toHaveLength(2);
    expect(text).toContain('<input type="hidden" name="channel" value="voice">');
    expect(text).toContain('Phone call</span> <span class="mfa-option-detail">My mobile · to ••• ••• 56');
  });

  it('links to what needs no sending', () => {
    expect(text).toContain('href="/mfa/challenge?factor=fac_app"');
    expect(text).toContain('href="/mfa/challenge?factor=fac_codes"');
  });

  it('has no code field', () => {
    expect(inputOf(text)).toBeUndefined();
  });
});

describe('a sending factor before anything is sent', () => {
  const text = show({ purpose: 'sign-in', chosen: phone, others: [], digits: 6 });

  it('offers to send, since a page that is looked at sends nothing', () => {
    expect(text).toContain('Text me a code');
    expect(text).toContain('Call me with a code');
    expect(inputOf(text)).toBeUndefined();
  });

  it('shows the problem without a link to a field that is not there', () => {
    const expired = show({
      purpose: 'sign-in',
      chosen: phone,
      others: [],
      problem: { code: 'challenge_expired', field: 'code' },
    });
    expect(expired).toContain('<p>That code has expired. We can send a new one</p>');
  });
});

describe('factors of others', () => {
  const card = { id: 'a/b?c', kind: 'card', name: 'Key card' };

  it('go by their own kind', () => {
    expect(show({ purpose: 'sign-in', others: [card] })).toContain('<span class="mfa-option-label">card</span>');
  });

  it('have ids that cannot leave their place in a path', () => {
    expect(show({ purpose: 'sign-in', others: [card] })).toContain('?factor=a%2Fb%3Fc"');
  });
});
