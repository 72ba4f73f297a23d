/** One of each state every page can be in, for the tests that hold for all pages. */

import { renderSVG } from 'uqr';
import { assets } from '../../../src/http/assets/index.js';
import { type Copy, copy } from '../../../src/http/copy.js';
import { backupCodesPage, freshBackupCodesPage } from '../../../src/http/pages/backup-codes.js';
import { beginEnrolmentPage } from '../../../src/http/pages/begin-enrolment.js';
import { challengePage } from '../../../src/http/pages/challenge.js';
import { confirmActionPage } from '../../../src/http/pages/confirm-action.js';
import { confirmEnrolmentPage } from '../../../src/http/pages/confirm-enrolment.js';
import { errorPage } from '../../../src/http/pages/error.js';
import { factorsPage } from '../../../src/http/pages/factors.js';
import { layout } from '../../../src/http/pages/layout.js';
import type { Page } from '../../../src/http/pages/page.js';
import { renamePage } from '../../../src/http/pages/rename.js';
import type {
  ChallengeView,
  ConfirmEnrolmentView,
  FactorsView,
  FactorView,
  Frame,
} from '../../../src/http/pages/views.js';

/** What a person or an attacker may have put into any field. */
export interface Given {
  /** Names, numbers, accounts: everything people type. */
  readonly text?: (usual: string) => string;
}

export interface Samples {
  readonly frame: Frame;
  readonly pages: Readonly<Record<string, Page>>;
}

export const frame: Frame = {
  base: '/mfa',
  issuer: 'Acme',
  account: 'ada@example.com',
  csrf: [
    { name: '_mfa', value: 'csrf-of-ours' },
    { name: '_csrf', value: 'csrf-of-the-host' },
  ],
  home: '/dashboard',
};

export function documentOf(page: Page, given: Frame = frame): string {
  const { css, js } = assets();
  return layout(given, page, { css: css.name, js: js.name });
}

export const app: FactorView = {
  id: 'fac_app',
  kind: 'totp',
  name: 'Work phone',
  createdAt: new Date('2026-03-03'),
  lastUsedAt: new Date('2026-05-04'),
};
export const phone: FactorView = {
  id: 'fac_sms',
  kind: 'sms',
  name: 'My mobile',
  destination: '••• ••• 56',
  channels: ['sms', 'voice'],
  createdAt: new Date('2026-03-05'),
};
/** One number with several channels, one of which rings. */
export const number: FactorView = {
  id: 'fac_phone',
  kind: 'phone',
  name: '',
  destination: '••• ••• 56',
  channels: ['sms', 'whatsapp', 'voice', 'flash-call'],
  suggestedChannel: 'sms',
  lastChannel: 'voice',
  createdAt: new Date('2026-03-05'),
};
export const codes: FactorView = { id: 'fac_codes', kind: 'backup-codes', name: '' };
export const password: FactorView = { id: 'password', kind: 'password', name: '' };

const sent = { channel: 'sms', destination: '••• ••• 56', expiresInMinutes: 5, resendInSeconds: 0, resendsLeft: 2 };

export const appChallenge: ChallengeView = { purpose: 'sign-in', chosen: app, others: [phone, codes], digits: 6 };
export const phoneChallenge: ChallengeView = {
  purpose: 'sign-in',
  chosen: phone,
  others: [app, codes],
  challenge: { id: 'ch_1', ...sent },
  digits: 6,
};

const uri = 'otpauth://totp/Acme:ada%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Acme';
export const appEnrolment: ConfirmEnrolmentView = {
  id: 'enr_1',
  kind: 'totp',
  name: 'Work phone',
  forced: false,
  digits: 6,
  totp: {
    qrSvg: renderSVG(uri),
    secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
    uri,
    algorithm: 'SHA-1',
    digits: 6,
    period: 30,
  },
};
export const phoneEnrolment: ConfirmEnrolmentView = {
  id: 'enr_2',
  kind: 'sms',
  name: 'My mobile',
  forced: false,
  digits: 6,
  sent: { ...sent, resendInSeconds: 28 },
};

export const freshCodes = [
  'K7QX-M2DP-9RTVA',
  '4HZN-8WCE-J3YFB',
  'TQ5R-X1KM-6PDGC',
  'B9VW-3FNH-E8ZJD',
  '7CYT-R4QA-K2MXE',
  'D1PG-W6HS-5VNRF',
  'X8KJ-9ZQB-3TCYG',
  '2MFE-N7RD-4WPVH',
  'H6SA-J5XT-8QKZJ',
  'R3BN-C9YG-1DMWK',
];

const settings: FactorsView = {
  forced: false,
  factors: [app, phone],
  canAdd: ['totp', 'sms', 'voice', 'whatsapp'],
  backupCodes: { left: 7, total: 10, low: false },
  canDisable: true,
};

function challenges(given: Frame, texts: Copy, typed: (usual: string) => string): Record<string, Page> {
  const page = (view: ChallengeView) => challengePage(given, view, texts);
  const named = { ...phone, name: typed('My mobile'), destination: typed('••• ••• 56') };
  const resent = { id: 'ch_1', ...sent, destination: typed(sent.destination), resendInSeconds: 28 };
  return {
    'challenge-app': page({ ...appChallenge, others: [named] }),
    'challenge-app-wrong': page({ ...appChallenge, problem: { code: 'code_wrong', field: 'code', attemptsLeft: 2 } }),
    'challenge-app-used': page({ ...appChallenge, chosen: { ...app, waitSeconds: 12 } }),
    'challenge-app-locked': page({ ...appChallenge, problem: { code: 'user_locked', retryAfterSeconds: 720 } }),
    'challenge-phone': page({ ...phoneChallenge, challenge: resent }),
    'challenge-phone-resent': page({ ...phoneChallenge, status: 'code_sent', returnTo: typed('/payout?a=1') }),
    'challenge-phone-unsent': page({ purpose: 'sign-in', chosen: named, others: [], digits: 6 }),
    'challenge-channels': page({ purpose: 'sign-in', chosen: number, others: [app] }),
    'challenge-channel-failed': page({
      purpose: 'sign-in',
      chosen: { ...number, channels: ['voice', 'whatsapp'], suggestedChannel: 'voice' },
      others: [app],
      problem: { code: 'destination_refused', failedChannel: 'sms', suggestedChannel: 'voice' },
    }),
    'challenge-undelivered': page({
      ...phoneChallenge,
      chosen: { ...number, suggestedChannel: 'voice' },
      challenge: { id: 'ch_1', ...sent },
      status: 'code_undelivered',
    }),
    'challenge-ring': page({
      ...phoneChallenge,
      chosen: { ...number, suggestedChannel: 'flash-call' },
      challenge: { ...resent, channel: 'flash-call' },
      digits: 5,
    }),
    'challenge-backup': page({ purpose: 'sign-in', chosen: codes, others: [app] }),
    'challenge-password': page({ purpose: 'step-up', chosen: password, others: [], returnTo: typed('/payout') }),
    'challenge-other': page({
      purpose: 'step-up',
      chosen: { id: 'x', kind: 'card', name: typed('My card') },
      others: [],
    }),
    chooser: page({ purpose: 'sign-in', others: [{ ...app, name: typed('Work phone') }, named, codes] }),
    'chooser-channels': page({ purpose: 'sign-in', others: [app, number, codes] }),
  };
}

function enrolments(given: Frame, texts: Copy, typed: (usual: string) => string): Record<string, Page> {
  const begin = { phone: typed('0491 570 15'), name: typed('My mobile'), country: 'AU' };
  const countries = ['GB', 'AU'];
  const confirm = (view: ConfirmEnrolmentView) => confirmEnrolmentPage(given, view, texts);
  return {
    'begin-app': beginEnrolmentPage(given, { kind: 'totp', forced: false, typed: { name: typed('a') } }, texts),
    'begin-replacement': beginEnrolmentPage(
      given,
      { kind: 'totp', forced: false, replaces: { id: 'totp.old', name: typed('Old phone') } },
      texts,
    ),
    'begin-phone': beginEnrolmentPage(given, { kind: 'sms', asks: 'phone', forced: false, countries }, texts),
    'begin-phone-wrong': beginEnrolmentPage(
      given,
      {
        kind: 'sms',
        asks: 'phone',
        forced: true,
        countries,
        typed: begin,
        problem: { code: 'field_invalid', field: 'phone' },
      },
      texts,
    ),
    'begin-channels': beginEnrolmentPage(
      given,
      {
        kind: 'phone',
        asks: 'phone',
        forced: false,
        countries,
        channels: ['sms', 'whatsapp', 'voice'],
        typed: { ...begin, channel: 'sms' },
        problem: { code: 'destination_refused', failedChannel: 'sms', suggestedChannel: 'voice' },
      },
      texts,
    ),
    'confirm-channels': confirm({
      ...phoneEnrolment,
      kind: 'phone',
      sent: { ...sent, resendInSeconds: 0, otherChannels: ['whatsapp', 'voice'] },
    }),
    'confirm-channel-failed': confirm({
      ...phoneEnrolment,
      kind: 'phone',
      sent: { ...sent, resendInSeconds: 28, otherChannels: ['voice', 'whatsapp'] },
      problem: { code: 'destination_refused', failedChannel: 'sms', suggestedChannel: 'voice' },
    }),
    'confirm-ring': confirm({
      ...phoneEnrolment,
      kind: 'phone',
      digits: 5,
      sent: { ...sent, channel: 'flash-call', otherChannels: ['sms'] },
    }),
    'confirm-app': confirm({ ...appEnrolment, name: typed('Work phone') }),
    'confirm-app-wrong': confirm({
      ...appEnrolment,
      clockSkewSeconds: 95,
      problem: { code: 'code_wrong', field: 'code' },
    }),
    'confirm-phone': confirm({ ...phoneEnrolment, sent: { ...sent, destination: typed(sent.destination) } }),
    'fresh-codes': freshBackupCodesPage(given, { codes: freshCodes }, texts),
    'fresh-codes-unsaved': freshBackupCodesPage(
      given,
      { codes: freshCodes, problem: { code: 'field_invalid', field: 'saved' } },
      texts,
    ),
    'backup-codes': backupCodesPage(given, { left: 7, total: 10, low: false }, texts),
    'backup-codes-low': backupCodesPage(given, { left: 2, total: 10, low: true }, texts),
  };
}

function settingsPages(given: Frame, texts: Copy, typed: (usual: string) => string): Record<string, Page> {
  const factor = { ...phone, name: typed('My mobile'), destination: typed('••• ••• 56') };
  const long = { ...factor, name: typed('Averylongnamewithoutanyspaceinitatallforanoldphone@work') };
  const low = { left: 2, total: 10, low: true };
  return {
    factors: factorsPage(given, { ...settings, factors: [app, factor], status: 'factor_added' }, texts),
    'factors-long': factorsPage(given, { ...settings, factors: [{ ...long, destination: long.name }] }, texts),
    'factors-low': factorsPage(given, { ...settings, backupCodes: low, problem: { code: 'conflict' } }, texts),
    'factors-none': factorsPage(
      given,
      { forced: false, factors: [], canAdd: ['totp', 'sms'], canDisable: false },
      texts,
    ),
    'factors-forced': factorsPage(
      given,
      { forced: true, factors: [], canAdd: ['totp', 'sms'], canDisable: false },
      texts,
    ),
    remove: confirmActionPage(given, { action: 'remove', factor }, texts),
    'remove-refused': confirmActionPage(
      given,
      { action: 'remove', factor, problem: { code: 'required_by_policy' } },
      texts,
    ),
    disable: confirmActionPage(given, { action: 'disable' }, texts),
    regenerate: confirmActionPage(given, { action: 'regenerate' }, texts),
    rename: renamePage(given, { factor }, texts),
    'rename-wrong': renamePage(
      given,
      { factor, typed: typed('x'), problem: { code: 'field_invalid', field: 'name' } },
      texts,
    ),
    error: errorPage(
      given,
      { problem: { code: 'not_found' }, next: { label: 'home', href: typed('/dashboard') } },
      texts,
    ),
    'error-dead-end': errorPage(given, { problem: { code: 'unavailable' } }, texts),
  };
}

/** Every page in every state; with `text`, everything a person may have typed is turned into that. */
export function samples({ text: typed = (usual) => usual }: Given = {}): Samples {
  const given = { ...frame, issuer: typed(frame.issuer), account: typed(frame.account ?? '') };
  const pages = {
    ...challenges(given, copy, typed),
    ...enrolments(given, copy, typed),
    ...settingsPages(given, copy, typed),
  };
  return { frame: given, pages };
}

export const allPages = Object.entries(samples().pages).map(([name, page]) => ({ name, page, text: documentOf(page) }));
