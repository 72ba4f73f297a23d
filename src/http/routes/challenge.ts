import type { Router } from 'express';
import { ERRORS, type Refusal } from '../../core/errors.js';
import type { Challenge } from '../../core/words.js';
import { cancelSignIn } from '../../flows/cancel-sign-in.js';
import { type ChallengeDescription, describeChallenge } from '../../flows/describe-challenge.js';
import { pickFactor } from '../../flows/pick-factor.js';
import { sendChallenge } from '../../flows/send-challenge.js';
import { type Verified, verifyChallenge } from '../../flows/verify-challenge.js';
import { PASSWORD, verifyPassword } from '../../flows/verify-password.js';
import { unpark } from '../../session/park.js';
import { readMfa } from '../../session/session-data.js';
import { captchaForSends } from '../captcha-view.js';
import { finish } from '../finish.js';
import type { HttpDeps } from '../http-deps.js';
import { wantsJson } from '../negotiate.js';
import { challengePage } from '../pages/challenge.js';
import { frameOf, retryAfter, sendPage, sendProblem, sendRefusal } from '../reply.js';
import { type ChallengeWish, challengeView } from './challenge-view.js';
import { type Call, queryText, route, textField } from './route.js';

/** `GET, POST /challenge`, `POST /challenge/verify`, `POST /challenge/cancel`: open to a pending sign-in, and to a step-up. */
export function challengeRoutes(http: HttpDeps, router: Router): void {
  router
    .route('/challenge')
    .get(route(http, 'pending', show))
    .post(route(http, 'pending', send));
  router.route('/challenge/verify').post(route(http, 'pending', verify));
  router.route('/challenge/cancel').post(route(http, 'pending', cancel));
}

async function show(call: Call): Promise<void> {
  const { http, req, res, asking, returnTo } = call;
  const described = await describeChallenge(http.flows, asking);
  if (!described.ok) return sendRefusal(http, req, res, described);
  const enrol = mustEnrol(call, described);
  if (!enrol && described.options.length === 0)
    return sendRefusal(http, req, res, { ok: false, code: 'sign_in_again' });
  if (enrol && !wantsJson(req)) return res.redirect(303, `${http.mountPath}/factors`);
  if (!wantsJson(req)) {
    const factorId = queryText(req, 'factor');
    return await showPage(call, {
      returnTo,
      ...(factorId === undefined ? {} : { factorId }),
      choose: req.query.choose !== undefined,
      ...(req.query.sent === undefined ? {} : { status: 'code_sent' }),
    });
  }
  const { pending, proof } = readMfa(req);
  res.json({
    purpose: described.purpose,
    factors: described.options,
    challenges: described.challenges.map(sentJson),
    ...(described.expiresAt === undefined ? {} : { expiresAt: new Date(described.expiresAt).toISOString() }),
    next: enrol
      ? { action: 'enrol', href: `${http.mountPath}/factors` }
      : { action: 'challenge', href: `${http.mountPath}/challenge` },
    ...captchaForSends(http),
    csrfToken: pending?.csrf ?? proof?.csrf,
  });
}

/**
 * Without a factor there is nothing to answer with: a forced sign-in sets one up, and so does who was stopped by `require()`. Who only wants to change factors may prove
 * themselves with the password, where the host can check it.
 */
function mustEnrol({ http, returnTo }: Call, described: ChallengeDescription): boolean {
  if (described.next !== 'enrol') return false;
  if (described.purpose === 'sign-in') return true;
  return returnTo !== undefined && returnTo !== http.mountPath && !returnTo.startsWith(`${http.mountPath}/`);
}

/** The page again, with what went wrong; read anew, because the wrong answer may have changed it. */
async function showPage(call: Call, wish: ChallengeWish): Promise<void> {
  const { http, req, res, asking } = call;
  const described = await describeChallenge(http.flows, asking);
  if (!described.ok) return sendRefusal(http, req, res, described);
  const frame = frameOf(http, req, described.subject.label);
  const status = wish.refusal ? ERRORS[wish.refusal.code].status : 200;
  if (wish.refusal) retryAfter(res, wish.refusal);
  const view = challengeView(http, described, wish);
  const captcha = view.captcha && http.flows.captcha?.widget;
  sendPage(http, req, res, challengePage(frame, view, http.copy(req)), { status, frame, captcha });
}

async function refuse(
  call: Call,
  refusal: Refusal,
  factorId: string | undefined,
  refused: 'send' | 'answer' = 'send',
): Promise<void> {
  const { http, req, res } = call;
  if (wantsJson(req)) return sendProblem(http, req, res, refusal);
  const lost: readonly string[] = ['sign_in_again', 'sign_in_refused', 'not_found', 'mfa_required', 'sign_in_required'];
  if (lost.includes(refusal.code)) return sendRefusal(http, req, res, refusal);
  const typed =
    refused === 'answer' ? { code: textField(call.input, 'code') } : { channel: textField(call.input, 'channel') };
  const { returnTo } = call;
  await showPage(call, { returnTo, refusal, refused, ...typed, ...(factorId === undefined ? {} : { factorId }) });
}

async function send(call: Call): Promise<void> {
  const { http, req, res, asking, input, returnTo } = call;
  const factorId = textField(input, 'factorId');
  if (factorId === undefined)
    return await refuse(call, { ok: false, code: 'field_invalid', field: 'factorId' }, undefined);
  const channel = textField(input, 'channel');
  const sent = await sendChallenge(http.flows, asking, { factorId, ...(channel === undefined ? {} : { channel }) });
  if (!sent.ok) return await refuse(call, sent, factorId);
  if (!wantsJson(req)) {
    const query = new URLSearchParams({
      factor: factorId,
      ...(sent.challenge ? { sent: '1' } : {}),
      ...(returnTo ? { return: returnTo } : {}),
    });
    return res.redirect(303, `${http.mountPath}/challenge?${query}`);
  }
  const { challenge } = sent;
  if (!challenge) return void res.status(202).json({ factorId });
  res.status(202).json({
    ...sentJson(challenge),
    ...(sent.resendAt === undefined ? {} : { resendAt: new Date(sent.resendAt).toISOString() }),
  });
}

function sentJson({ id, enrolmentId, channel, destination, expiresAt, delivery }: Challenge) {
  return {
    challengeId: id,
    factorId: enrolmentId,
    channel,
    destination,
    expiresAt: new Date(expiresAt).toISOString(),
    ...(delivery === undefined ? {} : { delivery }),
  };
}

async function verify(call: Call): Promise<void> {
  const { http, req, res, input } = call;
  const given = textField(input, 'factorId');
  const verified = await check(call, given);
  if (!verified.ok) return await refuse(call, verified, given, 'answer');
  const { ticket } = verified;
  await finish(http, req, res, ticket);
  const redirectTo = ticket.pending?.returnTo ?? call.returnTo ?? http.homeUrl;
  if (!wantsJson(req)) return res.redirect(303, redirectTo);
  res.json({
    authenticated: true,
    redirectTo,
    next: { action: 'continue', href: redirectTo },
    csrfToken: readMfa(req).proof?.csrf,
  });
}

async function check({ http, asking, input }: Call, given: string | undefined): Promise<Verified> {
  if (given === PASSWORD) return await verifyPassword(http.flows, asking, input.password);
  const factorId = given ?? (await pickFactor(http.flows, asking, input));
  if (typeof factorId === 'object') return factorId;
  const challengeId = textField(input, 'challengeId');
  return await verifyChallenge(http.flows, asking, {
    factorId,
    input,
    ...(challengeId === undefined ? {} : { challengeId }),
  });
}

async function cancel({ http, req, res, asking }: Call): Promise<void> {
  if (asking.visitor.state === 'pending') {
    await cancelSignIn(http.flows, asking);
    await unpark(req);
  }
  const href = asking.visitor.state === 'pending' ? http.signInUrl : http.homeUrl;
  if (wantsJson(req))
    res.json({ cancelled: true, next: { action: asking.visitor.state === 'pending' ? 'sign_in' : 'continue', href } });
  else res.redirect(303, href);
}
