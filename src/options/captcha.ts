/** The `captcha` option: a captcha of ours or of somebody's own, refused at once where it could not work. */
import type { Captcha } from '../core/captcha.js';
import { durationMs } from '../core/duration.js';
import { MfaError } from '../core/errors.js';
import { count } from './check-options.js';

/** As it stands in a policy: nothing that would end the directive. */
const SOURCE = /^https:\/\/[^\s;,'"]+$/;
const PATH = /^\/(?!\/)[^\s"'<>\\]*$/;
const NAME = /^[\w-]{1,64}$/;

export function readCaptcha(
  given: Captcha | undefined,
  { production, hasRisk }: { readonly production: boolean; readonly hasRisk: boolean },
): Captcha | undefined {
  if (given === undefined) return undefined;
  if (typeof given?.verify !== 'function')
    throw new MfaError(
      'set_up',
      "createMfa: `captcha` is none. Write `captcha: turnstile({ siteKey, secret })` with turnstile from 'express-mfa/captcha', or see `Captcha` for one of your own.",
    );
  checkWidget(given);
  const { when = hasRisk ? 'risk' : 'sends', whenDown, afterFailures, timeoutMs } = given;
  if (!['risk', 'sends', 'failures'].includes(when))
    throw new MfaError('set_up', `createMfa: captcha.when is '${when}', expected 'risk', 'sends' or 'failures'.`);
  if (when === 'risk' && !hasRisk)
    throw new MfaError(
      'set_up',
      "createMfa: captcha.when is 'risk', and nobody looks at it. Add `risk: {}`, or write `when: 'sends'` or `when: 'failures'`.",
    );
  if (whenDown !== undefined && !['refuse', 'allow'].includes(whenDown))
    throw new MfaError('set_up', `createMfa: captcha.whenDown is '${whenDown}', expected 'refuse' or 'allow'.`);
  if (afterFailures !== undefined) count('captcha.afterFailures', afterFailures, 100);
  if (timeoutMs !== undefined) durationMs(timeoutMs, 'captcha.timeoutMs', { max: '10s' });
  if (production && given.isForTests)
    throw new MfaError(
      'set_up',
      `createMfa: the keys of \`captcha\` are those of ${given.provider} for tests. They let everybody through, and this is production.`,
    );
  // Its `verify` may be a method.
  return { ...given, when, verify: (token, about) => given.verify(token, about) };
}

/** What ends up in the page and its policy. */
function checkWidget({ provider, siteKey, widget }: Partial<Captcha>): void {
  const { script, className, field, sources = {} } = widget ?? {};
  expects('provider', provider, /^[a-z][a-z0-9-]{0,30}$/, 'a name in lower case');
  expects('siteKey', siteKey, /^\S+$/, 'a text without spaces');
  const isHere = typeof script === 'string' && PATH.test(script);
  if (!isHere) expects('widget.script', script, SOURCE, "an https address, or a path such as '/captcha.js'");
  if (className !== undefined) expects('widget.className', className, NAME, 'letters, digits, - and _');
  expects('widget.field', field, NAME, 'letters, digits, - and _');
  for (const source of Object.values(sources).flat()) expects('widget.sources', source, SOURCE, 'https addresses');
}

function expects(name: string, given: unknown, form: RegExp, what: string): void {
  if (typeof given === 'string' && form.test(given)) return;
  throw new MfaError('set_up', `createMfa: captcha.${name} is '${String(given)}', expected ${what}.`);
}
