const ANY_ORIGIN = 'http://same.invalid';

/** A path on this very origin, or undefined: where a person may be sent after a step. Absolute URLs, `//host`, backslashes and control characters are refused. */
export function safePath(value: unknown): string | undefined {
  if (
    typeof value !== 'string' ||
    value.length > 2048 ||
    !value.startsWith('/') ||
    /^\/[/\\]/.test(value) ||
    /[\p{Cc}\\]/u.test(value)
  )
    return undefined;
  try {
    const url = new URL(value, ANY_ORIGIN);
    if (url.origin !== ANY_ORIGIN || url.pathname.startsWith('//')) return undefined;
    return `${url.pathname}${url.search}${url.hash}`;
  } catch {
    return undefined;
  }
}

/** The page a form was sent from, when it was one of this origin. */
export function refererPath(referer: string | undefined, host: string | undefined): string | undefined {
  if (!referer || !host) return undefined;
  try {
    const url = new URL(referer);
    return url.host === host ? safePath(`${url.pathname}${url.search}`) : undefined;
  } catch {
    return undefined;
  }
}
