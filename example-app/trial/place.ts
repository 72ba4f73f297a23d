/** Where somebody says they are, so that a sign-in from elsewhere can be tried at one desk. Only during development: a real app never believes a cookie. */
import type { Request, RequestHandler, Response } from 'express';

export const PLACES = ['here', 'network', 'country'] as const;
export type Place = (typeof PLACES)[number];

/** Of the blocks that RFC 5737 keeps for examples. */
const ADDRESSES: Readonly<Record<Exclude<Place, 'here'>, string>> = {
  network: '198.51.100.7',
  country: '203.0.113.7',
};

const COOKIE = 'place';

/** Before everything that looks at `req.ip`. */
export const pretendPlace: RequestHandler = (req, _res, next) => {
  const place = placeOf(req);
  if (place !== 'here') Object.defineProperty(req, 'ip', { value: ADDRESSES[place] });
  next();
};

export function placeOf(req: Request): Place {
  const given = new RegExp(`(?:^|; )${COOKIE}=(\\w+)`).exec(req.get('cookie') ?? '')?.[1];
  return PLACES.find((one) => one === given) ?? 'here';
}

export function goTo(res: Response, place: Place): void {
  res.cookie(COOKIE, place, { httpOnly: true, sameSite: 'lax' });
}

/** What a database of addresses answers in a real app: the hook `risk.countryOf`. */
export function countryOf(ip: string): string {
  return ip === ADDRESSES.country ? 'NZ' : 'US';
}
