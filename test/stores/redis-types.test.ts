import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

function tsc(...args: readonly string[]): string {
  return spawnSync(process.execPath, ['node_modules/typescript7/bin/tsc', ...args], { cwd: ROOT, encoding: 'utf8' })
    .stdout;
}

describe('the types of the redis store', () => {
  it('take every kind of client of the package, also where the types of libraries are checked', () => {
    expect(tsc('-p', 'test/stores/fixtures', '--noEmit')).toBe('');
  });

  it('do not mention the package', () => {
    const out = mkdtempSync(join(tmpdir(), 'express-mfa-types-'));
    try {
      expect(tsc('-p', 'test/stores/fixtures', '--noEmit', 'false', '--emitDeclarationOnly', '--outDir', out)).toBe('');
      const files = ['redis.d.ts', ...readdirSync(join(out, 'src/stores/redis')).map((name) => `redis/${name}`)];
      const texts = files
        .filter((name) => name.endsWith('.d.ts'))
        .map((name) => readFileSync(join(out, 'src/stores', name), 'utf8'));
      expect(texts.length).toBeGreaterThan(10);
      expect(texts.filter((text) => /['"]@?redis['"/]/.test(text))).toEqual([]);
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  });
});
