/** The other end of a contestant: listens, answers what it cost, and moves its clock. */
import type { RequestListener } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Codes are good once, so every round of sign-ins happens thirty seconds later. */
const realNow = Date.now.bind(Date);
export const clock = Object.assign(() => realNow() + clock.offset, { offset: 0 });

/** For code that asks the machine for the time: the machine is told another one. */
export function moveTheMachinesClock(): void {
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...args: [] | [number]) {
      super(args[0] ?? clock());
    }
    static override now(): number {
      return clock();
    }
  } as DateConstructor;
}

export async function serve(listener: RequestListener, more: Record<string, () => unknown> = {}): Promise<void> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  let before = process.cpuUsage();
  process.on('message', (message: { ask: string; ms?: number }) => {
    void answer(message).then((reply) => process.send?.(reply ?? {}));
  });

  async function answer(message: { ask: string; ms?: number }): Promise<unknown> {
    if (message.ask === 'advance') {
      clock.offset += message.ms ?? 0;
      return {};
    }
    if (message.ask !== 'cost') return await more[message.ask]?.();
    const spent = process.cpuUsage(before);
    before = process.cpuUsage();
    return { cpuMicros: spent.user + spent.system, rss: process.memoryUsage().rss };
  }

  // Where the load broke off there is nobody to stop this.
  process.on('disconnect', () => process.exit());
  process.send?.({ port: (server.address() as AddressInfo).port });
}
