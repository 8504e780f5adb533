/** What keeps somebody from posting just now: a silence, or slow mode. The server decides; this says it beforehand. */
import type { Member, Message, Room } from '$lib/api/types';

export interface Held {
  why: 'silenced' | 'slow';
  /** In milliseconds; null until a moderator ends it. */
  until: number | null;
}

export interface Standing {
  room: Room | null;
  members: readonly Member[];
  messages: readonly Message[];
  me: string;
}

/** For how long a moderator silences or bans somebody, in minutes. */
export const TERMS: [number | null, string][] = [
  [10, '10 minutes'],
  [60, 'an hour'],
  [24 * 60, 'a day'],
  [7 * 24 * 60, 'a week'],
  [null, 'until it is lifted'],
];

export const PACES: [number, string][] = [
  [0, 'off'],
  [5, '5 seconds'],
  [10, '10 seconds'],
  [30, '30 seconds'],
  [60, 'a minute'],
  [300, '5 minutes'],
  [900, '15 minutes'],
  [3600, 'an hour'],
];

/** When slow mode lets somebody post again, by the newest message of theirs that is known; 0 for at once. */
function paceEnd({ room, messages, me }: Standing): number {
  if (!room?.slow_s || room.place?.role === 'owner' || room.place?.role === 'moderator') return 0;
  const last = messages.findLast((message) => message.author.id === me);
  const told = room.place?.may_post_at ? Date.parse(room.place.may_post_at) : 0;
  return Math.max(told, last ? Date.parse(last.created_at) + room.slow_s * 1000 : 0);
}

/** What holds somebody back now, if anything does. */
export function heldBack(standing: Standing, now: number): Held | null {
  const mine = standing.members.find((member) => member.author.id === standing.me);
  // Before the members are there, what the room said of one's own place.
  const silence = mine ? mine.silence : standing.room?.place?.silence;
  const until = silence?.until ? Date.parse(silence.until) : null;
  if (silence && (until === null || until > now)) return { why: 'silenced', until };
  const end = paceEnd(standing);
  return end > now ? { why: 'slow', until: end } : null;
}

/** A time to go as a clock shows it, rounded up, so that it ends at 0. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, '0'));
  const hours = Math.floor(seconds / 3600);
  return hours > 0 ? `${hours}:${parts.join(':')}` : `${Number(parts[0])}:${parts[1]}`;
}
