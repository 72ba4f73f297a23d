/** (b) A route behind `mfa.require({ within })` against the same route behind `req.isAuthenticated()`, in the same app. */
import { Client } from './lib/client.js';
import { Contestant } from './lib/contestant.js';
import { codeOf, PASSWORD } from './lib/people.js';
import type { Size } from './lib/size.js';
import { median, spread, type Table, table } from './lib/table.js';

const ROUTES = ['/bare', '/guarded'];

export async function benchRequire({ slices, guardedRequests: requests }: Size): Promise<Table> {
  const app = await Contestant.start('express-mfa', 'express-mfa');
  const client = new Client(app.port);
  await client.post('/login', { username: 'person-0', password: PASSWORD });
  await client.post('/mfa/challenge/verify', { factorId: 'totp', code: codeOf(0, Date.now()) });
  const cpu = ROUTES.map((): number[] => []);
  for (let turn = 0; turn <= slices; turn += 1) {
    for (const [index, route] of ROUTES.entries()) {
      await app.cost();
      for (let n = 0; n < requests; n += 1) {
        const { status } = await client.get(route);
        if (status !== 200) throw new Error(`${route}: ${status}`);
      }
      const { cpuMicros } = await app.cost();
      if (turn > 0) cpu[index]?.push(cpuMicros / requests);
    }
  }
  client.close();
  await app.stop();
  const rows = ROUTES.map((route, index) => {
    const mine = cpu[index] ?? [];
    return [
      route,
      `${median(mine).toFixed(0)} µs`,
      spread(mine),
      `${median(mine.map((cost, slice) => cost / (cpu[0]?.[slice] ?? cost))).toFixed(3)} ×`,
    ];
  });
  return table('require() against a bare session check', ['route', 'CPU each request', 'spread', 'against bare'], rows);
}
