import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { ERRORS, MfaError } from '../core/errors.js';
import type { HostUser, Proof } from '../core/words.js';
import { subjectOf } from '../flows/account.js';
import { type CompiledRule, compileRule, type Rule, type RulePredicate, type Unmet, unmetBy } from '../policy/rules.js';
import { userProperty } from '../session/passport-session.js';
import type { HttpDeps } from './http-deps.js';
import { isNavigation, wantsJson } from './negotiate.js';
import { challengeHeader, challengeHref, sendFault, sendRefusal } from './reply.js';
import { refererPath, safePath } from './return-path.js';
import { misplacedGate } from './set-up-checks.js';
import { visitorOf } from './visitor.js';

/** Step-up for one route: lets a request through whose proof meets the rule, from what the session holds. */
export function requireProof(http: HttpDeps, rule: Rule | RulePredicate = {}): RequestHandler {
  const compiled = compileRule(rule, [...http.flows.factors.keys()]);
  if (compiled.returnTo !== undefined && safePath(compiled.returnTo) === undefined) {
    throw new MfaError(
      'set_up',
      `mfa.require: \`returnTo\` is '${compiled.returnTo}', expected a path of this origin such as '/account'.`,
    );
  }

  return function requireProofMiddleware(req: Request, res: Response, next: NextFunction): void {
    const misplaced = misplacedGate(http, req);
    if (misplaced) return sendFault(http, req, res, misplaced);
    const visitor = visitorOf(http, req);
    if (!visitor) return sendRefusal(http, req, res, { ok: false, code: 'sign_in_required' });
    if (visitor.state === 'pending') return sendRefusal(http, req, res, { ok: false, code: 'mfa_required' });
    decide(http, req, res, { rule: compiled, proof: visitor.proof, next });
  };
}

interface Decision {
  readonly rule: CompiledRule;
  readonly proof: Proof;
  readonly next: NextFunction;
}

function decide(http: HttpDeps, req: Request, res: Response, { rule, proof, next }: Decision): void {
  let current: boolean | 'ask-the-store';
  try {
    current = rule.strict ? 'ask-the-store' : http.epochs.isCurrent(proof.owner, proof.epoch, proof.firstFactorAt);
  } catch (error) {
    return sendFault(http, req, res, error);
  }
  if (current !== 'ask-the-store') return judge(current);
  http.epochs
    .isCurrentInStore(proof.owner, proof.epoch)
    .then(judge, (error: unknown) => sendFault(http, req, res, error));

  function judge(isCurrent: boolean): void {
    if (!isCurrent) return sendRefusal(http, req, res, { ok: false, code: 'sign_in_again' });
    const user = (req as unknown as Record<string, unknown>)[userProperty(req)] as HostUser | undefined;
    // A token may have put somebody else on the request: the proof of this session is none for them.
    if (user && !isOwner(http, proof, user)) return sendRefusal(http, req, res, { ok: false, code: 'mfa_required' });
    const unmet = unmetBy(rule, proof, http.flows.clock(), user);
    if (unmet.length === 0) return next();
    deny(http, req, res, rule, unmet);
  }
}

/** A user without a usable id is nobody's. */
function isOwner(http: HttpDeps, proof: Proof, user: HostUser): boolean {
  try {
    return subjectOf(http.flows, user).owner === proof.owner;
  } catch {
    return false;
  }
}

/** The page a form was on: of the public origin, which behind a proxy is not the host this process is called by. */
function cameFrom(http: HttpDeps, req: Request): string | undefined {
  const referer = req.get('referer');
  const ours = http.origin === undefined ? undefined : new URL(http.origin).host;
  return refererPath(referer, req.get('host')) ?? refererPath(referer, ours);
}

/** Says for each requirement whether it is missing or expired, and where to go. */
function deny(http: HttpDeps, req: Request, res: Response, rule: CompiledRule, unmet: readonly Unmet[]): void {
  const back = safePath(rule.returnTo) ?? (isNavigation(req) ? safePath(req.originalUrl) : cameFrom(http, req));
  const href = challengeHref(http, back ?? http.homeUrl);
  res.set('Cache-Control', 'no-store');
  if (!wantsJson(req)) return res.redirect(303, href);
  challengeHeader(res, rule.withinMs === undefined ? {} : { maxAgeSeconds: Math.floor(rule.withinMs / 1000) });
  const { status, title } = ERRORS.fresh_proof_required;
  res
    .status(status)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: 'urn:express-mfa:error:fresh_proof_required',
        title,
        status,
        code: 'fresh_proof_required',
        unmet,
        next: { action: 'challenge', href },
      }),
    );
}
