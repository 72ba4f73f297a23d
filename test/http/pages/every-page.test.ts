/** What holds for all pages in all their states. */
import { describe, expect, it } from '@jest/globals';
import { assets } from '../../../src/http/assets/index.js';
import { allPages, documentOf, frame, samples } from './samples.js';

const ATTACK = `"><script>alert(1)</script>'&`;
const attacked = samples({ text: () => ATTACK });
const attackedPages = Object.entries(attacked.pages).map(([name, page]) => ({
  name,
  text: documentOf(page, attacked.frame),
}));
/** The usual text is still there, so that an empty page cannot pass. */
const marked = samples({ text: (usual) => `${usual} & "co"` });

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([match]) => match);
}

/** The same with everything between the quotes of attributes, and all text, taken out: only tags and attribute names are left. */
function skeleton(text: string): string {
  return matches(text.replace(/"[^"]*"/g, '""'), /<[^>]*>/g).join('\n');
}

describe.each(attackedPages)('$name, with an attack in every field', ({ name, text }) => {
  it('keeps it text', () => {
    expect(text).not.toContain('<script>');
    expect(text).toContain('&quot;&gt;&lt;script&gt;');
  });

  it('has the same tags and attributes as with usual words', () => {
    const usual = allPages.find((page) => page.name === name);
    expect(skeleton(text)).toBe(skeleton(usual?.text ?? ''));
  });
});

describe('names with & and quotes', () => {
  it.each(Object.entries(marked.pages))('read right on %s', (_, page) => {
    const text = documentOf(page, marked.frame);
    expect(text).toContain('Acme &amp; &quot;co&quot;');
    expect(text).not.toMatch(/& "co"|&amp;(amp|quot|#39);/);
  });
});

describe.each(allPages)('$name', ({ page, text }) => {
  it('passes a strict content security policy', () => {
    const tags = matches(text, /<[a-z][^>]*>/g).join('\n');
    expect(tags).not.toMatch(/\sstyle=|\son\w+=|javascript:|<style|<base/i);
    expect(matches(text, /<script.*?<\/script>/gs)).toEqual([
      `<script type="module" src="/mfa/assets/${assets().js.name}"></script>`,
    ]);
    expect(matches(text, /<link[^>]*>/g)).toEqual([`<link rel="stylesheet" href="/mfa/assets/${assets().css.name}">`]);
    expect(tags).not.toMatch(/(src|href|action)="(https?:)?\/\//);
  });

  it('posts every form to our own paths, with the CSRF fields', () => {
    for (const form of matches(text, /<form.*?<\/form>/gs)) {
      expect(form).toMatch(/^<form method="post" action="\/mfa\/[^"]+" novalidate>/);
      for (const { name, value } of frame.csrf) {
        expect(form).toContain(`<input type="hidden" name="${name}" value="${value}">`);
      }
    }
    expect(matches(text, /<form/g)).toHaveLength(matches(text, /<\/form>/g).length);
  });

  it('has one h1, which is the title', () => {
    const headings = [...text.matchAll(/<h1[^>]*>(.*?)<\/h1>/gs)].map(([, heading]) => heading);
    expect(headings).toHaveLength(1);
    expect(text).toContain(`<title>${page.error ? 'Error: ' : ''}${headings[0]} - Acme</title>`);
  });

  it('skips no level of headings', () => {
    const levels = matches(text, /<h[1-6]/g).map((tag) => Number(tag.at(-1)));
    const afterFirst = levels.slice(levels.indexOf(1));
    afterFirst.reduce((before, level) => {
      expect(level - before).toBeLessThanOrEqual(1);
      return level;
    });
  });

  it('names its language, fits a phone and leaves zooming alone', () => {
    expect(text).toMatch(/^<!doctype html>\n<html lang="en" dir="ltr">/);
    expect(text).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
  });

  it('uses no id twice and points only to ids that are there', () => {
    const ids = [...text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const pointed = [...text.matchAll(/(?:\sfor|aria-describedby|aria-labelledby|href)="(#?)([^"/]+)"/g)];
    const targets = pointed.flatMap(([, , target]) => target?.split(' ') ?? []).filter((id) => !id.includes(':'));
    for (const target of targets) expect(ids).toContain(target);
  });

  it('puts the focus in one place at most', () => {
    expect(matches(text, /\sautofocus/g).length).toBeLessThanOrEqual(1);
  });

  it('says nothing of undefined values', () => {
    expect(text).not.toMatch(/undefined|NaN|\[object/);
  });
});

describe('pages with a problem', () => {
  const wrong = allPages.filter(({ page }) => page.error);

  it.each(wrong)('$name says so first, in the title and with the focus', ({ text }) => {
    expect(text).toMatch(/<title>Error: /);
    expect(text).toMatch(
      /<main[^>]*>\s*<div class="mfa"><div class="[\w-]+" role="alert" tabindex="-1" autofocus aria-labelledby="error-title">/,
    );
  });

  it.each(wrong.filter(({ text }) => text.includes('aria-invalid')))(
    '$name says it twice, in the same words',
    ({ text }) => {
      const [, field = '', sentence = ''] = /<p><a href="#(\w+)">(.*?)<\/a><\/p>/.exec(text) ?? [];
      expect(text).toMatch(new RegExp(`<(input|select)[^>]* id="${field}"[^>]* aria-invalid="true"`));
      expect(text).toContain(`id="${field}-error"><span class="mfa-hidden">Error:</span> ${sentence}</p>`);
    },
  );
});
