/** What is unread, by room: the counts as the server had them, and the news since. */
import type { PersonUpdate, Unread } from '$lib/api/types';

export interface Count {
  state: Unread;
  /** Messages that came after those that `state` counts: who wrote them, by sequence. */
  newer: ReadonlyMap<number, string>;
}

export type Counts = ReadonlyMap<string, Count>;

/** More than this is not told apart; the server counts no further either. */
export const MOST_COUNTED = 1000;
const NONE: ReadonlyMap<number, string> = new Map();

export function countsOf(rooms: readonly Unread[], before: Counts = new Map()): Counts {
  return new Map(rooms.map((state) => [state.room_id, withState(before.get(state.room_id), state)]));
}

/** A state replaces an older one, but not the news that it does not know. */
function withState(before: Count | undefined, state: Unread): Count {
  const newer = [...(before?.newer ?? NONE)].filter(([sequence]) => sequence > state.last);
  return { state, newer: newer.length > 0 ? new Map(newer) : NONE };
}

/** Take over an update. Null says that the counts have to be asked for anew. */
export function hear(counts: Counts, update: PersonUpdate): Counts | null {
  if (update.kind === 'recount') return null;
  const before = counts.get(update.room_id);
  let count: Count;
  if (update.kind === 'unread' && update.unread) count = withState(before, update.unread);
  else {
    // News of a room that is not known: it was made, or joined, a moment ago.
    if (!before) return null;
    const newer = new Map(before.newer);
    for (const { sequence, author_id } of update.messages ?? []) {
      if (sequence > before.state.last) newer.set(sequence, author_id);
    }
    count = { state: before.state, newer };
  }
  return new Map(counts).set(update.room_id, count);
}

/** The messages of others that are unread in a room. */
export function unreadOf(count: Count | undefined, me: string): number {
  if (!count) return 0;
  let number = count.state.unread;
  for (const [sequence, author] of count.newer) if (author !== me && sequence > count.state.read) number += 1;
  return Math.min(number, MOST_COUNTED);
}

/** The oldest unread message of somebody else. */
export function firstUnreadOf(count: Count | undefined, me: string): number | null {
  if (!count) return null;
  if (count.state.first != null) return count.state.first;
  const newer = [...count.newer].filter(([sequence, author]) => author !== me && sequence > count.state.read);
  return newer.length > 0 ? Math.min(...newer.map(([sequence]) => sequence)) : null;
}

/** Show at once that a room is read up to a message, before the server says so. */
export function readUpTo(counts: Counts, roomId: string, sequence: number): Counts {
  const before = counts.get(roomId);
  if (!before || sequence < before.state.last) return counts;
  const state = { ...before.state, read: Math.max(before.state.read, sequence), unread: 0, first: null };
  return new Map(counts).set(roomId, { state, newer: before.newer });
}

/** A number as a badge shows it. */
export function badge(count: number): string {
  return count > 999 ? '999+' : String(count);
}
