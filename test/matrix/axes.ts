/** The hosts express-mfa says it runs on. Every value of every axis is a version that is really installed and started. */
export const AXES = {
  node: ['20.19.0', '22.12.0', '24.21.0', '26.10.0'],
  express: ['4.16.4', '4.21.2', '5.3.0'],
  passport: ['0.4.1', '0.5.3', '0.6.0', '0.7.0'],
  sessions: ['memory', 'memory of 1.17.0', 'redis', 'postgres'],
  host: ['commonjs', 'esm', 'typescript', 'typescript to commonjs'],
  gate: ['after Passport', 'before Passport'],
} as const;

export type Axis = keyof typeof AXES;
export type Combination = { readonly [A in Axis]: (typeof AXES)[A][number] };

export const titleOf = (of: Combination) =>
  `Node ${of.node}, Express ${of.express}, Passport ${of.passport}, ${of.sessions}, ${of.host}, the gate ${of.gate}`;

type Axes = Readonly<Record<string, readonly string[]>>;
type Row = Readonly<Record<string, string>>;

/** Every combination there is. */
export function product<A extends Axes>(axes: A): readonly { readonly [K in keyof A]: A[K][number] }[] {
  const rows = Object.entries(axes).reduce<readonly Row[]>(
    (done, [name, values]) => done.flatMap((row) => values.map((value) => ({ ...row, [name]: value }))),
    [{}],
  );
  return rows as readonly { readonly [K in keyof A]: A[K][number] }[];
}

/** Few combinations in which every two values of two axes meet: always the one next that brings most new meetings, so always the same ones. */
export function pairwise<A extends Axes>(axes: A): readonly { readonly [K in keyof A]: A[K][number] }[] {
  const all = product(axes);
  const outstanding = new Set(all.flatMap((row) => meetings(row)));
  const chosen: (typeof all)[number][] = [];
  while (outstanding.size > 0) {
    const gain = (row: Row) => meetings(row).filter((one) => outstanding.has(one)).length;
    const next = all.reduce((best, row) => (gain(row) > gain(best) ? row : best));
    for (const one of meetings(next)) outstanding.delete(one);
    chosen.push(next);
  }
  return chosen;
}

/** `express 5.3.0 + node 20.19.0` for every two values of a combination. */
export function meetings(row: Row): readonly string[] {
  const values = Object.entries(row)
    .map(([name, value]) => `${name} ${value}`)
    .sort();
  return values.flatMap((one, index) => values.slice(index + 1).map((other) => `${one} + ${other}`));
}
