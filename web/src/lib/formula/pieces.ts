/** The text cut where its mistakes begin and end, so that they can be underlined. */
import type { FormulaProblem } from '$lib/api/types';

export interface Piece {
  text: string;
  wrong: boolean;
}

/** Positions of the server count characters, those of JavaScript halves of some: this is where they meet. */
function toUnits(text: string): number[] {
  let unit = 0;
  return [0, ...Array.from(text, (letter) => (unit += letter.length))];
}

/** Where a problem stands in the text; one behind the end is shown on a space there. */
export function rangeOf(text: string, problem: Pick<FormulaProblem, 'start' | 'end'>): [number, number] {
  const units = toUnits(text);
  const last = units.length - 1;
  const at = (position: number): number => units[Math.min(position, last)] ?? text.length;
  return [at(problem.start), at(problem.end)];
}

export function cutPieces(text: string, problems: Pick<FormulaProblem, 'start' | 'end'>[]): Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  for (const problem of problems) {
    const [start, end] = rangeOf(text, problem);
    if (start < done) continue;
    if (start > done) pieces.push({ text: text.slice(done, start), wrong: false });
    pieces.push({ text: text.slice(start, end) || ' ', wrong: true });
    done = end;
  }
  if (done < text.length) pieces.push({ text: text.slice(done), wrong: false });
  return pieces;
}

/** The text with the suggestion in the place of the mistake. */
export function correct(text: string, problem: FormulaProblem): string {
  const [start, end] = rangeOf(text, problem);
  return text.slice(0, start) + problem.suggestion + text.slice(end);
}
