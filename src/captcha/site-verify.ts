import type { Captcha, CaptchaAbout, CaptchaVerdict, CaptchaWhen } from '../core/captcha.js';
import { type Duration, durationMs } from '../core/duration.js';
import { MfaError } from '../core/errors.js';
import { field } from '../core/field.js';
import { httpCall, jsonOf } from '../core/http-call.js';
import { refuseUnknownOptions } from '../core/known-options.js';

/** What every vendor's captcha takes. */
export interface CaptchaOptions {
  /** Public: it stands in the page. */
  readonly siteKey: string;
  readonly secret: string;
  readonly when?: CaptchaWhen;
  /** Wrong answers of one user with one kind of factor; default 3, at most 100. */
  readonly afterFailures?: number;
  /** While the vendor cannot be reached. Default: sends are refused, answers allowed. */
  readonly whenDown?: 'refuse' | 'allow';
  /** Further host names that tokens may be made on, beside that of `baseUrl`. */
  readonly hostnames?: readonly string[];
  /** What the widget is told it is for; default `mfa`. */
  readonly action?: string;
  /** How long the vendor may take; default 3 s, at most 10. */
  readonly timeout?: Duration;
  /** Where tokens are checked; default the vendor's own address. */
  readonly verifyUrl?: string;
}

const COMMON = [
  'siteKey',
  'secret',
  'when',
  'afterFailures',
  'whenDown',
  'hostnames',
  'action',
  'timeout',
  'verifyUrl',
] as const;

/** In what one vendor differs from the others. */
export interface Vendor {
  readonly provider: string;
  readonly verifyUrl: string;
  /** Options beside the common ones. */
  readonly further: readonly string[];
  /** The vendor's secrets for tests, which take any token of its test keys. */
  readonly testSecrets: RegExp;
  /** What the vendor calls a token that was there before, or is too old. */
  readonly usedCodes: readonly string[];
  /** Whether the answer must say the action; where it need not, one that it says must be ours. */
  readonly actionRequired: boolean;
  scoreIsGood(score: unknown): boolean;
}

export const DEFAULT_ACTION = 'mfa';

/** What no vendor made need not be sent to one: nobody finds out which tokens make it fail. */
const TOKEN = /^[\x21-\x7e]+$/;

/** Without a verdict: the vendor could not read the request, of which only the token is not ours. */
const UNREADABLE = [400, 413, 414, 422];

/** Their secret, not the person's token. */
const OUR_FAULT = ['missing-input-secret', 'invalid-input-secret', 'not-using-dummy-secret', 'sitekey-secret-mismatch'];

/** Reads the common options and speaks the contract that the three vendors share: a form in, JSON out. Throws `set_up` with advice. */
export function siteVerify(vendor: Vendor, options: CaptchaOptions): Omit<Captcha, 'widget'> {
  const { provider } = vendor;
  refuseUnknownOptions(provider, options, [...COMMON, ...vendor.further]);
  const siteKey = requireKey(provider, 'siteKey', options.siteKey);
  const secret = requireKey(provider, 'secret', options.secret);
  const url = usableUrl(provider, options.verifyUrl ?? vendor.verifyUrl);
  const { hostnames = [], action = DEFAULT_ACTION, when, whenDown, afterFailures } = options;
  if (!Array.isArray(hostnames) || !hostnames.every((one) => typeof one === 'string' && /^[a-z0-9.-]+$/.test(one)))
    throw new MfaError(
      'set_up',
      `${provider}: \`hostnames\` is a list of names such as 'acme.example', in lower case.`,
    );
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(action))
    throw new MfaError('set_up', `${provider}: \`action\` is at most 32 letters, digits, - and _.`);

  const isForTests = vendor.testSecrets.test(secret);
  const ours = { hostnames, action, isForTests };
  return {
    provider,
    siteKey,
    ...(isForTests ? { isForTests } : {}),
    ...(when === undefined ? {} : { when }),
    ...(whenDown === undefined ? {} : { whenDown }),
    ...(afterFailures === undefined ? {} : { afterFailures }),
    timeoutMs: durationMs(options.timeout ?? '3s', `${provider}.timeout`, { max: '10s' }),
    async verify(token, { ip, hostname, signal }: CaptchaAbout): Promise<CaptchaVerdict> {
      if (!TOKEN.test(token)) return { ok: false, why: 'wrong' };
      const body = new URLSearchParams({ secret, response: token, ...(ip === undefined ? {} : { remoteip: ip }) });
      const answer = await httpCall({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
        body: body.toString(),
        signal,
      });
      if (!answer.ok || answer.status >= 500) return { ok: false, why: 'unavailable' };
      const verdict = judged(vendor, jsonOf(answer.text), { ...ours, hostnames: [hostname, ...hostnames] });
      return verdict ?? { ok: false, why: UNREADABLE.includes(answer.status) ? 'wrong' : 'unavailable' };
    },
  };
}

/** Undefined where the vendor gave none. */
function judged(
  vendor: Vendor,
  said: unknown,
  ours: { readonly hostnames: readonly string[]; readonly action: string; readonly isForTests: boolean },
): CaptchaVerdict | undefined {
  const success = field(said, 'success');
  if (success === false) return { ok: false, why: whyNot(vendor, field(said, 'error-codes')) };
  if (success !== true) return undefined;
  // Of the vendor's own test page, whose name and action are not ours.
  if (ours.isForTests) return { ok: true };
  const hostname = field(said, 'hostname');
  if (typeof hostname !== 'string' || !ours.hostnames.includes(hostname.toLowerCase()))
    return { ok: false, why: 'hostname' };
  const action = field(said, 'action');
  const isNamed = typeof action === 'string' && action !== '';
  if (isNamed ? action !== ours.action : vendor.actionRequired) return { ok: false, why: 'action' };
  const score = field(said, 'score');
  if (!vendor.scoreIsGood(score)) return { ok: false, why: 'score' };
  return { ok: true, ...(typeof score === 'number' ? { score } : {}) };
}

function whyNot({ usedCodes }: Vendor, given: unknown): (CaptchaVerdict & { ok: false })['why'] {
  const codes: readonly unknown[] = Array.isArray(given) ? given : [];
  if (codes.some((code) => OUR_FAULT.includes(String(code)))) return 'config';
  if (codes.includes('internal-error')) return 'unavailable';
  return codes.some((code) => usedCodes.includes(String(code))) ? 'used' : 'wrong';
}

function requireKey(provider: string, name: 'siteKey' | 'secret', given: unknown): string {
  if (typeof given === 'string' && /^[\x21-\x7e]{8,256}$/.test(given)) return given;
  throw new MfaError('set_up', `${provider}: \`${name}\` is missing. Both keys are on the vendor's page of your site.`);
}

function usableUrl(provider: string, given: string): URL {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const local = url !== undefined && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  if (url && (url.protocol === 'https:' || (local && url.protocol === 'http:'))) return url;
  throw new MfaError('set_up', `${provider}: \`verifyUrl\` is not an https address.`);
}

/** A threshold of a score, from 0 to 1. */
export function requireScore(provider: string, name: string, given: number | undefined): void {
  if (given === undefined || (typeof given === 'number' && given >= 0 && given <= 1)) return;
  throw new MfaError('set_up', `${provider}: \`${name}\` is a number from 0 to 1.`);
}
