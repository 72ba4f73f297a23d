import type { Request } from 'express';
import type { Captcha } from '../core/captcha.js';
import { field } from '../core/field.js';
import type { Asking, Visitor } from '../flows/account.js';
import { serializedUser } from '../session/passport-session.js';
import { readMfa } from '../session/session-data.js';
import type { HttpDeps } from './http-deps.js';
import { factsOf } from './request-facts.js';

/** Who asks, by the session alone. Undefined: nobody we know. */
export function visitorOf(http: Pick<HttpDeps, 'passportKeys'>, req: Request): Visitor | undefined {
  const { pending, proof } = readMfa(req);
  if (pending)
    return {
      state: 'pending',
      pendingId: pending.id,
      owner: pending.owner,
      userId: pending.userId,
      epoch: pending.epoch,
    };
  if (proof && http.passportKeys.some((key) => serializedUser(req, key) === proof.serialized))
    return { state: 'signed-in', proof };
  return undefined;
}

/** Longer ones are no vendor's. */
const LONGEST_TOKEN = 8_192;

/** `captchaToken` of a client, or the field that the widget puts into a form. */
function tokenOf({ widget }: Captcha, req: Request): string | undefined {
  const body: unknown = req.body;
  const given = field(body, 'captchaToken') ?? field(body, widget.field);
  return typeof given === 'string' && given !== '' && given.length <= LONGEST_TOKEN ? given : undefined;
}

export function askingOf(
  http: Pick<HttpDeps, 'passportKeys' | 'localeOf' | 'flows'>,
  req: Request,
): Asking | undefined {
  const visitor = visitorOf(http, req);
  if (!visitor) return undefined;
  const captchaToken = http.flows.captcha && tokenOf(http.flows.captcha, req);
  return { visitor, facts: factsOf(req, http.localeOf), ...(captchaToken === undefined ? {} : { captchaToken }) };
}
