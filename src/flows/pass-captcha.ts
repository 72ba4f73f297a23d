import type { Captcha, CaptchaAsked, CaptchaVerdict } from '../core/captcha.js';
import { type Refusal, refuse } from '../core/errors.js';
import type { Factor } from '../core/factor.js';
import type { Subject } from '../core/words.js';
import type { Asking } from './account.js';
import type { FlowDeps } from './deps.js';
import { sayNow } from './say.js';

const TOKEN_KEPT_MS = 10 * 60_000;
const TIMEOUT_MS = 3_000;
const ASK_AGAIN_MS = 10_000;
const WRONG_BEFORE_CAPTCHA = 3;

/**
 * Which captcha the next answer needs, after so many wrong ones. Codes of an app and on paper stay for whoever cannot show a captcha; their tries are bounded all
 * the same.
 */
export function captchaForAnswer(
  { captcha }: Pick<FlowDeps, 'captcha'>,
  { factor, wrong }: { readonly factor: Pick<Factor, 'prepareSend'>; readonly wrong: number },
): CaptchaAsked | undefined {
  if (!captcha || !factor.prepareSend) return undefined;
  return wrong < (captcha.afterFailures ?? WRONG_BEFORE_CAPTCHA) ? undefined : asked(captcha);
}

function asked({ provider, siteKey }: Captcha): CaptchaAsked {
  return { provider, siteKey };
}

/** Undefined where the token that came along is a person's, or where there is no captcha to ask for. */
export async function passCaptcha(
  deps: FlowDeps,
  { facts, captchaToken }: Asking,
  { subject, before }: { readonly subject: Subject; readonly before: 'send' | 'answer' },
): Promise<Refusal | undefined> {
  const { captcha } = deps;
  if (!captcha) return undefined;
  const { provider, whenDown = before === 'send' ? 'refuse' : 'allow' } = captcha;
  if (captchaToken === undefined) return refuse('captcha_required', { captcha: asked(captcha) });
  const verdict = await verified(deps, captcha, captchaToken, facts.ip);
  const why = verdict.ok ? ((await isFirstUse(deps, captcha, captchaToken)) ? undefined : 'used') : verdict.why;
  if (why === undefined) return undefined;
  const isDown = why === 'unavailable' || why === 'config';
  await sayNow(deps, { subject, facts }, [
    { type: 'captcha.failed', provider, before, why, allowed: isDown && whenDown === 'allow' },
  ]);
  if (!isDown) return refuse('captcha_failed', { captcha: asked(captcha) });
  return whenDown === 'allow' ? undefined : refuse('delivery_unavailable', { retryAfterMs: ASK_AGAIN_MS });
}

/** Never throws, and never takes longer than it may: an own verifier may ignore its signal. */
async function verified(
  deps: FlowDeps,
  captcha: Captcha,
  token: string,
  ip: string | undefined,
): Promise<CaptchaVerdict> {
  const signal = AbortSignal.timeout(captcha.timeoutMs ?? TIMEOUT_MS);
  const late = new Promise<CaptchaVerdict>((resolve) => {
    signal.addEventListener('abort', () => resolve({ ok: false, why: 'unavailable' }), { once: true });
  });
  const about = { hostname: new URL(`http://${deps.host}`).hostname, signal, ...(ip === undefined ? {} : { ip }) };
  try {
    const verdict = await Promise.race([captcha.verify(token, about), late]);
    if (verdict?.ok === true) return verdict;
    if (verdict?.ok !== false) return { ok: false, why: 'unavailable' };
    if (verdict.why === 'config')
      deps.report(new Error(`express-mfa: ${captcha.provider} does not accept \`secret\`.`));
    return verdict;
  } catch (error) {
    deps.report(error);
    return { ok: false, why: 'unavailable' };
  }
}

/** Vendors take a token once; this holds also where one of them forgets, or a verifier of the host's own never knew. */
async function isFirstUse(
  deps: Pick<FlowDeps, 'store' | 'sealer'>,
  { isForTests }: Captcha,
  token: string,
): Promise<boolean> {
  if (isForTests) return true;
  const id = deps.sealer.keyedHash(`captcha ${token}`);
  const done = await deps.store.commit(`captcha:${id}`, {
    writes: [{ do: 'put', kind: 'captcha-token', id, data: null, ttlMs: TOKEN_KEPT_MS, if: 'absent' }],
  });
  return done.ok;
}
