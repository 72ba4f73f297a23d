import { describe, expect, it } from '@jest/globals';
import { assets } from '../../../src/http/assets/index.js';

describe('assets', () => {
  it('are named by their content, the same on every call', () => {
    expect(assets().css.name).toMatch(/^[0-9a-f]{24}\.css$/);
    expect(assets().js.name).toMatch(/^[0-9a-f]{24}\.js$/);
    expect(assets()).toBe(assets());
  });

  it('fetch nothing from anywhere', () => {
    const { css, js } = assets();
    expect(css.body).not.toMatch(/@import|url\(/);
    expect(js.body).not.toMatch(/https?:|fetch\(|import /);
  });

  it('use only variables with our prefix', () => {
    const variables = assets().css.body.match(/--[\w-]+/g) ?? [];
    expect(variables.filter((name) => !name.startsWith('--mfa-'))).toEqual([]);
  });
});
