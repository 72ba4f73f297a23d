import type { Router } from 'express';
import { describeFactors } from '../../flows/describe-factors.js';
import { backupCodesSaved, freshBackupCodes } from '../../flows/fresh-codes.js';
import { regenerateBackupCodes } from '../../flows/regenerate-backup-codes.js';
import { readMfa } from '../../session/session-data.js';
import { finish } from '../finish.js';
import type { HttpDeps } from '../http-deps.js';
import { wantsJson } from '../negotiate.js';
import { backupCodesPage, freshBackupCodesPage } from '../pages/backup-codes.js';
import { confirmActionPage } from '../pages/confirm-action.js';
import { frameOf, sendPage, sendProblem, sendRefusal } from '../reply.js';
import { type Call, route } from './route.js';

/** How many are left, a new set, and the minutes in which a fresh set can still be seen. */
export function backupCodeRoutes(http: HttpDeps, router: Router): void {
  router
    .route('/backup-codes')
    .get(route(http, 'signed-in', show))
    .post(route(http, 'signed-in', regenerate));
  router.route('/backup-codes/new').get(route(http, 'signed-in', askRegenerate));
  router.route('/backup-codes/saved').post(route(http, 'signed-in', saved));
  router.route('/backup-codes/download').get(route(http, 'signed-in', download));
}

async function show(call: Call): Promise<void> {
  const { http, req, res, asking } = call;
  const described = await describeFactors(http.flows, asking);
  if (!described.ok) return sendRefusal(http, req, res, described);
  const { backupCodes } = described;
  // JSON clients were given the codes in the answer that made them, and are not given them again.
  if (wantsJson(req)) return void res.json(backupCodes ?? { left: 0, total: 0, low: false });
  const fresh = await freshBackupCodes(http.flows, asking);
  if (fresh) return freshPage(call, fresh, described.subject.label);
  if (!backupCodes) return sendRefusal(http, req, res, { ok: false, code: 'not_found' });
  const frame = frameOf(http, req, described.subject.label);
  sendPage(http, req, res, backupCodesPage(frame, backupCodes, http.copy(req)), { frame });
}

function freshPage(call: Call, codes: readonly string[], account: string, unsaved = false): void {
  const { http, req, res, returnTo } = call;
  const frame = frameOf(http, req, account);
  const view = {
    codes,
    ...(returnTo === undefined ? {} : { returnTo }),
    ...(unsaved ? { problem: { code: 'field_invalid', field: 'saved' } as const } : {}),
  };
  sendPage(http, req, res, freshBackupCodesPage(frame, view, http.copy(req)), { status: unsaved ? 422 : 200, frame });
}

async function askRegenerate({ http, req, res, asking }: Call): Promise<void> {
  const described = await describeFactors(http.flows, asking);
  if (!described.ok) return sendRefusal(http, req, res, described);
  if (!described.fresh)
    return sendRefusal(http, req, res, { ok: false, code: 'fresh_proof_required' }, { returnTo: req.originalUrl });
  if (described.factors.length === 0) return sendRefusal(http, req, res, { ok: false, code: 'not_found' });
  const frame = frameOf(http, req, described.subject.label);
  sendPage(http, req, res, confirmActionPage(frame, { action: 'regenerate' }, http.copy(req)), { frame });
}

async function regenerate({ http, req, res, asking }: Call): Promise<void> {
  const made = await regenerateBackupCodes(http.flows, asking);
  if (!made.ok) return sendRefusal(http, req, res, made, { returnTo: `${http.mountPath}/backup-codes/new` });
  await finish(http, req, res, made.ticket);
  if (wantsJson(req)) res.status(201).json({ codes: made.codes, csrfToken: readMfa(req).proof?.csrf });
  else res.redirect(303, `${http.mountPath}/backup-codes`);
}

async function saved(call: Call): Promise<void> {
  const { http, req, res, asking, input, returnTo } = call;
  const ticked = input.saved === 'on' || input.saved === 'yes' || input.saved === 'true' || input.saved === true;
  if (!ticked) {
    if (wantsJson(req)) return sendProblem(http, req, res, { ok: false, code: 'field_invalid', field: 'saved' });
    const codes = await freshBackupCodes(http.flows, asking);
    const described = codes && (await describeFactors(http.flows, asking));
    if (!codes || !described?.ok) return res.redirect(303, `${http.mountPath}/backup-codes`);
    return freshPage(call, codes, described.subject.label, true);
  }
  await backupCodesSaved(http.flows, asking);
  if (wantsJson(req)) res.json({ saved: true });
  else res.redirect(303, returnTo ?? `${http.mountPath}/factors?done=codes_saved`);
}

async function download({ http, req, res, asking }: Call): Promise<void> {
  const codes = await freshBackupCodes(http.flows, asking);
  if (!codes) return sendRefusal(http, req, res, { ok: false, code: 'not_found' });
  const date = new Date(http.flows.clock()).toISOString().slice(0, 10);
  const head = `${http.flows.issuer} - backup codes, ${date}\nEach code works once.\n\n`;
  res
    .type('text/plain')
    .set('Content-Disposition', 'attachment; filename="backup-codes.txt"')
    .send(`${head}${codes.join('\n')}\n`);
}
