import type { Router } from 'express';
import { ERRORS, type Refusal } from '../../core/errors.js';
import type { EnrolmentDisplay, Factor } from '../../core/factor.js';
import type { Draft } from '../../core/words.js';
import { beginEnrolment } from '../../flows/begin-enrolment.js';
import { confirmEnrolment } from '../../flows/confirm-enrolment.js';
import { describeFactors, type FactorsDescription } from '../../flows/describe-factors.js';
import { resendEnrolmentCode } from '../../flows/send-enrolment-code.js';
import { showDraft } from '../../flows/show-draft.js';
import { readMfa } from '../../session/session-data.js';
import { captchaParts } from '../captcha-view.js';
import { finish } from '../finish.js';
import type { HttpDeps } from '../http-deps.js';
import { wantsJson } from '../negotiate.js';
import { beginEnrolmentPage } from '../pages/begin-enrolment.js';
import { confirmEnrolmentPage } from '../pages/confirm-enrolment.js';
import type { BeginEnrolmentView, ConfirmEnrolmentView } from '../pages/views.js';
import { qrSvg } from '../qr.js';
import { frameOf, retryAfter, sendPage, sendRefusal } from '../reply.js';
import { sendFacts, statusOf } from './challenge-view.js';
import { type Call, queryText, route, textField } from './route.js';

/** Setting a factor up: begin, show, confirm. Signed in with a fresh proof, or a forced enrolment. */
export function enrolmentRoutes(http: HttpDeps, router: Router): void {
  router.route('/factors/new/:kind').get(route(http, 'enrolling', askToBegin));
  router.route('/factors/:kind').post(route(http, 'enrolling', begin));
  router.route('/factors/:id/confirm').post(route(http, 'enrolling', confirm));
  router.route('/factors/:id/resend').post(route(http, 'enrolling', resend));
}

function param(call: Call, name: 'id' | 'kind'): string {
  const value = call.req.params[name];
  return typeof value === 'string' ? value : '';
}

async function askToBegin(call: Call): Promise<void> {
  const { http, req, res, asking } = call;
  const described = await describeFactors(http.flows, asking);
  if (!described.ok) return sendRefusal(http, req, res, described);
  if (asking.visitor.state === 'pending' && !described.forced)
    return sendRefusal(http, req, res, { ok: false, code: 'mfa_required' });
  const replaces = replacedFactor(described, param(call, 'kind'), queryText(req, 'replaces'));
  if (!replaces && !described.canAdd.includes(param(call, 'kind')))
    return sendRefusal(http, req, res, { ok: false, code: 'not_found' });
  if (!described.forced && !described.fresh) {
    return sendRefusal(http, req, res, { ok: false, code: 'fresh_proof_required' }, { returnTo: req.originalUrl });
  }
  beginPage(call, described.subject.label, {
    kind: param(call, 'kind'),
    forced: described.forced,
    channels: described.channels[param(call, 'kind')] ?? [],
    ...(replaces ? { replaces } : {}),
  });
}

/** A factor of the same kind, of this very user; anything else in the address is nothing to replace. */
function replacedFactor(described: FactorsDescription, kind: string, id: string | undefined) {
  return described.factors.find((one) => one.id === id && one.kind === kind);
}

function beginPage(call: Call, account: string, given: BeginEnrolmentView, refusal?: Refusal): void {
  const { http, req, res } = call;
  const frame = frameOf(http, req, account);
  const { asks, countries, prepareSend } = http.flows.factors.get(given.kind) ?? {};
  const asked = { ...(asks ? { asks } : {}), ...(countries ? { countries } : {}) };
  const view = { ...given, ...asked, ...captchaParts(http, { refusal, sends: prepareSend !== undefined }) };
  sendPage(http, req, res, beginEnrolmentPage(frame, view, http.copy(req)), {
    status: refusal ? ERRORS[refusal.code].status : 200,
    frame,
    captcha: view.captcha && http.flows.captcha?.widget,
  });
}

async function begin(call: Call): Promise<void> {
  const { http, req, res, asking, input } = call;
  const kind = param(call, 'kind');
  const replaces = textField(input, 'replaces');
  const begun = await beginEnrolment(http.flows, asking, {
    kind,
    input,
    ...(replaces === undefined ? {} : { replaces }),
  });
  if (!begun.ok) return await refuseBegin(call, atField(begun, http.flows.factors.get(kind)?.asks));
  if (!wantsJson(req))
    return res.redirect(
      303,
      `${http.mountPath}/factors/${encodeURIComponent(begun.draft.id)}${begun.draft.sent ? '?sent=1' : ''}`,
    );
  res.status(201).json(await draftJson(http, begun.draft, begun.display));
}

/** A carrier that does not send there has said it of what was typed. */
function atField(refusal: Refusal, asks: Factor['asks']): Refusal {
  const isAboutIt = refusal.code === 'destination_refused' && asks !== undefined;
  return isAboutIt ? { field: asks, ...refusal } : refusal;
}

async function refuseBegin(call: Call, refusal: Refusal): Promise<void> {
  const { http, req, res, asking } = call;
  const goBack = `${http.mountPath}/factors/new/${encodeURIComponent(param(call, 'kind'))}`;
  const lost: readonly string[] = [
    'fresh_proof_required',
    'sign_in_again',
    'mfa_required',
    'not_found',
    'too_many_factors',
  ];
  if (wantsJson(req) || lost.includes(refusal.code)) return sendRefusal(http, req, res, refusal, { returnTo: goBack });
  const described = await describeFactors(http.flows, asking);
  if (!described.ok) return sendRefusal(http, req, res, described);
  const typed = typedFields(call);
  const replaces = replacedFactor(described, param(call, 'kind'), textField(call.input, 'replaces'));
  retryAfter(call.res, refusal);
  beginPage(
    call,
    described.subject.label,
    {
      kind: param(call, 'kind'),
      forced: described.forced,
      channels: described.channels[param(call, 'kind')] ?? [],
      typed,
      ...(replaces ? { replaces } : {}),
    },
    refusal,
  );
}

function typedFields({ input }: Call) {
  const fields = ['phone', 'email', 'name', 'country', 'channel'] as const;
  return Object.fromEntries(
    fields.flatMap((name) => (textField(input, name) === undefined ? [] : [[name, textField(input, name)]])),
  );
}

/** `GET /factors/:id` of a set-up that is not finished, to the session that began it. */
export async function showDraftPage(call: Call): Promise<void> {
  await draftPage(call, call.req.query.sent === undefined ? {} : { status: 'code_sent' });
}

async function draftPage(call: Call, extra: { status?: 'code_sent'; refusal?: Refusal }): Promise<void> {
  const { http, req, res, asking } = call;
  const shown = await showDraft(http.flows, asking, param(call, 'id'));
  if (!shown.ok)
    return sendRefusal(http, req, res, shown.code === 'already_set_up' ? { ok: false, code: 'not_found' } : shown);
  if (wantsJson(req)) {
    const { channels, suggestedChannel } = shown;
    return void res.json({
      ...(await draftJson(http, shown.draft, shown.display)),
      ...(channels === undefined ? {} : { channels }),
      ...(suggestedChannel === undefined ? {} : { suggestedChannel }),
    });
  }
  const frame = frameOf(http, req, shown.subject.label);
  const parts = captchaParts(http, { refusal: extra.refusal, sends: false });
  const view: ConfirmEnrolmentView = {
    id: shown.draft.id,
    kind: shown.draft.kind,
    name: shown.draft.name,
    forced: shown.forced,
    digits: digitsOf(http, shown),
    ...(await totpView(shown.display)),
    ...sentToDraft(http, shown),
    ...statusOf(shown.draft.sent ?? {}, extra),
    ...parts,
    ...(extra.refusal?.clockSkewSeconds === undefined ? {} : { clockSkewSeconds: extra.refusal.clockSkewSeconds }),
  };
  const status = extra.refusal ? ERRORS[extra.refusal.code].status : 200;
  if (extra.refusal) retryAfter(res, extra.refusal);
  sendPage(http, req, res, confirmEnrolmentPage(frame, view, http.copy(req)), {
    status,
    frame,
    captcha: parts.captcha && http.flows.captcha?.widget,
  });
}

type ShownDraft = Extract<Awaited<ReturnType<typeof showDraft>>, { readonly ok: true }>;

function digitsOf({ flows }: HttpDeps, { draft, display }: ShownDraft): number {
  const factor = flows.factors.get(draft.kind);
  return Number(display.digits ?? (draft.channel && factor?.digitsBy?.(draft.channel)) ?? factor?.digits ?? 6);
}

function sentToDraft(http: HttpDeps, shown: ShownDraft): Pick<ConfirmEnrolmentView, 'sent'> {
  const { draft, display, channels = [], suggestedChannel } = shown;
  const { sent } = sentView(http, draft, display);
  if (!sent) return {};
  const others = channels.filter((one) => one !== draft.channel);
  const otherChannels = [
    ...others.filter((one) => one === suggestedChannel),
    ...others.filter((one) => one !== suggestedChannel),
  ];
  return { sent: { ...sent, otherChannels } };
}

async function totpView(display: EnrolmentDisplay): Promise<Pick<ConfirmEnrolmentView, 'totp'>> {
  const { secret, uri, algorithm, digits, period } = display;
  if (typeof secret !== 'string' || typeof uri !== 'string') return {};
  return {
    totp: {
      qrSvg: await qrSvg(uri),
      secret,
      uri,
      algorithm: String(algorithm),
      digits: Number(digits),
      period: Number(period),
    },
  };
}

/** Whoever has just typed a number sees it whole, and a slip of the finger with it. */
function sentView(
  http: HttpDeps,
  draft: Draft,
  { phone, email }: EnrolmentDisplay,
): Pick<ConfirmEnrolmentView, 'sent'> {
  const { sent, channel } = draft;
  if (!sent || !channel) return {};
  const destination = String(phone ?? email ?? draft.destination ?? '');
  return { sent: { channel, destination, ...sendFacts(http, { ...sent, sentAt: sent.at }) } };
}

async function draftJson(http: HttpDeps, draft: Draft, display: EnrolmentDisplay) {
  const { uri } = display;
  return {
    id: draft.id,
    kind: draft.kind,
    name: draft.name,
    expiresAt: new Date(draft.expiresAt).toISOString(),
    ...display,
    ...(typeof uri === 'string' ? { qrSvg: await qrSvg(uri) } : {}),
    ...sentView(http, draft, display),
    confirm: { method: 'POST', href: `${http.mountPath}/factors/${encodeURIComponent(draft.id)}/confirm` },
  };
}

async function confirm(call: Call): Promise<void> {
  const { http, req, res, asking, input } = call;
  const done = await confirmEnrolment(http.flows, asking, param(call, 'id'), input);
  if (!done.ok) return await refuseConfirm(call, done);
  await finish(http, req, res, done.ticket);
  const { pending } = done.ticket;
  const redirectTo = pending?.returnTo ?? `${http.mountPath}/factors?done=factor_added`;
  if (wantsJson(req)) {
    return void res.json({
      enrolment: done.enrolment,
      ...(done.backupCodes ? { backupCodes: done.backupCodes } : {}),
      ...(pending ? { authenticated: true } : {}),
      redirectTo,
      next: done.backupCodes
        ? { action: 'save_backup_codes', href: `${http.mountPath}/backup-codes` }
        : { action: 'continue', href: redirectTo },
      csrfToken: readMfa(req).proof?.csrf,
    });
  }
  if (!done.backupCodes) return res.redirect(303, redirectTo);
  res.redirect(
    303,
    `${http.mountPath}/backup-codes${pending ? `?return=${encodeURIComponent(pending.returnTo)}` : ''}`,
  );
}

async function refuseConfirm(call: Call, refusal: Refusal): Promise<void> {
  const { http, req, res } = call;
  const here: readonly string[] = [
    'code_wrong',
    'code_malformed',
    'challenge_expired',
    'delivery_unavailable',
    'send_limited',
    'destination_refused',
    'captcha_required',
    'captcha_failed',
  ];
  if (!wantsJson(req) && here.includes(refusal.code)) return await draftPage(call, { refusal });
  sendRefusal(http, req, res, refusal, { returnTo: `${http.mountPath}/factors` });
}

async function resend(call: Call): Promise<void> {
  const { http, req, res, asking, input } = call;
  const channel = textField(input, 'channel');
  const what = { id: param(call, 'id'), ...(channel === undefined ? {} : { channel }) };
  const sent = await resendEnrolmentCode(http.flows, asking, what);
  if (!sent.ok) return await refuseConfirm(call, sent);
  if (!wantsJson(req))
    return res.redirect(303, `${http.mountPath}/factors/${encodeURIComponent(sent.draft.id)}?sent=1`);
  res.status(202).json(await draftJson(http, sent.draft, {}));
}
