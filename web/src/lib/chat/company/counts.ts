/** What is unread, by room and its topics: the counts as the server had them, and the news since. */
import type { News, PersonUpdate, Unread, UnreadTopic } from '$lib/api/types';

export interface Count {
  state: Unread;
  /** The messages that came after those that `state` counts, by sequence. */
  newer: ReadonlyMap<number, News>;
  /** How far this page has read streams that have such messages, by the topic's id; the main stream's is empty. */
  read: ReadonlyMap<string, number>;
}

export type Counts = ReadonlyMap<string, Count>;

/** More than this is not told apart; the server counts no further either. */
export const MOST_COUNTED = 1000;
/** Who is named where everybody is. */
const HERE = '00000000-0000-0000-0000-000000000000';
const NO_NEWS: Count['newer'] = new Map();
const NO_MARKS: Count['read'] = new Map();

export function countsOf(rooms: readonly Unread[], before: Counts = new Map()): Counts {
  return new Map(rooms.map((state) => [state.room_id, withState(before.get(state.room_id), state)]));
}

/** A state replaces an older one, but not the news that it does not know. */
function withState(before: Count | undefined, state: Unread): Count {
  const newer = [...(before?.newer ?? NO_NEWS)].filter(([sequence]) => sequence > state.last);
  const read = [...(before?.read ?? NO_MARKS)].filter(([, sequence]) => sequence > state.last);
  return {
    state,
    newer: newer.length > 0 ? new Map(newer) : NO_NEWS,
    read: read.length > 0 ? new Map(read) : NO_MARKS,
  };
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
    count = { ...before, newer };
  }
  return new Map(counts).set(update.room_id, count);
}

/** The stream of a room that is meant: a topic's id, empty for the main stream, none for all of the room. */
export type Stream = string | undefined;

function topicOf(count: Count, topic: string): UnreadTopic | undefined {
  return count.state.topics.find((each) => each.topic_id === topic);
}

function newerOf(count: Count, me: string, stream?: Stream): News[] {
  return [...count.newer.values()].filter((each) => {
    const its = each.topic_id ?? '';
    const meant = each.author_id !== me && (stream === undefined || its === stream);
    return meant && each.sequence > (count.read.get(its) ?? 0);
  });
}

/** Those that the state counts. */
function stateOf(count: Count, stream: Stream): { unread: number; mentions: number; first: number | null } {
  const { state } = count;
  if (stream === undefined) {
    const firsts = [state.first, ...state.topics.map((each) => each.first)].filter((each) => each !== null);
    return { unread: state.unread, mentions: state.mentions, first: firsts.length > 0 ? Math.min(...firsts) : null };
  }
  if (stream) return topicOf(count, stream) ?? { unread: 0, mentions: 0, first: null };
  const rest = (of: 'unread' | 'mentions'): number => state.topics.reduce((sum, each) => sum - each[of], state[of]);
  return { unread: rest('unread'), mentions: rest('mentions'), first: state.first };
}

/** The messages of others that are unread in a room, or one stream of it. */
export function unreadOf(count: Count | undefined, me: string, stream?: Stream): number {
  if (!count) return 0;
  return Math.min(stateOf(count, stream).unread + newerOf(count, me, stream).length, MOST_COUNTED);
}

/** Those of them that name the person, or everybody. */
export function mentionsOf(count: Count | undefined, me: string, stream?: Stream): number {
  if (!count) return 0;
  const names = (each: News): boolean => each.mentions.some((id) => id === me || id === HERE);
  return stateOf(count, stream).mentions + newerOf(count, me, stream).filter(names).length;
}

/** The oldest unread message of somebody else. */
export function firstUnreadOf(count: Count | undefined, me: string, stream?: Stream): number | null {
  if (!count) return null;
  const { first } = stateOf(count, stream);
  if (first !== null) return first;
  const newer = newerOf(count, me, stream);
  return newer.length > 0 ? Math.min(...newer.map((each) => each.sequence)) : null;
}

/** Up to where a stream is read. */
export function readOf(count: Count | undefined, stream: string): number {
  if (!count) return 0;
  // A topic of which nothing is new is not told.
  return stream ? (topicOf(count, stream)?.read ?? count.state.last) : count.state.read;
}

/** Show at once that a stream is read up to a message, before the server says so. */
export function readUpTo(counts: Counts, roomId: string, sequence: number, stream: string): Counts {
  const before = counts.get(roomId);
  // How many of those that the state counts are read, only the server knows, unless it is all.
  if (!before || sequence < before.state.last) return counts;
  const { state } = before;
  const { unread, mentions } = stateOf(before, stream);
  const topics = state.topics.filter((each) => each.topic_id !== stream);
  const main = stream ? {} : { read: Math.max(state.read, sequence), first: null };
  const rest = { ...state, ...main, topics, unread: state.unread - unread, mentions: state.mentions - mentions };
  return new Map(counts).set(roomId, { ...before, state: rest, read: new Map(before.read).set(stream, sequence) });
}

/** A number as a badge shows it. */
export function badge(count: number): string {
  return count > 999 ? '999+' : String(count);
}
