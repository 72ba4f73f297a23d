import type { Request, Response } from 'express';
import { wantsJson } from '../requests.js';
import { html } from './html.js';
import { pageFor } from './layout.js';

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly text: string;
}

/** A "no" that belongs to no field: a page, or JSON. */
export function showProblem(req: Request, res: Response, { status, code, text }: Problem): void {
  res.status(status);
  if (wantsJson(req)) return void res.json({ code, text });
  const main = html`<h1>There is a problem</h1><p>${text}</p><p><a href="/">Go to the start page</a></p>`;
  res.send(pageFor(req, { title: 'There is a problem', main }));
}
