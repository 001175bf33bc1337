/**
 * Orders are fractions between 0 and 1 in base 62, without the leading "0." and
 * without zeros at the end; they sort byte by byte. The same as OrderBetween of
 * the board service.
 */
export const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * An order after one and before another; an empty one is the beginning or the
 * end. What is not in order gives what comes after the first.
 */
export function between(after: string, before: string): string {
  let end = before !== '' && after >= before ? '' : before;
  let out = '';
  for (let i = 0; ; i += 1) {
    // All the same: nothing stands before it.
    if (i >= end.length) end = '';
    const low = digitAt(after, i);
    const high = end === '' ? DIGITS.length : digitAt(end, i);
    if (low === high) {
      out += DIGITS[low];
    } else if (high - low > 1) {
      return out + DIGITS[(low + high) >> 1];
    } else {
      // Neighbours: keep the lower one, and go on above what follows it.
      out += DIGITS[low];
      end = '';
    }
  }
}

/** So many orders, each after the other, after one and before another. */
export function spread(after: string, before: string, count: number): string[] {
  if (count <= 0) return [];
  const middle = between(after, before);
  const half = (count - 1) >> 1;
  return [...spread(after, middle, half), middle, ...spread(middle, before, count - 1 - half)];
}

function digitAt(order: string, i: number): number {
  const digit = order[i];
  return digit === undefined ? 0 : Math.max(DIGITS.indexOf(digit), 0);
}
