/** A fraction of a cent counts, and `$0.50` has its zero. */
export function dollars(amount: number): string {
  const digits = Math.max(2, String(Math.round(amount * 10_000) / 10_000).split('.')[1]?.length ?? 0);
  return `$${amount.toFixed(digits)}`;
}
