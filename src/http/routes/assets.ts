import type { Request, Response, Router } from 'express';
import { type Asset, assets } from '../assets/index.js';

/** The style sheet and the script, under names made from their content: kept by browsers for a year. */
export function assetRoutes(router: Router): void {
  router.get('/assets/:name', (req: Request, res: Response, next) => {
    const { css, js } = assets();
    const asset = [css, js].find(({ name }) => name === req.params.name);
    if (!asset) return next();
    send(res, asset, asset === css ? 'css' : 'js');
  });
}

function send(res: Response, asset: Asset, type: string): void {
  res.set('Cache-Control', 'public, max-age=31536000, immutable').type(type).send(asset.body);
}
