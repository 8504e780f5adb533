/** Who has seen which message, of what a room's receipts say. */
import type { Receipts } from '$lib/api/types';

/** How far somebody is shown to have read a topic, or the main stream where it is empty. */
function readIn(receipt: Receipts['receipts'][number], topic: string): number {
  if (!topic) return receipt.read;
  return receipt.topics.find((each) => each.topic_id === topic)?.read ?? 0;
}

/** In small rooms: under which message to show whom. Sequences are those of the messages that are shown, in order. */
export function facesBySequence(
  receipts: Receipts | null,
  sequences: readonly number[],
  me: string,
  topic = '',
): Map<number, string[]> {
  const faces = new Map<number, string[]>();
  for (const receipt of receipts?.receipts ?? []) {
    const { person_id } = receipt;
    const read = readIn(receipt, topic);
    if (person_id === me || read === 0) continue;
    // What they read last may have no row of its own: the nearest one above it.
    const at = sequences.findLast((sequence) => sequence <= read);
    if (at !== undefined) faces.set(at, [...(faces.get(at) ?? []), person_id]);
  }
  return faces;
}

/** How many others have read a message; null where that is not told. */
export function readBy(receipts: Receipts | null, sequence: number, me: string, topic = ''): number | null {
  if (!receipts || receipts.hidden) return null;
  const few = receipts.receipts ?? [];
  if (few.length > 0) return few.filter((each) => each.person_id !== me && readIn(each, topic) >= sequence).length;
  // Of large rooms only the main stream is told.
  if (topic) return null;
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
