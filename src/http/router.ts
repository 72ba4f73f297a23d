import { type NextFunction, type Request, type Response, Router } from 'express';
import { bodies } from './bodies.js';
import type { HttpDeps } from './http-deps.js';
import { ipLimit } from './limits.js';
import { sendFault, sendRefusal } from './reply.js';
import { assetRoutes } from './routes/assets.js';
import { backupCodeRoutes } from './routes/backup-codes.js';
import { challengeRoutes } from './routes/challenge.js';
import { enrolmentRoutes } from './routes/enrolment.js';
import { factorRoutes } from './routes/factors.js';
import { securityHeaders } from './security-headers.js';
import { misplacedGate, misplacedRouter } from './set-up-checks.js';

/** Challenge, enrolment and settings, as pages and as JSON. */
export function router(http: HttpDeps): Router {
  const routes = Router();
  routes.use(securityHeaders, mountedWhereItSays(http));
  assetRoutes(routes);
  const limit = ipLimit(http);
  if (limit) routes.use(limit);
  routes.use(bodies(http));
  challengeRoutes(http, routes);
  backupCodeRoutes(http, routes);
  factorRoutes(http, routes);
  enrolmentRoutes(http, routes);
  routes.use(nowhere(http, routes));
  routes.use((error: unknown, req: Request, res: Response, _next: NextFunction) => {
    // A path that is not UTF-8 (`%E0%A4%A`) is nobody's fault but the sender's.
    if (error instanceof URIError) return sendRefusal(http, req, res, { ok: false, code: 'bad_request' });
    sendFault(http, req, res, error);
  });
  return routes;
}

/** Links and redirects rest on the path; a wrong one would be noticed by the first user instead of the first request. */
function mountedWhereItSays(http: HttpDeps) {
  return function mfaMounted(req: Request, res: Response, next: NextFunction): void {
    const misplaced = misplacedGate(http, req) ?? misplacedRouter(http, req);
    if (misplaced) sendFault(http, req, res, misplaced);
    else next();
  };
}

interface Layer {
  readonly route?: {
    readonly path: unknown;
    readonly methods?: Readonly<Record<string, boolean>>;
    readonly stack: readonly { readonly method?: string }[];
  };
  match?(path: string): boolean;
}

/** 405 for a path that takes other methods, 404 for one that takes none. */
function nowhere(http: HttpDeps, routes: Router) {
  return function mfaNowhere(req: Request, res: Response): void {
    const layers = (routes as unknown as { stack: readonly Layer[] }).stack;
    const methods = layers
      .filter((layer) => layer.route && layer.match?.(req.path))
      .flatMap((layer) => layer.route?.stack.map(({ method }) => method?.toUpperCase()) ?? [])
      .filter((method) => method !== undefined);
    if (methods.includes('GET')) methods.push('HEAD');
    // A path whose own handler passed this on (`/assets/` and a name we have not) takes the method and has nothing there.
    if (methods.length === 0 || methods.includes(req.method))
      return sendRefusal(http, req, res, { ok: false, code: 'not_found' });
    res.set('Allow', [...new Set(methods)].join(', '));
    sendRefusal(http, req, res, { ok: false, code: 'method_not_allowed' });
  };
}
