/** A found fragment as pieces of plain text, each marked or not: what is shown is never markup. */
import type { FoundFragment } from '$lib/api/types';

export interface Piece {
  text: string;
  marked: boolean;
}

export function pieces(fragment: FoundFragment): Piece[] {
  // Highlights count code points, as the server does, and not halves of them.
  const points = Array.from(fragment.text);
  const all: Piece[] = [];
  let at = 0;
  const put = (end: number, marked: boolean): void => {
    const text = points.slice(at, end).join('');
    if (text) all.push({ text, marked });
    at = Math.max(at, end);
  };
  for (const { start, end } of fragment.highlights) {
    put(start, false);
    put(end, true);
  }
  put(points.length, false);
  if (fragment.before) all.unshift({ text: '… ', marked: false });
  if (fragment.after) all.push({ text: ' …', marked: false });
  return all;
}
