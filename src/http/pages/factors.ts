import type { Copy } from '../copy.js';
import { codesLeft } from './backup-codes.js';
import { sentenceOf } from './error-summary.js';
import { button, postForm, ways } from './form.js';
import { type Html, html } from './html.js';
import { factorName, factorPath, kindName } from './names.js';
import { type Page, page } from './page.js';
import type { FactorsView, FactorView, Frame } from './views.js';

export function factorsPage(frame: Frame, view: FactorsView, copy: Copy): Page {
  const { forced } = view;
  const texts = copy.factors;
  const sentence = sentenceOf(copy, view.problem);
  return page(frame, copy, {
    heading: forced ? texts.forcedHeading : texts.heading,
    problem: sentence === undefined ? undefined : { sentence },
    status: view.status,
    account: true,
    body: html`<p class="mfa-lede">${forced ? texts.forcedIntro({ issuer: frame.issuer }) : texts.intro}</p>
${!forced && factorList(frame, view, copy)}
${!forced && backupCodes(frame, view, copy)}
${addList(frame, view, copy)}
${!forced && view.canDisable && disable(frame, copy)}
${ways([wayOut(frame, view, copy)])}`,
  });
}

function factorList(frame: Frame, { factors }: FactorsView, copy: Copy): Html {
  const rows = factors.map((factor) => html`<li class="mfa-card">${factorRow(frame, factor, copy)}</li>`);
  return html`<section aria-labelledby="list-title">
<h2 id="list-title">${copy.factors.listTitle}</h2>
${rows.length === 0 ? html`<p>${copy.factors.empty}</p>` : html`<ul class="mfa-cards">${rows}</ul>`}
</section>`;
}

function factorRow(frame: Frame, factor: FactorView, copy: Copy): Html {
  const name = factorName(copy, factor);
  const link = (verb: 'rename' | 'remove') =>
    html`<a href="${frame.base}${factorPath(factor.id, verb)}">${copy.factors[verb]}<span class="mfa-hidden"> ${name}</span></a>`;
  const kind = kindName(copy, factor.kind);
  const replacing = `${frame.base}/factors/new/${encodeURIComponent(factor.kind)}?replaces=${encodeURIComponent(factor.id)}`;
  const replace = html`<a href="${replacing}">${copy.factors.replace}<span class="mfa-hidden"> ${name}</span></a>`;
  const about = [kind !== name && kind, factor.destination].filter(Boolean).join(' · ');
  return html`<h3>${name}</h3>
${about && html`<p class="mfa-muted">${about}</p>`}
<p class="mfa-muted">${dates(factor, copy)}</p>
<p class="mfa-links">${link('rename')}${replace}${link('remove')}</p>`;
}

function dates({ createdAt, lastUsedAt }: FactorView, copy: Copy): string {
  const added = createdAt && copy.factors.added({ when: createdAt });
  const used = lastUsedAt ? copy.factors.lastUsed({ when: lastUsedAt }) : copy.factors.neverUsed;
  return [added, used].filter(Boolean).join(' · ');
}

function backupCodes(frame: Frame, view: FactorsView, copy: Copy): Html | undefined {
  if (!view.backupCodes) return undefined;
  const texts = copy.backupCodes;
  return html`<section aria-labelledby="codes-title">
<h2 id="codes-title">${texts.heading}</h2>
<div class="mfa-card">${codesLeft(copy, view.backupCodes)}
<p class="mfa-links"><a href="${frame.base}/backup-codes/new">${texts.make}</a></p></div>
</section>`;
}

function addList(frame: Frame, { canAdd, factors }: FactorsView, copy: Copy): Html | undefined {
  if (canAdd.length === 0) return undefined;
  const title = factors.length === 0 ? copy.factors.addFirstTitle : copy.factors.addTitle;
  const rows = canAdd.map((kind) => {
    const hint = copy.kindHints[kind];
    const about = hint && html` <span class="mfa-option-detail">${hint}</span>`;
    const href = `${frame.base}/factors/new/${encodeURIComponent(kind)}`;
    return html`<li><a class="mfa-button mfa-button-option" href="${href}"><span class="mfa-option-label">${kindName(copy, kind)}</span>${about}</a></li>`;
  });
  return html`<section aria-labelledby="add-title">
<h2 id="add-title">${title}</h2>
<ul class="mfa-options">${rows}</ul>
</section>`;
}

function disable(frame: Frame, copy: Copy): Html {
  return html`<section aria-labelledby="disable-title">
<h2 id="disable-title">${copy.factors.disableTitle}</h2>
<p>${copy.factors.disableHint}</p>
<p><a class="mfa-grave" href="${frame.base}/disable">${copy.factors.disable}</a></p>
</section>`;
}

/** Who has to set something up may still end the sign-in. */
function wayOut(frame: Frame, { forced }: FactorsView, copy: Copy): Html {
  if (!forced) return html`<a href="${frame.home}">${copy.factors.home({ issuer: frame.issuer })}</a>`;
  return postForm(frame, { action: '/challenge/cancel', body: button(copy.cancel, 'link') });
}
