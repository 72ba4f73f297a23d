/** Every store, for cases that must hold on each of them: `describe.each(stores)('on $name', ({ open }) => ...)`. */
import { afterAll } from '@jest/globals';
import { memoryStore, type Store } from '../../src/index.js';
import { newPlace, sharedStores } from './servers.js';
import { openAt, type StorePlace, tellTime } from './store-places.js';

type Clock = () => number;

interface StoreToTest {
  readonly name: string;
  /** A new, empty store whose time is that of the clock. Closed after the last test of the file. */
  open(clock: Clock): Store;
}

const opened: Store[] = [];

afterAll(async () => {
  await Promise.allSettled(opened.map((store) => store.close()));
});

const memory: StoreToTest = { name: 'memory', open: (clock) => kept(memoryStore({ clock })) };

export const stores: readonly StoreToTest[] = [memory, ...(await sharedStores()).map(shared)];

/** Those without a server, for cases that ask little of a store and are many. */
export const embedded: readonly StoreToTest[] = [memory, shared('sqlite')];

function shared(name: StorePlace['on']): StoreToTest {
  return { name, open: (clock) => kept(opensOnUse(name, clock)) };
}

function kept(store: Store): Store {
  opened.push(store);
  return store;
}

/** Made at its first use; before each, its server is told what the clock shows. */
function opensOnUse(name: StorePlace['on'], clock: Clock): Store {
  let opening: Promise<{ readonly place: StorePlace; readonly store: Store }> | undefined;
  let told: { readonly now: number; readonly done: Promise<void> } | undefined;

  async function ready(): Promise<Store> {
    opening ??= newPlace(name).then(async (place) => ({ place, store: await openAt(place, clock) }));
    const { place, store } = await opening;
    const now = clock();
    if (told?.now !== now) told = { now, done: tellTime(place, now) };
    await told.done;
    return store;
  }

  return {
    name,
    volatile: false,
    read: async (...asked) => await (await ready()).read(...asked),
    commit: async (...asked) => await (await ready()).commit(...asked),
    append: async (...asked) => await (await ready()).append(...asked),
    scan: async (...asked) => await (await ready()).scan(...asked),
    owners: async (...asked) => await (await ready()).owners(...asked),
    sweep: async (...asked) => await (await ready()).sweep(...asked),
    forget: async (...asked) => await (await ready()).forget(...asked),
    ping: async () => await (await ready()).ping(),
    close: async () => await (await opening)?.store.close(),
  };
}
