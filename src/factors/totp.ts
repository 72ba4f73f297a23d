import { digitsTyped } from '../core/codes.js';
import { MfaError, refuse } from '../core/errors.js';
import type { Answer, Factor, FactorContext, Verdict } from '../core/factor.js';
import { refuseUnknownOptions } from '../core/known-options.js';
import { bytesOfBase32, counterOf } from './hotp.js';
import { readImported } from './imported-totp.js';

export interface TotpOptions {
  /** Default `sha1`: the only one every authenticator app honours (RFC 6238 1.2). Kept with each enrolment. */
  readonly algorithm?: 'sha1' | 'sha256' | 'sha512';
  /** Default 6. */
  readonly digits?: 6 | 8;
  /** Seconds a code is shown; default 30. */
  readonly period?: 30 | 60;
  /** Steps accepted before and after the current one, 0 to 2; default 1 (RFC 6238 5.2). */
  readonly window?: 0 | 1 | 2;
}

/** What an enrolment keeps: parameters as they were when it was made, so that changing the options breaks nobody. */
interface TotpData {
  readonly secret: string;
  readonly algorithm: 'sha1' | 'sha256' | 'sha512';
  readonly digits: number;
  readonly period: number;
}

const NAME = 'Authenticator app';
/** RFC 4226 recommends 160 bits. */
const SECRET_BYTES = 20;
/** A set-up code this many steps off is named as a clock that is wrong, not as a wrong code. */
const SKEW_STEPS = 20;

/** Loaded when the first secret is made: apps that only import the library do not pay for it. Codes are checked on every sign-in, and by Node's own HMAC. */
const otplib = () => import('otplib');

/** Codes from an authenticator app: time-based one-time passwords, RFC 6238. */
export function totp(options: TotpOptions = {}): Factor {
  refuseUnknownOptions('totp', options, ['algorithm', 'digits', 'period', 'window']);
  const { algorithm = 'sha1', digits = 6, period = 30, window = 1 } = options;
  oneOf('digits', digits, [6, 8]);
  oneOf('algorithm', algorithm, ['sha1', 'sha256', 'sha512']);
  oneOf('period', period, [30, 60]);
  oneOf(
    'window',
    window,
    [0, 1, 2],
    " steps. A wider one makes guessing and replay easier; mend the server's clock instead",
  );

  async function verify(answer: Answer, context: FactorContext): Promise<Verdict> {
    const data = answer.enrolment.data as unknown as TotpData;
    const code = digitsTyped(answer.input.code, data.digits);
    if (code === undefined) return { ok: false, reason: 'malformed' };
    const secret = await context.open(data.secret);
    const step = matchingStep({ data, secret, code, now: context.now, steps: window });
    // Strictly increasing: a code seen once is over, whatever it was used for (RFC 6238 5.2). The store decides between two at once.
    if (step === undefined || step <= answer.enrolment.mark) return { ok: false, reason: 'wrong' };
    return { ok: true, raiseMarkTo: step };
  }

  async function confirmEnrolment(answer: Answer, context: FactorContext): Promise<Verdict> {
    const verdict = await verify(answer, context);
    if (verdict.ok) return verdict;
    const data = answer.enrolment.data as unknown as TotpData;
    const code = digitsTyped(answer.input.code, data.digits);
    if (code === undefined) return verdict;
    const secret = await context.open(data.secret);
    const step = matchingStep({ data, secret, code, now: context.now, steps: SKEW_STEPS });
    if (step === undefined) return verdict;
    return { ok: false, reason: 'wrong', clockSkewSeconds: (step - stepAt(context.now, data.period)) * data.period };
  }

  return {
    kind: 'totp',
    amr: ['otp', 'mfa'],
    strength: 80,
    role: 'factor',
    digits,
    async beginEnrolment(_input, context) {
      const { generateSecret } = await otplib();
      const secret = await context.seal(generateSecret({ length: SECRET_BYTES }));
      return { ok: true, data: { secret, algorithm, digits, period }, defaultName: NAME };
    },
    async importEnrolment(input, context) {
      const { ScureBase32Plugin } = await otplib();
      const base32 = new ScureBase32Plugin();
      const read = readImported(input, stepAt, context.now, (text) => base32.decode(text));
      if (typeof read === 'string') return read;
      const secret = base32.encode(read.secret);
      const { algorithm, digits, period, lastStep, weak } = read;
      return {
        ok: true,
        data: { secret: await context.seal(secret), algorithm, digits, period },
        defaultName: NAME,
        sameAs: secret,
        ...(lastStep === undefined ? {} : { mark: lastStep }),
        weak,
      };
    },
    async display(kept, context) {
      const data = kept as unknown as TotpData;
      const secret = await context.open(data.secret);
      return {
        secret,
        uri: await otpauthUri(secret, data, context),
        algorithm: data.algorithm.toUpperCase(),
        digits: data.digits,
        period: data.period,
      };
    },
    refuseMalformed(input) {
      // Six or eight: which of the two an enrolment wants is known only once it is read.
      const typed = digitsTyped(input.code, 6) ?? digitsTyped(input.code, 8);
      return typed === undefined ? refuse('code_malformed', { field: 'code' }) : undefined;
    },
    verify,
    confirmEnrolment,
    waitSeconds(enrolment, now) {
      const data = enrolment.data as unknown as TotpData;
      if (stepAt(now, data.period) > enrolment.mark) return 0;
      return Math.ceil(((enrolment.mark + 1) * data.period * 1000 - now) / 1000);
    },
  };
}

function oneOf(option: keyof TotpOptions, value: unknown, known: readonly unknown[], advice = ''): void {
  if (known.includes(value)) return;
  throw new MfaError('set_up', `totp.${option}: got ${String(value)}, expected one of ${known.join(', ')}${advice}.`);
}

function stepAt(now: number, period: number): number {
  return Math.floor(now / 1000 / period);
}

/** The step whose code this is, among those within `steps` of now. */
function matchingStep(input: {
  data: TotpData;
  secret: string;
  code: string;
  now: number;
  steps: number;
}): number | undefined {
  const { data, secret, code, now, steps } = input;
  const current = stepAt(now, data.period);
  const nearest = [current];
  for (let away = 1; away <= steps; away += 1) nearest.push(current - away, current + away);
  return counterOf(
    code,
    bytesOfBase32(secret),
    nearest.filter((step) => step >= 0),
    data,
  );
}

/**
 * Colons separate issuer and account in the label, so neither may hold one; what the URI says twice must agree. Half a character (a lone surrogate) cannot be
 * written into a URI at all, so the cut is between characters.
 */
async function otpauthUri(secret: string, data: TotpData, context: FactorContext): Promise<string> {
  const plain = (text: string) =>
    Array.from(text.replace(/[:\p{Cc}\p{Cs}]/gu, ' ').trim())
      .slice(0, 100)
      .join('');
  const { generateURI } = await otplib();
  return generateURI({
    strategy: 'totp',
    issuer: plain(context.issuer),
    label: plain(context.subject.label) || 'account',
    secret,
    algorithm: data.algorithm,
    digits: data.digits as 6 | 8,
    period: data.period,
  });
}
