/**
 * The browser's side of the vendors: what their documented scripts do with a page, served in their place at the edge of the browser's network. Each widget is a frame
 * of the vendor's with a checkbox, and asks the frame for everything, as theirs do; the token comes from whoever plays the vendor in the test.
 */
import type { BrowserContext, Route } from 'playwright-core';

export type WidgetKind = 'turnstile' | 'hcaptcha' | 'recaptcha 2' | 'recaptcha 3';

/** What the frame tells its vendor of the page it stands in. */
export interface Shown {
  readonly sitekey: string;
  readonly action: string;
  /** As the referrer says. */
  readonly hostname: string;
}

export interface WidgetEdge {
  /** Makes the token of who ticks the box. */
  solve(shown: Shown): string;
}

interface Vendor {
  /** Where the page finds the vendor's script, and what that is. */
  readonly script: string;
  readonly source: string;
  /** Scripts and styles that the first one loads. */
  readonly further?: Readonly<Record<string, string>>;
  readonly frame: string;
  /** What the page itself sends to the vendor. */
  readonly calls?: string;
}

const GOOGLE = 'https://www.google.com/recaptcha';
const GSTATIC = 'https://www.gstatic.com/recaptcha/releases/x';

/** Puts a frame into every element of the class, and what the frame says into hidden fields beside it. */
function widget(given: { className: string; fields: readonly string[]; frame: string; wide: readonly number[] }) {
  const { className, fields, frame, wide } = given;
  return `
  for (const place of document.querySelectorAll('.${className}')) {
    const { sitekey, action = '', size } = place.dataset;
    const frame = document.createElement('iframe');
    frame.src = '${frame}?' + new URLSearchParams({ sitekey, action });
    frame.title = 'Security check';
    [frame.width, frame.height] = size === 'compact' ? [${wide[2]}, 144] : [${wide[0]}, ${wide[1]}];
    frame.style.border = 'none';
    const fields = ${JSON.stringify(fields)}.map((name) => {
      const field = document.createElement('textarea');
      field.name = name;
      field.style.display = 'none';
      return field;
    });
    place.append(frame, ...fields);
    addEventListener('message', ({ source, data }) => {
      if (source !== frame.contentWindow) return;
      for (const field of fields) field.value = data.token;
      place.dataset.solved = '';
    });
  }`;
}

function load(script: string): string {
  return `document.head.append(Object.assign(document.createElement('script'), { src: '${script}', async: true }));`;
}

const SCORED = `
  const key = new URL(document.querySelector('script[src^="${GOOGLE}/api.js"]').src).searchParams.get('render');
  const badge = document.createElement('div');
  badge.className = 'grecaptcha-badge';
  Object.assign(badge.style, { position: 'fixed', bottom: '14px', right: '-186px', width: '256px', height: '60px' });
  const frame = document.createElement('iframe');
  frame.title = 'reCAPTCHA';
  badge.append(frame);
  document.body.append(badge);
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
  frame.src = '${GOOGLE}/api2/anchor?size=invisible';
  window.grecaptcha = {
    ready: (then) => void loaded.then(then),
    execute: (sitekey, { action }) => new Promise((resolve, reject) => {
      if (sitekey !== key) return reject(new Error('Invalid site key or not loaded in api.js: ' + sitekey));
      addEventListener('message', ({ source, data }) => {
        if (source === frame.contentWindow) data.token ? resolve(data.token) : reject(null);
      }, { once: true });
      frame.contentWindow.postMessage({ sitekey, action }, '*');
    }),
  };`;

const VENDORS: Readonly<Record<WidgetKind, Vendor>> = {
  turnstile: {
    script: 'https://challenges.cloudflare.com/turnstile/v0/api.js',
    source: widget({
      className: 'cf-turnstile',
      fields: ['cf-turnstile-response'],
      frame: 'https://challenges.cloudflare.com/cdn-cgi/challenge-platform/turnstile',
      wide: [300, 65, 150],
    }),
    frame: 'https://challenges.cloudflare.com/cdn-cgi/challenge-platform/turnstile',
  },
  hcaptcha: {
    script: 'https://js.hcaptcha.com/1/api.js',
    source: `${widget({
      className: 'h-captcha',
      fields: ['h-captcha-response', 'g-recaptcha-response'],
      frame: 'https://newassets.hcaptcha.com/captcha/v1/x/static/hcaptcha.html',
      wide: [303, 78, 164],
    })}
    document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: 'https://newassets.hcaptcha.com/x.css' }));
    fetch('https://api.hcaptcha.com/checksiteconfig', { method: 'POST' });`,
    further: { 'https://newassets.hcaptcha.com/x.css': '' },
    frame: 'https://newassets.hcaptcha.com/captcha/v1/x/static/hcaptcha.html',
    calls: 'https://api.hcaptcha.com/checksiteconfig',
  },
  'recaptcha 2': {
    script: `${GOOGLE}/api.js`,
    source: load(`${GSTATIC}/recaptcha__en.js`),
    further: {
      [`${GSTATIC}/recaptcha__en.js`]: `${widget({
        className: 'g-recaptcha',
        fields: ['g-recaptcha-response'],
        frame: `${GOOGLE}/api2/anchor`,
        wide: [304, 78, 164],
      })}
      fetch('${GOOGLE}/api2/clr', { method: 'POST' });`,
    },
    frame: `${GOOGLE}/api2/anchor`,
    calls: `${GOOGLE}/api2/clr`,
  },
  'recaptcha 3': {
    script: `${GOOGLE}/api.js`,
    source: `window.grecaptcha = { ready: (then) => (window.waiting ??= []).push(then) };
      ${load(`${GSTATIC}/recaptcha__en.js`)}`,
    further: {
      [`${GSTATIC}/recaptcha__en.js`]: `${SCORED} for (const then of window.waiting ?? []) grecaptcha.ready(then);`,
    },
    frame: `${GOOGLE}/api2/anchor`,
  },
};

/** The vendor's page in the frame. */
const FRAME = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Security check</title>
<body><label><input type="checkbox"> I am human</label><script>
  const told = Object.fromEntries(new URLSearchParams(location.search));
  const hostname = document.referrer && new URL(document.referrer).hostname;
  async function solve(more) {
    const answer = await fetch('?' + new URLSearchParams({ hostname, ...told, ...more, solve: 1 }), { method: 'POST' });
    parent.postMessage({ token: answer.ok ? await answer.text() : '' }, '*');
  }
  document.querySelector('input').addEventListener('change', () => solve({}));
  addEventListener('message', ({ data }) => solve(data));
</script></body></html>`;

const OPEN = { 'access-control-allow-origin': '*' };

/** Answers for one vendor; everything else that leaves this machine is refused, as by a network that does not know it. Returns what was asked for in vain. */
export async function playVendor(context: BrowserContext, kind: WidgetKind, edge: WidgetEdge): Promise<string[]> {
  const { script, source, further = {}, frame, calls } = VENDORS[kind];
  const inVain: string[] = [];

  async function answer(route: Route): Promise<void> {
    const request = route.request();
    const url = new URL(request.url());
    const path = url.origin + url.pathname;
    if (path === script) return route.fulfill({ contentType: 'text/javascript', body: `(() => {${source}})();` });
    const more = further[path];
    if (more !== undefined)
      return route.fulfill({
        contentType: path.endsWith('.css') ? 'text/css' : 'text/javascript',
        body: path.endsWith('.css') ? more : `(() => {${more}})();`,
      });
    if (path === calls) return route.fulfill({ status: 204, headers: OPEN });
    if (path === frame && request.method() === 'GET') return route.fulfill({ contentType: 'text/html', body: FRAME });
    if (path === frame) {
      const { sitekey = '', action = '', hostname = '' } = Object.fromEntries(url.searchParams);
      return route.fulfill({ contentType: 'text/plain', body: edge.solve({ sitekey, action, hostname }) });
    }
    inVain.push(request.url());
    return route.abort();
  }

  await context.route(/^https:/, answer);
  return inVain;
}
