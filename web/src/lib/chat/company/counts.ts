/** What is unread, by room: the counts as the server had them, and the news since. */
import type { News, PersonUpdate, Unread } from '$lib/api/types';

export interface Count {
  state: Unread;
  /** The messages that came after those that `state` counts, by sequence. */
  newer: ReadonlyMap<number, News>;
}

export type Counts = ReadonlyMap<string, Count>;

/** More than this is not told apart; the server counts no further either. */
export const MOST_COUNTED = 1000;
/** Who is named where everybody is. */
const HERE = '00000000-0000-0000-0000-000000000000';
const NONE: ReadonlyMap<number, News> = new Map();

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
    for (const message of update.messages ?? []) {
      if (message.sequence > before.state.last) newer.set(message.sequence, message);
    }
    count = { state: before.state, newer };
  }
  return new Map(counts).set(update.room_id, count);
}

function newerOf(count: Count, me: string): News[] {
  return [...count.newer.values()].filter((each) => each.author_id !== me && each.sequence > count.state.read);
}

/** The messages of others that are unread in a room. */
export function unreadOf(count: Count | undefined, me: string): number {
  return count ? Math.min(count.state.unread + newerOf(count, me).length, MOST_COUNTED) : 0;
}

/** Those of them that name the person, or everybody. */
export function mentionsOf(count: Count | undefined, me: string): number {
  if (!count) return 0;
  const names = (each: News): boolean => each.mentions.some((id) => id === me || id === HERE);
  return count.state.mentions + newerOf(count, me).filter(names).length;
}

/** The oldest unread message of somebody else. */
export function firstUnreadOf(count: Count | undefined, me: string): number | null {
  if (!count) return null;
  if (count.state.first != null) return count.state.first;
  const newer = newerOf(count, me);
  return newer.length > 0 ? Math.min(...newer.map((each) => each.sequence)) : null;
}

/** Show at once that a room is read up to a message, before the server says so. */
export function readUpTo(counts: Counts, roomId: string, sequence: number): Counts {
  const before = counts.get(roomId);
  if (!before || sequence < before.state.last) return counts;
  const state = {
    ...before.state,
    read: Math.max(before.state.read, sequence),
    unread: 0,
    first: null,
    mentions: 0,
    topics: [],
  };
  return new Map(counts).set(roomId, { state, newer: before.newer });
}

/** A number as a badge shows it. */
export function badge(count: number): string {
  return count > 999 ? '999+' : String(count);
}
