/** The `captcha` option: a captcha of ours or of somebody's own, refused at once where it could not work. */
import type { Captcha } from '../core/captcha.js';
import { durationMs } from '../core/duration.js';
import { MfaError } from '../core/errors.js';
import { count } from './check-options.js';

const SOURCE = /^https:\/\/[^\s;,'"]+$/;

export function readCaptcha(given: Captcha | undefined): Captcha | undefined {
  if (given === undefined) return undefined;
  const {
    provider,
    siteKey,
    widget,
    when = 'risk',
    whenDown,
    afterFailures,
    timeoutMs,
  }: Partial<Captcha> = given ?? {};
  const sources = Object.values(widget?.sources ?? {}).flat();
  const usable =
    typeof given?.verify === 'function' &&
    /^[a-z][a-z0-9-]{0,30}$/.test(String(provider)) &&
    typeof siteKey === 'string' &&
    SOURCE.test(String(widget?.script)) &&
    sources.every((one) => SOURCE.test(one));
  if (!usable)
    throw new MfaError(
      'set_up',
      "createMfa: `captcha` is none. Write `captcha: turnstile({ siteKey, secret })` with turnstile from 'express-mfa/captcha', or see `Captcha` for one of your own.",
    );
  if (!['risk', 'sends', 'failures'].includes(when))
    throw new MfaError('set_up', `createMfa: captcha.when is '${when}', expected 'risk', 'sends' or 'failures'.`);
  if (whenDown !== undefined && !['refuse', 'allow'].includes(whenDown))
    throw new MfaError('set_up', `createMfa: captcha.whenDown is '${whenDown}', expected 'refuse' or 'allow'.`);
  if (afterFailures !== undefined) count('captcha.afterFailures', afterFailures, 100);
  if (timeoutMs !== undefined) durationMs(timeoutMs, 'captcha.timeoutMs', { max: '10s' });
  return given;
}
