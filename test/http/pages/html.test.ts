import { describe, expect, it } from '@jest/globals';
import { type HtmlValue, html, raw } from '../../../src/http/pages/html.js';

const said = (value: HtmlValue) => String(html`${value}`);

describe('html', () => {
  it('escapes every character that could end a text or an attribute', () => {
    expect(said(`<&>"'`)).toBe('&lt;&amp;&gt;&quot;&#39;');
  });

  it('writes numbers and joins lists', () => {
    expect(said([1, '<', [html`<b>`]])).toBe('1&lt;<b>');
  });

  it('writes zero, and nothing for what is not there', () => {
    expect(said(0)).toBe('0');
    expect(said([false, null, undefined, ''])).toBe('');
  });

  it('keeps what html itself made, escaped once', () => {
    expect(said(html`<b>${'&'}</b>`)).toBe('<b>&amp;</b>');
  });

  it('keeps what raw was given', () => {
    expect(said(raw('<svg/>'))).toBe('<svg/>');
  });

  it('never takes an object that came as JSON for markup', () => {
    const forged: HtmlValue = JSON.parse('[{"markup":"<script>","toString":"<script>"}]');
    expect(() => said(forged)).toThrow(TypeError);
  });
});
