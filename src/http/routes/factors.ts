import type { Router } from 'express';
import { ERRORS, type Refusal } from '../../core/errors.js';
import { describeFactors, type FactorDescription, type FactorsDescription } from '../../flows/describe-factors.js';
import { disableMfa } from '../../flows/disable-mfa.js';
import { removeFactor } from '../../flows/remove-factor.js';
import { renameFactor } from '../../flows/rename-factor.js';
import type { Ticket } from '../../flows/ticket.js';
import { captchaForSends } from '../captcha-view.js';
import { finish } from '../finish.js';
import type { HttpDeps } from '../http-deps.js';
import { wantsJson } from '../negotiate.js';
import { confirmActionPage } from '../pages/confirm-action.js';
import { factorsPage } from '../pages/factors.js';
import { renamePage } from '../pages/rename.js';
import type { FactorsView, FactorView } from '../pages/views.js';
import { frameOf, problemOf, sendPage, sendRefusal } from '../reply.js';
import { showDraftPage } from './enrolment.js';
import { type Call, queryText, route, textField } from './route.js';

const DONE = ['factor_added', 'factor_removed', 'factor_renamed', 'codes_saved', 'disabled'] as const;

/** The settings: what is set up, renaming, removing, turning everything off. */
export function factorRoutes(http: HttpDeps, router: Router): void {
  router.route('/').get(route(http, 'enrolling', home));
  router.route('/status').get(route(http, 'signed-in', status));
  router.route('/factors').get(route(http, 'enrolling', list));
  router
    .route('/factors/:id')
    .get(route(http, 'enrolling', showDraftPage))
    .patch(route(http, 'signed-in', rename))
    .delete(route(http, 'signed-in', remove));
  router
    .route('/factors/:id/rename')
    .get(route(http, 'signed-in', askName))
    .post(route(http, 'signed-in', rename));
  router
    .route('/factors/:id/remove')
    .get(route(http, 'signed-in', askRemove))
    .post(route(http, 'signed-in', remove));
  router
    .route('/disable')
    .get(route(http, 'signed-in', askDisable))
    .post(route(http, 'signed-in', disable));
}

function factorIdOf(call: Call): string {
  const { id } = call.req.params;
  return typeof id === 'string' ? id : '';
}

function factorView(factor: FactorDescription): FactorView {
  const { id, kind, name, destination, createdAt, lastUsedAt } = factor;
  return {
    id,
    kind,
    name,
    ...(destination === undefined ? {} : { destination }),
    createdAt: new Date(createdAt),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt: new Date(lastUsedAt) }),
  };
}

function factorsView(described: FactorsDescription, done: string | undefined): FactorsView {
  const status = DONE.find((one) => one === done);
  return {
    forced: described.forced,
    factors: described.factors.map(factorView),
    canAdd: described.canAdd,
    ...(described.backupCodes ? { backupCodes: described.backupCodes } : {}),
    canDisable: described.canDisable,
    ...(status ? { status } : {}),
  };
}

/** What is set up and what policy asks, for clients. */
function asJson(described: FactorsDescription) {
  const { factors, canAdd, channels, backupCodes, required, canDisable, fresh } = described;
  return {
    factors: factors.map(({ createdAt, lastUsedAt, ...rest }) => ({
      ...rest,
      createdAt: new Date(createdAt).toISOString(),
      ...(lastUsedAt === undefined ? {} : { lastUsedAt: new Date(lastUsedAt).toISOString() }),
    })),
    enabled: factors.length > 0,
    canAdd,
    channels,
    backupCodes: backupCodes ?? null,
    policy: { required, canDisable },
    fresh,
  };
}

/** The bare mount path: somebody shortened the address. */
async function home({ http, res }: Call): Promise<void> {
  res.redirect(303, `${http.mountPath}/factors`);
}

async function status({ http, req, res, asking }: Call): Promise<void> {
  if (!wantsJson(req) && req.get('accept') !== undefined) return res.redirect(303, `${http.mountPath}/factors`);
  const described = await describeFactors(http.flows, asking);
  if (!described.ok) return sendRefusal(http, req, res, described);
  res.json(asJson(described));
}

async function list(call: Call): Promise<void> {
  const { http, req, res, asking } = call;
  const described = await describeFactors(http.flows, asking);
  if (!described.ok) return sendRefusal(http, req, res, described);
  if (asking.visitor.state === 'pending' && !described.forced)
    return sendRefusal(http, req, res, { ok: false, code: 'mfa_required' });
  if (wantsJson(req)) return void res.json({ ...asJson(described), ...captchaForSends(http) });
  const frame = frameOf(http, req, described.subject.label);
  sendPage(http, req, res, factorsPage(frame, factorsView(described, queryText(req, 'done')), http.copy(req)), {
    frame,
  });
}

/** The session follows the change: a new id, the new epoch. */
async function changed(call: Call, ticket: Ticket, done: (typeof DONE)[number], json: object): Promise<void> {
  const { http, req, res } = call;
  await finish(http, req, res, ticket);
  if (wantsJson(req)) res.json(json);
  else res.redirect(303, `${http.mountPath}/factors?done=${done}`);
}

async function find(call: Call): Promise<{ described: FactorsDescription; factor: FactorDescription } | undefined> {
  const { http, req, res, asking } = call;
  const described = await describeFactors(http.flows, asking);
  const factor = described.ok ? described.factors.find((one) => one.id === factorIdOf(call)) : undefined;
  if (described.ok && factor && described.fresh) return { described, factor };
  const refusal: Refusal = described.ok
    ? { ok: false, code: factor ? 'fresh_proof_required' : 'not_found' }
    : described;
  sendRefusal(http, req, res, refusal, { returnTo: req.originalUrl });
  return undefined;
}

async function askName(call: Call): Promise<void> {
  const found = await find(call);
  if (!found) return;
  const { http, req, res } = call;
  const frame = frameOf(http, req, found.described.subject.label);
  sendPage(http, req, res, renamePage(frame, { factor: factorView(found.factor) }, http.copy(req)), { frame });
}

async function rename(call: Call): Promise<void> {
  const { http, req, res, asking, input } = call;
  const renamed = await renameFactor(http.flows, asking, factorIdOf(call), input.name);
  if (renamed.ok) {
    if (wantsJson(req)) res.json({ id: factorIdOf(call), renamed: true });
    else res.redirect(303, `${http.mountPath}/factors?done=factor_renamed`);
    return;
  }
  if (renamed.code !== 'field_invalid' || wantsJson(req))
    return sendRefusal(http, req, res, renamed, { returnTo: `${http.mountPath}/factors` });
  const found = await find(call);
  if (!found) return;
  const frame = frameOf(http, req, found.described.subject.label);
  const typed = textField(input, 'name');
  const view = {
    factor: factorView(found.factor),
    problem: problemOf(renamed),
    ...(typed === undefined ? {} : { typed }),
  };
  sendPage(http, req, res, renamePage(frame, view, http.copy(req)), { status: ERRORS[renamed.code].status, frame });
}

async function askRemove(call: Call): Promise<void> {
  const found = await find(call);
  if (!found) return;
  const { http, req, res } = call;
  const frame = frameOf(http, req, found.described.subject.label);
  sendPage(
    http,
    req,
    res,
    confirmActionPage(frame, { action: 'remove', factor: factorView(found.factor) }, http.copy(req)),
    { frame },
  );
}

async function remove(call: Call): Promise<void> {
  const removed = await removeFactor(call.http.flows, call.asking, factorIdOf(call));
  if (!removed.ok) return refuseAction(call, removed);
  await changed(call, removed.ticket, 'factor_removed', { removed: true });
}

async function askDisable({ http, req, res, asking }: Call): Promise<void> {
  const described = await describeFactors(http.flows, asking);
  if (!described.ok) return sendRefusal(http, req, res, described);
  if (!described.fresh)
    return sendRefusal(http, req, res, { ok: false, code: 'fresh_proof_required' }, { returnTo: req.originalUrl });
  if (!described.canDisable)
    return sendRefusal(http, req, res, { ok: false, code: described.required ? 'required_by_policy' : 'not_found' });
  const frame = frameOf(http, req, described.subject.label);
  sendPage(http, req, res, confirmActionPage(frame, { action: 'disable' }, http.copy(req)), { frame });
}

async function disable(call: Call): Promise<void> {
  const disabled = await disableMfa(call.http.flows, call.asking);
  if (!disabled.ok) return refuseAction(call, disabled);
  await changed(call, disabled.ticket, 'disabled', { disabled: true });
}

function refuseAction({ http, req, res }: Call, refusal: Refusal): void {
  sendRefusal(http, req, res, refusal, { returnTo: `${http.mountPath}/factors` });
}
