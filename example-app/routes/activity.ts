import { Router } from 'express';
import { type AuditPage, type Mfa, MfaError } from '../../src/index.js';
import { signedIn, userOf, wantsJson } from '../requests.js';
import type { User } from '../storage/users.js';
import { activityPage } from '../views/activity.js';
import { showProblem } from '../views/problem.js';

const PAGE = 10;

/** The audit log, as far as it is about the person who reads it. */
export function activityRoutes({ mfa }: { readonly mfa: Mfa }): Router {
  const routes = Router();

  routes.get('/activity', signedIn, async (req, res) => {
    const { cursor } = req.query;
    const page = await pageOf((userOf(req) as User).id, typeof cursor === 'string' ? cursor : undefined);
    if (!page) return showProblem(req, res, { status: 404, code: 'not_found', text: 'There is no such page.' });
    if (wantsJson(req)) return void res.json(page);
    res.send(activityPage(req, { ...page, isFirst: cursor === undefined }));
  });

  async function pageOf(userId: string, cursor: string | undefined): Promise<AuditPage | undefined> {
    try {
      return await mfa.api.audit.search({ userId, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    } catch (error) {
      // A cursor somebody made up.
      if (error instanceof MfaError && error.code !== 'unavailable') return undefined;
      throw error;
    }
  }

  return routes;
}
