import type { Copy, ErrorFacts } from '../copy.js';
import { type Html, html } from './html.js';
import type { Problem } from './views.js';

/** One sentence for one problem; the summary and the field say the same words. */
export function sentenceOf(copy: Copy, problem: Problem | undefined, about: Pick<ErrorFacts, 'kind' | 'digits'> = {}) {
  return problem && copy.errors[problem.code]({ ...problem, ...about });
}

export interface Summary {
  readonly sentence: string;
  readonly field?: string | undefined;
  readonly advice?: string | undefined;
}

export function errorSummary(copy: Copy, { sentence, field, advice }: Summary): Html {
  return html`<div class="mfa-summary" role="alert" tabindex="-1" autofocus aria-labelledby="error-title">
<h2 id="error-title">${copy.summaryTitle}</h2>
<p>${field ? html`<a href="#${field}">${sentence}</a>` : sentence}</p>
${advice && html`<p>${advice}</p>`}
</div>`;
}
