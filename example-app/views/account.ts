import type { Request } from 'express';
import type { UserFactors } from '../../src/index.js';
import type { User } from '../storage/users.js';
import { day } from './dates.js';
import { problemSummary, textField } from './fields.js';
import { html } from './html.js';
import { pageFor, postForm } from './layout.js';

export function accountPage(req: Request, view: UserFactors & { readonly user: User }): string {
  const { user, factors, backupCodesLeft, required } = view;
  const steps = factors.map(({ name, destination }) => [name, destination].filter(Boolean).join(' '));
  const fact = (term: string, about: string) => html`<div><dt>${term}</dt><dd>${about}</dd></div>`;
  return pageFor(req, {
    title: 'Account',
    main: html`<h1>Account</h1>
<dl class="facts">
${fact('Email address', user.email)}
${fact('Last signed in', user.signedInAt ? day(user.signedInAt) : 'Never')}
${fact('Second step', steps.length === 0 ? 'Not set up' : steps.join(', '))}
${steps.length > 0 && fact('Backup codes left', String(backupCodesLeft))}
${fact('Asked for by policy', required ? 'Yes' : 'No')}
</dl>
<ul class="rows">
<li><a href="/mfa/factors"><strong>Two-step sign-in</strong><span>Add, rename or remove a second step.</span></a></li>
<li><a href="/account/password"><strong>Change password</strong><span>Signs you out everywhere.</span></a></li>
<li><a href="/account/download" download><strong>Download my data</strong><span>What is kept about you, as JSON.</span></a></li>
<li><a href="/account/delete"><strong>Delete my account</strong><span>With everything in it.</span></a></li>
</ul>`,
  });
}

export interface PasswordProblem {
  readonly field: 'current' | 'password';
  readonly text: string;
}

export function passwordPage(req: Request, problem?: PasswordProblem): string {
  const problemOf = (name: string) => (problem?.field === name ? problem.text : undefined);
  const form = postForm(
    req,
    '/account/password',
    html`${textField({ name: 'current', label: 'Password now', type: 'password', autocomplete: 'current-password', problem: problemOf('current') })}
${textField({ name: 'password', label: 'New password', type: 'password', autocomplete: 'new-password', hint: '12 characters or more.', problem: problemOf('password') })}
<button class="button">Change password</button>`,
  );
  return pageFor(req, {
    title: problem ? 'Error: Change password' : 'Change password',
    main: html`${problemSummary(problem?.text, problem?.field)}<h1>Change password</h1>
<p class="lede">You are signed out everywhere and sign in with the new one.</p>
${form}
<p><a href="/account">Back to your account</a></p>`,
  });
}

export function deletePage(req: Request, problem?: PasswordProblem): string {
  const form = postForm(
    req,
    '/account/delete',
    html`${textField({ name: 'current', label: 'Your password', type: 'password', autocomplete: 'current-password', problem: problem?.text })}
<button class="button">Delete my account</button>`,
  );
  return pageFor(req, {
    title: problem ? 'Error: Delete my account' : 'Delete my account',
    main: html`${problemSummary(problem?.text, problem?.field)}<h1>Delete my account</h1>
<p class="lede">Your account, second steps and activity are deleted at once. This cannot be undone.</p>
${form}
<p><a href="/account">Keep it</a></p>`,
  });
}
