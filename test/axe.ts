/** What axe finds wrong with a page. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

export interface AxeOptions {
  /** Tags of axe's rules. Default: WCAG and best practice. */
  readonly rules?: readonly string[];
  /** Whether frames are looked into; default true. */
  readonly iframes?: boolean;
}

/** The rule and the element of each. Playwright's evaluate is not held back by the page's policy, which stays on. */
export async function violations(
  page: Page,
  { rules = [...WCAG, 'best-practice'], iframes = true }: AxeOptions = {},
): Promise<readonly string[]> {
  await page.evaluate(axe);
  const found: string = await page.evaluate(`axe.run(document, ${JSON.stringify({ runOnly: rules, iframes })}).then(
    ({ violations }) => JSON.stringify(violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.html))))`);
  return JSON.parse(found);
}
