/** What strangers share of one send: budgets, money, runs of neighbours, and places whose codes nobody answers. One commit, all or nothing. */
import type { Refusal } from '../core/errors.js';
import type { SendLimit } from '../core/events.js';
import { network } from '../core/network.js';
import type { Committed, Count, Hit, Write } from '../core/store.js';
import type { Hop } from '../core/words.js';
import { type SharedHit, sharedSends } from '../policy/limits.js';
import { askMark, blockIds, blocksOf, isBarren, runKind, runMarks, type Scope, tally } from '../policy/toll-fraud.js';
import { BLOCKED, capReached, openBlock } from './block-sending.js';
import type { FlowDeps } from './deps.js';
import { type RoutedSend, SENDS_OWNER, type Send, taken, tooMany } from './one-send.js';
import { fingerprint, isPhone, prefixOf, scopesOf } from './places.js';
import type { Draw } from './spending.js';
import type { TakeBack } from './take-backs.js';
import { sendTried } from './track-record.js';

export interface SharedCounts {
  readonly ok: true;
  /** Of the budgets: a send that failed keeps its place in them. */
  readonly budgets: readonly Count[];
  /** Of the places: only the first send to a number in the hour says something about them, and only where a carrier took it. */
  readonly places: readonly Count[];
  readonly isRepeat: boolean;
  /** Of the carrier. */
  readonly tried: readonly Count[];
  readonly draw: Draw;
}

interface Watched {
  readonly scope: Scope;
  readonly hits: readonly Hit[];
}

export async function countShared(
  deps: FlowDeps,
  send: RoutedSend,
  takeBack: TakeBack,
): Promise<SharedCounts | (Refusal & { readonly limit: SendLimit })> {
  const { limits } = deps;
  const settingUp = send.lockedBy === undefined;
  const now = deps.clock();
  const draw = deps.spending.draw(send);
  takeBack(() => draw.undo());
  const [, number] = send.who;
  const prefix = prefixOf(deps, send.to);
  const ip = send.ip === undefined ? {} : { ip: network(send.ip) };
  const budgets = [
    ...sharedSends({ number, settingUp, ...(prefix === undefined ? {} : { prefix }), ...ip }, limits),
    ...draw.hits,
  ];
  const watched = scopesOf(limits, { ...send, prefix }).map(
    (scope): Watched => ({ scope, hits: tally(scope, settingUp, now, limits.codeTtlMs) }),
  );
  const blocks = isPhone(send.to) ? blocksOf(send.to).map((block) => fingerprint(deps, `run ${block}`)) : [];
  const blocked = watched.flatMap(({ scope }) => blockIds(scope, settingUp));
  const marks = [
    ...runMarks(blocks, number, settingUp, limits.numbersPerRun),
    ...(watched.length === 0 ? [] : [askMark(number, settingUp, now)]),
  ];
  const writes: readonly Write[] = [
    ...blocked.map((id) => ({ do: 'check', kind: BLOCKED, id, if: 'absent' }) as const),
    ...marks,
  ];
  const ofPlaces = watched.flatMap((one) => one.hits);
  const hits = [...budgets.map(({ hit }) => hit), ...ofPlaces, ...sendTried(deps, send, now)];
  const reads = marks.map(({ kind, id }) => ({ kind, id }));
  const done = await deps.store.commit(SENDS_OWNER, { writes, hits, reads });
  if (!done.ok) {
    if (done.reason === 'limit') return await full(deps, send, done, budgets);
    const id = blocked[done.index];
    const refs =
      id === undefined ? blocks.map((block) => ({ kind: runKind(block, settingUp) })) : [{ kind: BLOCKED, id }];
    const waits = (await deps.store.read(SENDS_OWNER, refs)).flat().map(({ expiresAt = done.now }) => expiresAt);
    const retryAt = waits.length === 0 ? done.now : Math.min(...waits);
    return { ...tooMany(retryAt, done.now), limit: id === undefined ? 'neighbours' : 'conversion' };
  }
  draw.done(done.counts);
  const watchedFrom = budgets.length;
  const triedFrom = watchedFrom + ofPlaces.length;
  const counted: SharedCounts = {
    ok: true,
    budgets: done.counts.slice(0, watchedFrom - draw.hits.length),
    places: done.counts.slice(watchedFrom, triedFrom).filter((_, index) => ofPlaces[index]?.peek !== true),
    isRepeat: done.records.at(-1)?.some(({ version }) => version > 1) ?? false,
    tried: done.counts.slice(triedFrom),
    draw,
  };
  const { places, tried } = counted;
  takeBack(() => deps.store.commit(SENDS_OWNER, { counters: [...counted.budgets, ...places, ...tried].map(taken) }));
  const made = done.records.flat().filter(({ version }) => version === 1);
  takeBack(() =>
    deps.store.commit(SENDS_OWNER, {
      writes: made.map(({ kind, id, version }) => ({ do: 'delete', kind, id, if: { version } })),
    }),
  );
  const barren = watched.find(({ scope, hits: of }, place) => {
    const from = watchedFrom + watched.slice(0, place).reduce((sum, one) => sum + one.hits.length, 0);
    const rule = limits.conversion?.[scope.kind];
    const counts = done.counts.slice(from, from + of.length).map(({ count }) => count);
    return rule !== undefined && isBarren(counts, rule);
  });
  if (!barren) return counted;
  const until = await openBlock(deps, send, barren.scope, done.now);
  return { ...tooMany(until, done.now), limit: 'conversion' };
}

/** What the send came to: the money really spent, and a place where no carrier took it is not judged by it. Never throws: the send has happened. */
export async function correctCounts(
  deps: FlowDeps,
  { places, tried, isRepeat, draw }: SharedCounts,
  { ok, hops }: { readonly ok: boolean; readonly hops: readonly Hop[] },
): Promise<void> {
  draw.correct(hops);
  const took = hops.length === 0 ? ok : hops.some(({ sent }) => sent === 'yes');
  const counters = [...(took && !isRepeat ? [] : places), ...(took ? [] : tried)].map(taken);
  if (counters.length > 0) await deps.store.commit(SENDS_OWNER, { counters }).catch(() => undefined);
}

async function full(
  deps: FlowDeps,
  send: Send,
  { index, retryAt, now }: Committed & { ok: false },
  budgets: readonly SharedHit[],
): Promise<Refusal & { readonly limit: SendLimit }> {
  const limit = budgets[index]?.limit ?? 'day';
  if (limit === 'day' || limit === 'money' || limit === 'country_money')
    await capReached(deps, send, limit, budgets[index]?.hit.key ?? limit, { retryAt: retryAt ?? now, now });
  return { ...tooMany(retryAt, now), limit };
}
