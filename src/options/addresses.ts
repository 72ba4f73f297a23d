/** `baseUrl`, `mountPath`, `signInUrl` and `homeUrl`: where the app is, and where people are sent. */
import { MfaError } from '../core/errors.js';
import { safePath } from '../http/return-path.js';

export function readOrigin(baseUrl: string | undefined, production: boolean): string | undefined {
  if (baseUrl === undefined) {
    if (!production) return undefined;
    throw new MfaError(
      'set_up',
      "createMfa: `baseUrl` is missing. In production it must be the public origin, such as 'https://acme.example': links and origins are never taken from a request.",
    );
  }
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || `${url.origin}/` !== url.href) {
    throw new MfaError(
      'set_up',
      `createMfa: \`baseUrl\` is '${baseUrl}', expected an origin such as 'https://acme.example'; a path belongs into \`mountPath\`.`,
    );
  }
  if (production && url.protocol !== 'https:' && !['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)) {
    throw new MfaError('set_up', `createMfa: \`baseUrl\` is '${baseUrl}'. In production it must begin with https://.`);
  }
  return url.origin;
}

export function readPath(option: string, path: string): string {
  if (!/^(\/[A-Za-z0-9_~-][A-Za-z0-9_~.-]*)+$/.test(path)) {
    throw new MfaError(
      'set_up',
      `createMfa: \`${option}\` is '${path}', expected a path such as '/mfa', without a slash at the end.`,
    );
  }
  return path;
}

/** People are redirected there. */
export function readUrl(option: string, url: string): string {
  if (safePath(url) !== undefined || /^https?:\/\/[^/]/.test(url)) return url;
  throw new MfaError(
    'set_up',
    `createMfa: \`${option}\` is '${url}', expected a path such as '/login', or a whole URL.`,
  );
}
