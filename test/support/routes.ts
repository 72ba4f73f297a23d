/** The router's routes, read from its stack: what a matrix of requests must cover is never written down twice. */
import type { Mfa } from '../../src/index.js';

export interface RouterRoute {
  readonly method: string;
  /** As it was declared: `/factors/:id`. */
  readonly path: string;
}

interface Layer {
  readonly route?: { readonly path: string; readonly stack: readonly { readonly method?: string }[] };
}

export function routesOf(mfa: Mfa): readonly RouterRoute[] {
  const { stack } = mfa.router() as unknown as { stack: readonly Layer[] };
  const routes = stack.flatMap(({ route }) =>
    (route?.stack ?? []).map(({ method = 'ALL' }) => ({ method: method.toUpperCase(), path: route?.path ?? '' })),
  );
  return [...new Map(routes.map((route) => [`${route.method} ${route.path}`, route])).values()];
}

/** `/mfa/factors/totp.abc/confirm` */
export function pathOf(route: RouterRoute, params: Readonly<Record<string, string>>): string {
  return `/mfa${route.path.replace(/:(\w+)/g, (_whole, name: string) => encodeURIComponent(params[name] ?? 'nothing'))}`;
}

export function changesSomething({ method }: RouterRoute): boolean {
  return method !== 'GET' && method !== 'HEAD';
}
