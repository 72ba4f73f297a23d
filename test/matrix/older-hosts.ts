/** Which host the tests run on: `HOST_EXPRESS` and `HOST_PASSPORT`, see jest.config.mjs. */
import { describe, it } from '@jest/globals';

const isOldPassport = /^0-[45]$/.test(process.env.HOST_PASSPORT ?? '');

/** For what Passport 0.4 and 0.5 cannot do: sessions by key, log-ins on a request that `initialize()` has not seen. */
export const onNewerPassport = isOldPassport
  ? { describe: describe.skip as typeof describe, it: it.skip as typeof it }
  : { describe, it };
