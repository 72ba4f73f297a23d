export interface Table {
  readonly title: string;
  readonly text: string;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** How far the slices were apart, around the median. */
export function spread(values: readonly number[]): string {
  const middle = median(values);
  return `-${percent(middle - Math.min(...values), middle)} +${percent(Math.max(...values) - middle, middle)}`;
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(0)}%`;
}

/** A table in Markdown, to be read as it is and to be put into the docs. */
export function table(title: string, head: readonly string[], rows: readonly (readonly string[])[], note = ''): Table {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return { title, text: [`### ${title}`, '', ...lines, '', note].join('\n').trimEnd() };
}
