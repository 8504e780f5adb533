/** What may be meant by the word at the caret, and the text with one of them put in. */
import type { FormulaWord } from '$lib/api/types';

export interface Choice {
  /** What is put in. */
  name: string;
  signature: string;
  help: string;
  role: string;
}

export interface Edit {
  text: string;
  caret: number;
}

interface Place {
  start: number;
  end: number;
  word: string;
  /** The word before the dot, where the caret stands behind one. */
  owner: string;
}

export const MOST_CHOICES = 8;
const LETTER = /[A-Za-z0-9_]/;

/** The word that ends at the caret; null inside a quoted symbol, a number, or right behind a whole value. */
export function placeAt(text: string, caret: number): Place | null {
  const before = text.slice(0, caret);
  if ((before.match(/"/g)?.length ?? 0) % 2 === 1 || before.endsWith('@')) return null;
  let start = caret;
  while (start > 0 && LETTER.test(text.charAt(start - 1))) start -= 1;
  let end = caret;
  while (end < text.length && LETTER.test(text.charAt(end))) end += 1;
  const word = text.slice(start, caret);
  if (/^\d/.test(word) || text[start - 1] === '@') return null;
  const owner = /([A-Za-z_]\w*)\s*(?:\([^()]*\))?\s*\.$/.exec(text.slice(0, start));
  return { start, end, word, owner: owner?.[1]?.toLowerCase() ?? '' };
}

/** The words that fit what stands at the caret: those that begin with it first, then those that contain it. */
export function choicesAt(words: FormulaWord[], text: string, caret: number): Choice[] {
  const place = placeAt(text, caret);
  if (!place) return [];
  const typed = place.word.toLowerCase();
  const outputs = words.find((word) => word.name === place.owner)?.outputs ?? [];
  if (outputs.length > 0) return outputs.filter((name) => name.startsWith(typed) && name !== typed).map(toOutput);
  if (typed === '') return [];
  const behindDot = text[place.start - 1] === '.';
  const offered = words.filter((word) => !behindDot || word.role === 'series' || word.role === 'indicator');
  const first = offered.filter((word) => word.name.startsWith(typed) && word.name !== typed);
  const later = offered.filter(
    (word) =>
      typed.length > 1 &&
      !word.name.startsWith(typed) &&
      (word.name.includes(typed) || (typed.length > 2 && word.help.toLowerCase().includes(typed))),
  );
  return [...first.sort(byLength), ...later].slice(0, MOST_CHOICES);
}

function byLength(one: FormulaWord, other: FormulaWord): number {
  return one.name.length - other.name.length;
}

function toOutput(name: string): Choice {
  return { name, signature: name, help: 'One of its values.', role: 'output' };
}

/** Put a choice in the place of the word at the caret; functions get brackets, with the caret between them. */
export function put(text: string, caret: number, choice: Choice): Edit {
  const place = placeAt(text, caret);
  if (!place) return { text, caret };
  const behind = text.slice(place.end);
  const brackets = choice.role === 'function' && !behind.startsWith('(') ? '()' : '';
  const space = choice.role === 'operator' && !/^\s/.test(behind) ? ' ' : '';
  const written = choice.name + brackets + space;
  return {
    text: text.slice(0, place.start) + written + behind,
    caret: place.start + written.length - (brackets ? 1 : 0),
  };
}
