/** The very bytes of a request: what a signature is about. Parsed and written out again they would be others. */
import express, { type Request, type Response } from 'express';
import { type ErrorCode, MfaError } from '../../core/errors.js';

const LIMIT = '64kb';

export type RawBody = { readonly ok: true; readonly body: Buffer } | { readonly ok: false; readonly error: unknown };

const BYTES = new WeakMap<object, Buffer>();

/** Express 4.16 has no `express.raw`: its JSON parser reads the bytes as well, and hands them over before it makes anything of them. */
const reader = express.json({
  limit: LIMIT,
  type: () => true,
  inflate: false,
  verify: (req, _res, bytes) => void BYTES.set(req, bytes),
});

/** Reads the body, or takes what the host has kept of it in `req.rawBody`. Where it is read and not kept the error is a set-up error with advice. */
export function rawBody(req: Request, res: Response): Promise<RawBody> {
  const { rawBody: kept } = req as { rawBody?: unknown };
  const known = [kept, req.body as unknown].find((one) => Buffer.isBuffer(one));
  if (Buffer.isBuffer(known)) return Promise.resolve({ ok: true, body: known });
  if (req.readableDidRead) return Promise.resolve({ ok: false, error: new MfaError('set_up', ALREADY_READ) });
  return new Promise((resolve) => {
    reader(req, res, (error?: unknown) => {
      const body = BYTES.get(req);
      // What it made of them, or could not make of them, is nobody's business before the signature is right.
      delete req.body;
      if (body) resolve({ ok: true, body });
      else resolve(error ? { ok: false, error } : { ok: true, body: Buffer.alloc(0) });
    });
  });
}

const ALREADY_READ =
  'express-mfa: a body parser of the app has read the carrier’s request before `mfa.webhookRouter()`, and the bytes its signature is about are gone. Mount the webhook router before `express.json()` and `express.urlencoded()`, or keep the bytes: `express.json({ verify: (req, _res, bytes) => { req.rawBody = bytes; } })`.';

/** What to answer where there are no bytes. */
export function codeOfBodyError(error: unknown): ErrorCode {
  if (error instanceof MfaError) return 'unavailable';
  const { status } = error as { status?: unknown };
  if (status === 413) return 'body_too_large';
  return status === 415 ? 'unsupported_media_type' : 'bad_request';
}
