import { Router } from 'express';
import type { Mfa } from '../../src/index.js';
import { userOf, wantsJson } from '../requests.js';
import type { User } from '../storage/users.js';
import { html, type Markup } from '../views/html.js';
import { NAME, pageFor } from '../views/layout.js';

export function homeRoutes({ mfa }: { readonly mfa: Mfa }): Router {
  const routes = Router();

  routes.get('/', async (req, res) => {
    const user = userOf(req);
    if (wantsJson(req)) return void res.json({ user: user ? { id: user.id, email: user.email } : null });
    const main = user ? welcome(user, (await mfa.api.factorsOf(user.id)).factors.length) : front();
    res.send(pageFor(req, { title: user ? 'Welcome' : 'Your money, moored', main }));
  });

  return routes;
}

function front(): Markup {
  return html`<h1>Your money, moored</h1>
<p class="lede">${NAME} is a small app with a password sign-in, made to try a second step by hand.</p>
<p class="actions"><a class="button" href="/signup">Create an account</a>
<a class="button quiet" href="/login">Sign in</a></p>`;
}

function welcome({ email }: User, factors: number): Markup {
  const row = (href: string, title: string, about: string) =>
    html`<li><a href="${href}"><strong>${title}</strong><span>${about}</span></a></li>`;
  return html`<h1>Welcome</h1>
<p class="lede">Signed in as <strong>${email}</strong>.</p>
<ul class="rows">
${row('/mfa/factors', 'Two-step sign-in', factors === 0 ? 'Not set up yet. Add an app or a phone.' : 'Add, rename or remove a second step.')}
${row('/account', 'Account', 'For everybody who is signed in.')}
${row('/payout', 'Payout', 'Asks for the second step again, unless it was a few minutes ago.')}
${row('/activity', 'Activity', 'What happened to your account.')}
</ul>`;
}
