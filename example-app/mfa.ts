/** The second step. This file is all the app has to say to express-mfa; `app.ts` mounts it in three lines. */

// In your app:
//   import { backupCodes, createMfa, email, phone, totp } from 'express-mfa';
import {
  backupCodes,
  type Captcha,
  createMfa,
  email,
  type Factor,
  type Mfa,
  type MfaEvent,
  type MfaOptions,
  type PhoneFactorChannel,
  phone,
  type Store,
  totp,
  type WebhookOptions,
} from '../src/index.js';
import type { Carriers } from './carriers.js';
import type { Mail } from './mail.js';
import type { Sessions } from './storage/sessions.js';
import type { User, Users } from './storage/users.js';
import type { SendingRules } from './trial/rules.js';
import { layoutFor, NAME } from './views/layout.js';
import { notice } from './views/sentences.js';

export interface SecondStep {
  readonly store: Store;
  readonly users: Users;
  readonly sessions: Sessions;
  /** Brings notices of what changed. */
  readonly sendMail: (mail: Mail) => Promise<unknown>;
  readonly carriers: Carriers;
  readonly secrets: readonly string[];
  readonly rules: SendingRules;
  readonly webhooks: WebhookOptions | undefined;
  readonly captcha: Captcha | undefined;
  readonly requireMfa: boolean;
  readonly countries: readonly string[];
  readonly showInbox: boolean;
  readonly clock: () => number;
  readonly baseUrl: string | undefined;
  readonly onEvent: ((event: MfaEvent) => void) | undefined;
  readonly onError: MfaOptions['onError'] | undefined;
}

export function secondStep(app: SecondStep): Mfa {
  const { users, sessions, clock } = app;
  return createMfa<User>({
    issuer: NAME,
    secrets: app.secrets,
    store: app.store, // storage/open.ts chooses it
    factors: factors(app),
    users: {
      findById: users.findById,
      // Somebody without a factor who signed in a while ago types the password again before the first one is added.
      verifyPassword: async ({ email }, password) => (await users.withPassword(email, password)) !== undefined,
    },
    policy: ({ requireMfa }) => (app.requireMfa || requireMfa ? 'required' : 'optional'),
    // What a log-in callback would do. It runs once both steps are right, whichever route they came by.
    afterSignIn: (_req, _res, user) => users.noteSignIn(user),
    endSessions: (userId) => sessions.endAllOf(String(userId)),
    notify: async (userId, event) => {
      const user = await users.findById(userId);
      if (user) await app.sendMail({ to: user.email, ...notice(event) });
    },
    // What codes cost, how much of that there may be, and what looks like fraud.
    ...app.rules,
    ...(app.webhooks ? { webhooks: app.webhooks } : {}),
    ...(app.captcha ? { captcha: app.captcha } : {}),
    pages: { layout: layoutFor({ showInbox: app.showInbox }) },
    clock,
    ...(app.onEvent ? { onEvent: app.onEvent } : {}),
    ...(app.onError ? { onError: app.onError } : {}),
    // Needed in production. During development the app answers to whatever address it is opened by.
    ...(app.baseUrl === undefined ? {} : { baseUrl: app.baseUrl }),
  });
}

function factors({ carriers, countries }: SecondStep): readonly Factor[] {
  return [
    totp(),
    ...phones(carriers, countries),
    // Passwords are not reset by mail here, but would be by this address in a real bank.
    ...(carriers.email ? [email<User>({ via: carriers.email, resetAddresses: (user) => user.email })] : []),
    backupCodes(),
  ];
}

/** Where hardly anybody has it. */
const WITHOUT_WHATSAPP: ReadonlySet<string> = new Set(['CN', 'JP', 'KR']);

/** One number, and every way there is a carrier for. Of several carriers the best one brings the code, and at most one more takes over. */
function phones({ sms, voice, whatsapp, flashCall }: Carriers, countries: readonly string[]): readonly Factor[] {
  const onWhatsApp = countries.filter((country) => !WITHOUT_WHATSAPP.has(country));
  const channels: readonly PhoneFactorChannel[] = [
    ...(sms ? [{ channel: 'sms', via: sms } as const] : []),
    ...(whatsapp && onWhatsApp.length > 0
      ? [{ channel: 'whatsapp', via: whatsapp, countries: onWhatsApp } as const]
      : []),
    ...(voice ? [{ channel: 'voice', via: voice } as const] : []),
    ...(flashCall ? [{ channel: 'flash-call', via: flashCall } as const] : []),
  ];
  return channels.length > 0 ? [phone({ channels, countries })] : [];
}
