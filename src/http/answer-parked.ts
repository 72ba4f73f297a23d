import type { Request, Response } from 'express';
import type { Account } from '../flows/account.js';
import { describeAnswers } from '../flows/describe-challenge.js';
import { readMfa } from '../session/session-data.js';
import type { ChallengeAnswer, HttpDeps } from './http-deps.js';
import { wantsJson } from './negotiate.js';
import { sendRefusal } from './reply.js';
import { visitorOf } from './visitor.js';

/** The first factor was right and is not enough: a page goes to the challenge, JSON says what is needed, a host may say it its own way. */
export async function answerParked(http: HttpDeps, req: Request, res: Response, account: Account): Promise<void> {
  const visitor = visitorOf(http, req);
  if (!visitor) return sendRefusal(http, req, res, { ok: false, code: 'sign_in_again' });
  const described = await describeAnswers(http.flows, visitor, account);
  if (!described.ok) return sendRefusal(http, req, res, described);
  const enrol = described.next === 'enrol';
  const answer: ChallengeAnswer = {
    mfaRequired: true,
    purpose: 'sign-in',
    factors: described.options.map(({ factorId, kind, name, destination, channels, suggestedChannel }) => ({
      factorId,
      kind,
      name,
      ...(destination === undefined ? {} : { destination }),
      ...(channels === undefined ? {} : { channels }),
      ...(suggestedChannel === undefined ? {} : { suggestedChannel }),
    })),
    expiresAt: new Date(described.expiresAt ?? 0).toISOString(),
    next: enrol
      ? { action: 'enrol', href: `${http.mountPath}/factors` }
      : { action: 'challenge', href: `${http.mountPath}/challenge` },
    csrfToken: readMfa(req).pending?.csrf ?? '',
  };
  res.set('Cache-Control', 'no-store');
  if (http.onChallenge) return await http.onChallenge(req, res, answer);
  if (wantsJson(req)) res.status(200).json(answer);
  else res.redirect(303, answer.next.href);
}
