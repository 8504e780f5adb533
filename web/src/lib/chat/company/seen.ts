/** Who has seen which message, of what a room's receipts say. */
import type { Receipts } from '$lib/api/types';

/** In small rooms: under which message to show whom. Sequences are those of the messages that are shown, in order. */
export function facesBySequence(
  receipts: Receipts | null,
  sequences: readonly number[],
  me: string,
): Map<number, string[]> {
  const faces = new Map<number, string[]>();
  for (const { person_id, read } of receipts?.receipts ?? []) {
    if (person_id === me) continue;
    // What they read last may have no row of its own: the nearest one above it.
    const at = sequences.findLast((sequence) => sequence <= read);
    if (at !== undefined) faces.set(at, [...(faces.get(at) ?? []), person_id]);
  }
  return faces;
}

/** How many others have read a message; null where that is not told. */
export function readBy(receipts: Receipts | null, sequence: number, me: string): number | null {
  if (!receipts || receipts.hidden) return null;
  const few = receipts.receipts ?? [];
  if (few.length > 0) return few.filter((each) => each.person_id !== me && each.read >= sequence).length;
  const counts = receipts.counts ?? [];
  const lowest = counts.at(-1)?.sequence;
  // Below the counts that are told, everybody counted has read it.
  if (lowest === undefined) return 0;
  const people = counts.reduce((sum, each) => sum + (each.sequence >= sequence ? each.people : 0), 0);
  // Whoever asks wrote it, and has read it.
  return Math.max(0, people - 1);
}

/** How far a message came: to whom it has not yet been delivered it is only sent. */
export function deliveredTo(receipts: Receipts | null, sequence: number, me: string): number {
  return (receipts?.receipts ?? []).filter((each) => each.person_id !== me && each.delivered >= sequence).length;
}
