import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { ErrorCode } from '../core/errors.js';
import type { HttpDeps } from './http-deps.js';
import { sendRefusal } from './reply.js';

const LIMIT = '16kb';

/** Reads forms and JSON, small ones; leaves bodies alone that the host has read already. */
export function bodies(http: HttpDeps): RequestHandler {
  const json = express.json({ limit: LIMIT });
  const form = express.urlencoded({ extended: false, limit: LIMIT, parameterLimit: 50 });

  return function mfaBodies(req: Request, res: Response, next: NextFunction): void {
    if (holdsSomething(req.body)) return next();
    const failed = (error: unknown) => sendRefusal(http, req, res, { ok: false, code: codeOf(error) });
    json(req, res, (error?: unknown) => {
      if (error) return failed(error);
      form(req, res, (problem?: unknown) => (problem ? failed(problem) : next()));
    });
  };
}

/** An empty object is what Express 4 makes of a body nobody has read; `null` is what a lenient parser of the host's makes of `null`. */
function holdsSomething(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return Boolean(body);
  for (const _ in body) return true;
  return false;
}

/** body-parser says what was wrong by a status; everything that is not about size or kind could not be read. */
function codeOf(error: unknown): ErrorCode {
  const { status } = error as { status?: unknown };
  if (status === 413) return 'body_too_large';
  return status === 415 ? 'unsupported_media_type' : 'bad_request';
}
