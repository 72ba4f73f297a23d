import type { Request } from 'express';
import { problemSummary, statusLine, textField } from './fields.js';
import { html, type Markup } from './html.js';
import { pageFor, postForm } from './layout.js';

export interface SignInView {
  readonly email?: string;
  readonly problem?: string;
  readonly status?: string;
}

export function signInPage(req: Request, { email = '', problem, status }: SignInView = {}): string {
  const form = postForm(
    req,
    '/login',
    html`${textField({ name: 'email', label: 'Email address', type: 'email', autocomplete: 'username', value: email })}
${textField({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password' })}
<button class="button">Sign in</button>`,
  );
  return pageFor(req, {
    title: titled('Sign in', problem),
    main: html`${problemSummary(problem, 'email')}${statusLine(status)}<h1>Sign in</h1>
${form}
<p>New here? <a href="/signup">Create an account</a></p>`,
  });
}

export interface SignUpView {
  readonly email?: string;
  readonly requireMfa?: boolean;
  readonly problem?: { readonly field: 'email' | 'password'; readonly text: string };
}

export function signUpPage(req: Request, { email = '', requireMfa = false, problem }: SignUpView = {}): string {
  const problemOf = (name: string) => (problem?.field === name ? problem.text : undefined);
  const form = postForm(
    req,
    '/signup',
    html`${textField({ name: 'email', label: 'Email address', type: 'email', autocomplete: 'username', value: email, problem: problemOf('email') })}
${textField({ name: 'password', label: 'Password', type: 'password', autocomplete: 'new-password', hint: '12 characters or more.', problem: problemOf('password') })}
${requireBox(requireMfa)}
<button class="button">Create account</button>`,
  );
  return pageFor(req, {
    title: titled('Create an account', problem?.text),
    main: html`${problemSummary(problem?.text, problem?.field)}<h1>Create an account</h1>
${form}
<p>Have one already? <a href="/login">Sign in</a></p>`,
  });
}

function requireBox(ticked: boolean): Markup {
  return html`<div class="check"><input type="checkbox" id="requireMfa" name="requireMfa" aria-describedby="require-hint"${ticked && html` checked`}>
<div><label for="requireMfa">Require a second step for this account</label>
<p class="hint" id="require-hint">As an app does for its staff: you set it up before you get in.</p></div></div>`;
}

function titled(title: string, problem: string | undefined): string {
  return problem === undefined ? title : `Error: ${title}`;
}
