/** How much is done: enough to be believed, or (`--quick`) enough to see that everything runs. */
export interface Size {
  readonly connections: readonly number[];
  /** Sign-ins before anything is counted: a server that has just started is mostly compiling. */
  readonly warmUp: number;
  readonly slices: number;
  readonly sliceMs: number;
  readonly guardedRequests: number;
  readonly startRuns: number;
  readonly pending: readonly number[];
  readonly pendingInRedis: readonly number[];
  readonly auditMs: number;
}

export const FULL: Size = {
  connections: [1, 16, 64],
  warmUp: 3_000,
  slices: 7,
  sliceMs: 600,
  guardedRequests: 1_500,
  startRuns: 9,
  pending: [1_000, 10_000, 100_000, 1_000_000],
  pendingInRedis: [1_000, 10_000, 100_000],
  auditMs: 3_000,
};

export const QUICK: Size = {
  connections: [4],
  warmUp: 0,
  slices: 1,
  sliceMs: 1,
  guardedRequests: 50,
  startRuns: 1,
  pending: [100, 1_000],
  pendingInRedis: [100, 1_000],
  auditMs: 200,
};
