/** JSON has no infinity; the largest exact number is as good as one. */
export function finite(number: number): number {
  return number === Number.POSITIVE_INFINITY ? Number.MAX_SAFE_INTEGER : number;
}
