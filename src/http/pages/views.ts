/** What the pages are given. Built by the routes, never by the pages: a page turns one of these into HTML and knows nothing else. */
import type { ErrorCode } from '../../core/errors.js';

/** The same for every page of one answer. */
export interface Frame {
  /** Where the router is mounted, without a trailing slash: `/mfa`. */
  readonly base: string;
  /** The `issuer` option: the product's name. */
  readonly issuer: string;
  /** Who is signing in or signed in, for pages that set something up; never shown before the first factor is right. */
  readonly account?: string;
  /** Hidden fields every form carries: ours and, where the host has one, the host's. */
  readonly csrf: readonly { readonly name: string; readonly value: string }[];
  /** Where a person goes from "Continue" and "Done"; same origin. */
  readonly home: string;
}

/** What the page with a captcha needs to show it. */
export interface CaptchaView {
  readonly siteKey: string;
  readonly script: string;
  /** Of the element that becomes the widget; without one a script of ours gets the token when the form is sent. */
  readonly className?: string;
  readonly action?: string;
  /** The form was sent already, and refused for want of it. */
  readonly isAsked?: boolean;
}

/** Something went wrong with what the person sent; shown in the error summary and at the field. */
export interface Problem {
  readonly code: ErrorCode;
  /** `code`, `phone`, `password`, `name`, `saved`; without one the summary stands alone. */
  readonly field?: string;
  readonly retryAfterSeconds?: number;
  readonly attemptsLeft?: number;
  /** By the one no code reaches the number; the other may be asked for instead. */
  readonly failedChannel?: string;
  readonly suggestedChannel?: string;
}

export interface FactorView {
  readonly id: string;
  readonly kind: string;
  /** The person's own name for it; may hold anything. */
  readonly name: string;
  /** Masked number or address, where the factor has one. */
  readonly destination?: string;
  /** For factors that send: the channels to choose from, in the operator's order. */
  readonly channels?: readonly string[];
  readonly suggestedChannel?: string;
  readonly lastChannel?: string;
  /** TOTP: the code the app shows now was used already; seconds until the next one. */
  readonly waitSeconds?: number;
  readonly createdAt?: Date;
  readonly lastUsedAt?: Date;
}

/** How far the code has come that the page waits for. */
export type CodeStatus = 'code_sent' | 'code_delivered' | 'code_undelivered';

export interface ChallengeView {
  readonly purpose: 'sign-in' | 'step-up';
  /** The factor whose code field is shown; without one the page is the chooser. `password` is a kind too (step-up of a user with no factor). */
  readonly chosen?: FactorView;
  readonly others: readonly FactorView[];
  /** Present once a code was sent. */
  readonly challenge?: {
    readonly id: string;
    readonly channel: string;
    readonly destination: string;
    readonly expiresInMinutes: number;
    /** 0 when a new code can be asked for now. */
    readonly resendInSeconds: number;
    readonly resendsLeft: number;
  };
  /** Digits of the chosen factor's code, where it is a number. */
  readonly digits?: number;
  /** Where to go afterwards; a same-origin path, carried in a hidden field `return` of a step-up. */
  readonly returnTo?: string;
  readonly problem?: Problem;
  /** A sentence for the `role="status"` line, by its key in the copy. */
  readonly status?: CodeStatus;
  /** What the person typed, where it was not looked at yet: shown again. */
  readonly typed?: { readonly code?: string };
  /** Asked for before the next code is sent, or with the answer. */
  readonly captcha?: CaptchaView & { readonly before: 'send' | 'answer' };
}

/** The page on which a kind of factor is begun: `GET /factors/new/:kind`. */
export interface BeginEnrolmentView {
  readonly kind: string;
  readonly forced: boolean;
  /** The factor that goes once the new one works. */
  readonly replaces?: Pick<FactorView, 'id' | 'name'>;
  /** What the person typed, to be shown again. */
  readonly typed?: {
    readonly phone?: string;
    readonly email?: string;
    readonly name?: string;
    readonly country?: string;
    readonly channel?: string;
  };
  /** What is asked for, beside a name. */
  readonly asks?: 'phone' | 'email';
  /** Where there are several: what the person may have their codes by. */
  readonly channels?: readonly string[];
  /** ISO 3166 alpha-2 codes from which a national number may be typed; the first is preselected. */
  readonly countries?: readonly string[];
  readonly captcha?: CaptchaView;
  readonly problem?: Problem;
}

/** The page of one enrolment that is not confirmed yet: `GET /factors/:id`. */
export interface ConfirmEnrolmentView {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly forced: boolean;
  readonly digits: number;
  /** For TOTP. */
  readonly totp?: {
    /** A complete `<svg>` element made by this library from the URI. */
    readonly qrSvg: string;
    /** Base32, no spaces. */
    readonly secret: string;
    readonly uri: string;
    readonly algorithm: string;
    readonly digits: number;
    readonly period: number;
  };
  /** For codes that are sent. */
  readonly sent?: {
    readonly channel: string;
    readonly destination: string;
    readonly expiresInMinutes: number;
    readonly resendInSeconds: number;
    readonly resendsLeft: number;
    /** What else the number takes, the suggested one first. */
    readonly otherChannels?: readonly string[];
  };
  /** TOTP: the code would have been right this many seconds ago (negative) or from now (positive): the phone's clock is off. */
  readonly clockSkewSeconds?: number;
  /** Asked for before the code is sent once more. */
  readonly captcha?: CaptchaView;
  readonly problem?: Problem;
  readonly status?: CodeStatus;
}

/** Freshly made backup codes, shown once: `GET /backup-codes` while they are unsaved. */
export interface FreshBackupCodesView {
  readonly codes: readonly string[];
  /** Where "Continue" leads once they are saved: a same-origin path, carried in a hidden field `return`. */
  readonly returnTo?: string;
  readonly problem?: Problem;
}

export interface BackupCodesView {
  readonly left: number;
  readonly total: number;
  /** True at 3 or fewer left. */
  readonly low: boolean;
  readonly problem?: Problem;
}

/** The settings page, and the first page of a forced enrolment: `GET /factors`. */
export interface FactorsView {
  /** The person must set up a factor before the sign-in is complete. */
  readonly forced: boolean;
  readonly factors: readonly FactorView[];
  /** Kinds that can be added, strongest first. */
  readonly canAdd: readonly string[];
  readonly backupCodes?: { readonly left: number; readonly total: number; readonly low: boolean };
  /** Policy lets this user turn everything off. */
  readonly canDisable: boolean;
  readonly problem?: Problem;
  readonly status?: 'factor_added' | 'factor_removed' | 'factor_renamed' | 'codes_saved' | 'disabled';
}

/** A question before something is taken away: `GET /factors/:id/remove`, `GET /disable`, `GET /backup-codes/new`. */
export type ConfirmActionView = (
  | { readonly action: 'remove'; readonly factor: FactorView }
  | { readonly action: 'disable' | 'regenerate'; readonly factor?: FactorView | undefined }
) & { readonly problem?: Problem | undefined };

/** Rename form: `GET /factors/:id/rename`. */
export interface RenameView {
  readonly factor: FactorView;
  readonly typed?: string;
  readonly problem?: Problem;
}

/** Anything that has no form of its own to go back to. */
export interface ErrorView {
  readonly problem: Problem;
  /** Where the person can go on. */
  readonly next?: { readonly label: 'sign_in' | 'home' | 'challenge' | 'factors'; readonly href: string };
  /** What the person can read out to support: a fault's number, as the host heard it. */
  readonly reference?: string;
}
