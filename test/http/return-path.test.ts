import { describe, expect, it } from '@jest/globals';
import { refererPath, safePath } from '../../src/http/return-path.js';

describe('where a person may be sent', () => {
  it.each([
    ['/app', '/app'],
    ['/', '/'],
    ['/app?tab=2&x=%2F#top', '/app?tab=2&x=%2F#top'],
    ['/a/../b', '/b'],
    ['/caf\u00e9', '/caf%C3%A9'],
    ['/app?next=https://evil.example', '/app?next=https://evil.example'],
  ])('is %s: %s', (given, path) => {
    expect(safePath(given)).toBe(path);
  });

  it.each([
    'https://evil.example',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/.//evil.example',
    '/%2e//evil.example',
    '/x/..//evil.example',
    '/x/%2E%2E//evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '\t//evil.example',
    ' /app',
    '/a\r\nSet-Cookie: x=1',
    '/a\u0000b',
    '/a\\..\\\\evil.example',
    'app',
    '?x',
    '#x',
    '',
    'javascript:alert(1)',
    `/${'a'.repeat(2048)}`,
  ])('is never %j', (given) => {
    expect(safePath(given)).toBeUndefined();
  });

  it.each([undefined, null, 5, true, {}, ['/app'], { toString: () => '/app' }])('is a text, not %j', (given) => {
    expect(safePath(given)).toBeUndefined();
  });

  it('may be the page before, when that was one of this host', () => {
    expect(refererPath('https://acme.example/cart?a=1#b', 'acme.example')).toBe('/cart?a=1');
    expect(refererPath('https://acme.example:8443/cart', 'acme.example')).toBeUndefined();
    expect(refererPath('https://evil.example/cart', 'acme.example')).toBeUndefined();
    expect(refererPath('https://acme.example//evil.example', 'acme.example')).toBeUndefined();
    expect(refererPath('about:client', 'acme.example')).toBeUndefined();
    expect(refererPath(undefined, 'acme.example')).toBeUndefined();
    expect(refererPath('https://acme.example/', undefined)).toBeUndefined();
  });
});
