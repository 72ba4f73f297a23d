/** The captcha port: a question that people answer and programs do not. `express-mfa/captcha` has three; a host may bring another. */

export interface Captcha {
  /** `recaptcha`, `hcaptcha`, `turnstile`, or a name of your own. Clients are told it. */
  readonly provider: string;
  /** Public; clients are told it. */
  readonly siteKey: string;
  readonly widget: CaptchaWidget;
  /**
   * When a token is asked for before a code is sent: where the risk is high (`risk`, which needs the `risk` option and is the default with it), always (`sends`, the
   * default without), or never (`failures`). In all three it is asked for with answers to sent codes after `afterFailures` wrong ones.
   */
  readonly when?: CaptchaWhen;
  /** Wrong answers of one user with one kind of factor; default 3, at most 100. */
  readonly afterFailures?: number;
  /**
   * What happens while the vendor cannot be reached. Default: sends are refused, because each costs money and the vendor's outage may be an attacker's doing;
   * answers are allowed, because they cost nothing and locks bound them anyway.
   */
  readonly whenDown?: 'refuse' | 'allow';
  /** Milliseconds the check may take; default 3,000. */
  readonly timeoutMs?: number;
  /** The keys are those that let everybody through, for tests: a token may come again, and in production `createMfa` refuses them. Default false. */
  readonly isForTests?: boolean;
  /** Asks the vendor. What it throws counts as `unavailable`. */
  verify(token: string, about: CaptchaAbout): Promise<CaptchaVerdict>;
}

export type CaptchaWhen = 'risk' | 'sends' | 'failures';

export interface CaptchaAbout {
  readonly ip?: string;
  /** The host name of `baseUrl`: a token made for another site is not ours. */
  readonly hostname: string;
  readonly signal: AbortSignal;
}

export type CaptchaVerdict =
  | { readonly ok: true; readonly score?: number }
  /** `config`: the vendor does not like our secret. That, and `unavailable`, is not the person's doing. */
  | {
      readonly ok: false;
      readonly why: 'wrong' | 'used' | 'hostname' | 'action' | 'score' | 'config' | 'unavailable';
    };

/** What the pages need. */
export interface CaptchaWidget {
  /** An https address, or a path of your own origin such as `/captcha.js`. */
  readonly script: string;
  /** The class of the element that the vendor's script turns into the widget; undefined where the token comes without one (reCAPTCHA v3). */
  readonly className?: string;
  readonly action?: string;
  /** The form field that the widget adds. */
  readonly field: string;
  /** What the content security policy of a page with the widget allows beside our own origin: https addresses. */
  readonly sources: Readonly<
    Partial<Record<'script-src' | 'frame-src' | 'style-src' | 'connect-src', readonly string[]>>
  >;
}

/** What a client needs to make a token. */
export interface CaptchaAsked {
  readonly provider: string;
  readonly siteKey: string;
}
