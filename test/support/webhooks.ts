/** The door for carriers beside a host, and carriers that knock at it over real HTTP. */
import express, { type RequestHandler } from 'express';
import request, { type Test } from 'supertest';
import { type SignedCall, telnyxSigner } from '../doubles/callbacks.js';
import { ORIGIN, type TestHost } from './host.js';

export const AUTH_TOKEN = '0123456789abcdef0123456789abcdef';
export const TWILIO_URL = `${ORIGIN}/webhooks/twilio`;
export const TELNYX_URL = `${ORIGIN}/webhooks/telnyx`;
export const telnyx = telnyxSigner();
export const WEBHOOKS = { twilio: { authTokens: [AUTH_TOKEN] }, telnyx: { publicKey: telnyx.publicKey } };

/** As a proxy passes it on: to this machine, with the path and the query of the public address. */
export type Knock = (call: SignedCall) => Test;

export function door({ mfa }: Pick<TestHost, 'mfa'>, parsers: readonly RequestHandler[] = []): Knock {
  const app = express();
  for (const parser of parsers) app.use(parser);
  app.use('/webhooks', mfa.webhookRouter());
  return ({ url, headers, body }) => {
    const { pathname, search } = new URL(url);
    return request(app)
      .post(pathname + search)
      .set(headers)
      .send(body);
  };
}
