/** A found fragment as pieces of plain text, each marked or not: what is shown is never markup. */
import type { FoundFragment } from '$lib/api/types';

export interface Piece {
  text: string;
  marked: boolean;
}

/** Signs of Markdown that say how a text looks, and are none of its words. */
const SIGNS = [
  /\*\*|~~|`+/g,
  /(?<![\w*])[*_]{1,2}(?=[^\s*_])|(?<=[^\s*_])[*_]{1,2}(?![\w*])/g,
  /^ {0,3}(#{1,6}|>|[-*+]) +/gm,
  /^[ |:]*-{3,}[-|: ]*$/gm,
  /(?<=^|\s)\|(?=\s|$)/gm,
  /!?\[(?=[^\]\n]*\]\([^)\n]*\))|(?<=\[[^\]\n]*)\]\([^)\n]*\)/g,
];

/** Whether each code point of a text is a sign of Markdown. */
function signsIn(points: readonly string[]): boolean[] {
  const text = points.join('');
  const hidden = new Array<boolean>(text.length).fill(false);
  for (const sign of SIGNS) {
    for (const { 0: found, index } of text.matchAll(sign)) hidden.fill(true, index, index + found.length);
  }
  let unit = 0;
  return points.map((point) => {
    const sign = hidden[unit] ?? false;
    unit += point.length;
    return sign;
  });
}

export function pieces(fragment: FoundFragment): Piece[] {
  // Highlights count code points, as the server does, and not halves of them.
  const points = Array.from(fragment.text);
  const signs = signsIn(points);
  const all: Piece[] = [];
  let at = 0;
  const put = (end: number, marked: boolean): void => {
    const from = at;
    const text = points
      .slice(from, end)
      .filter((_, index) => !signs[from + index])
      .join('');
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
