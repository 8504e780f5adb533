/** How long messages are kept, in words. */
import type { Keeping } from '$lib/api/types';

export const SPANS: [number, string][] = [
  [0, 'for good'],
  [30, '30 days'],
  [90, '90 days'],
  [365, 'a year'],
  [7 * 365, '7 years'],
];

export function describeKeeping({ days, held }: Pick<Keeping, 'days' | 'held'>): string {
  const rule = days === 0 ? 'Messages are kept for good.' : `Messages go after ${days} ${days === 1 ? 'day' : 'days'}.`;
  return held ? `${rule} A legal hold is on: until it is lifted nothing goes, also not what is removed.` : rule;
}
