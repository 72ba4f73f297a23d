import { MfaError } from './errors.js';

/** Milliseconds, or a number with a unit: `'30s'`, `'15m'`, `'1h'`, `'14d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** The duration in milliseconds; throws a set-up error that names the option where it is not one, or lies outside the bounds. */
export function durationMs(value: Duration, option: string, bounds: { min?: Duration; max?: Duration } = {}): number {
  const ms = parse(value);
  if (ms === undefined) {
    throw new MfaError(
      'set_up',
      `${option}: got ${shown(value)}, expected milliseconds or a text such as '30s', '15m', '14d'.`,
    );
  }
  const min = bounds.min === undefined ? 1 : (parse(bounds.min) ?? 1);
  const max = bounds.max === undefined ? Number.MAX_SAFE_INTEGER : (parse(bounds.max) ?? Number.MAX_SAFE_INTEGER);
  if (ms < min)
    throw new MfaError('set_up', `${option}: ${value} is below the smallest allowed value, ${bounds.min ?? '1ms'}.`);
  if (ms > max) throw new MfaError('set_up', `${option}: ${value} is above the ceiling, ${bounds.max ?? `${max}ms`}.`);
  return ms;
}

function parse(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  const match = typeof value === 'string' ? /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value) : null;
  if (!match) return undefined;
  return Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
}

function shown(value: unknown): string {
  return typeof value === 'string' || typeof value === 'object' ? JSON.stringify(value) : String(value);
}
