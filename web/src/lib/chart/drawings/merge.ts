/**
 * Drawings as they are known, joined from answers and updates in whatever order they come. A version decides: what has a
 * lower one than is known is old news; also of what is gone, so that a late answer brings nothing back.
 */
import type { Drawing } from '$lib/api/types';
import type { Point } from './model';

export type DrawingUpdate =
  | { kind: 'drawing'; drawing_id: string; version: number; drawing: Drawing }
  | { kind: 'removed'; drawing_id: string; version: number; drawing: null };

export interface Drag {
  drawing_id: string;
  person_id: string;
  version: number;
  points: Point[];
}

/** A drag of which nothing was heard for so long is forgotten. */
export const DRAG_LASTS_MS = 5_000;

interface Known {
  version: number;
  /** Null: it is gone. */
  drawing: Drawing | null;
}

export interface Book {
  known: ReadonlyMap<string, Known>;
}

export const EMPTY_BOOK: Book = { known: new Map() };

export function take(book: Book, update: DrawingUpdate): Book {
  const held = book.known.get(update.drawing_id);
  if (held && held.version >= update.version) return book;
  const known = new Map(book.known);
  known.set(update.drawing_id, { version: update.version, drawing: update.drawing });
  return { known };
}

export function takeOne(book: Book, drawing: Drawing): Book {
  return take(book, { kind: 'drawing', drawing_id: drawing.id, version: drawing.version, drawing });
}

/** The whole list anew: what is not in it is gone, unless it came while the list was on its way. */
export function takeList(before: Book, now: Book, items: readonly Drawing[]): Book {
  let book: Book = { known: new Map([...now.known].filter(([id, held]) => before.known.get(id) !== held)) };
  for (const drawing of items) book = takeOne(book, drawing);
  return book;
}

export function listOf(book: Book): Drawing[] {
  const drawings = [...book.known.values()].flatMap(({ drawing }) => drawing ?? []);
  return drawings.sort((a, b) => a.created_at.localeCompare(b.created_at) || a.id.localeCompare(b.id));
}

export function find(book: Book, id: string): Drawing | null {
  return book.known.get(id)?.drawing ?? null;
}

/** The drawings as one sees them: where somebody is moving one, where they are moving it to. */
export function withDrags(drawings: readonly Drawing[], drags: readonly Drag[], mine: string | null): Drawing[] {
  return drawings.map((drawing) => {
    const drag = drags.find((each) => each.drawing_id === drawing.id);
    // What has changed since it was taken hold of is where the change put it.
    if (!drag || drawing.id === mine || drag.version < drawing.version) return drawing;
    return { ...drawing, points: drag.points };
  });
}
