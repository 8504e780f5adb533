/** Rooms that tell nothing for a while, and what is told of the others. */
import type { Place } from '$lib/api/types';

export type NoticeLevel = Place['notices'];

export const LEVELS: { level: NoticeLevel; name: string; words: string }[] = [
  { level: 'all', name: 'Every message', words: 'You are told of all that is said here.' },
  { level: 'mentions', name: 'Mentions', words: 'Of what names you, or everybody by @here.' },
  { level: 'nothing', name: 'Nothing', words: 'Unread messages are counted all the same.' },
];

const HOUR_MS = 3_600_000;
/** When a day begins for who muted a room until tomorrow. */
const MORNING = 8;

/** Until when a room can be muted: an hour, or the next morning of this zone; null lasts. */
export function mutes(now: Date): { label: string; until: Date | null }[] {
  const tomorrow = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, MORNING);
  return [
    { label: 'For an hour', until: new Date(now.getTime() + HOUR_MS) },
    { label: 'Until tomorrow', until: tomorrow },
    { label: 'Until I end it', until: null },
  ];
}

/** Whether a room tells nothing now; one that is muted for a time does again by itself. */
export function isMuted(place: Pick<Place, 'muted' | 'muted_until'> | null | undefined, now = Date.now()): boolean {
  if (!place) return false;
  return place.muted || (place.muted_until != null && new Date(place.muted_until).getTime() > now);
}

/** Minutes of the day as a time field has them, and back; null for what is no time. */
export function toTime(minutes: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

export function toMinutes(time: string): number | null {
  const found = /^([01]\d|2[0-3]):([0-5]\d)/.exec(time);
  return found ? Number(found[1]) * 60 + Number(found[2]) : null;
}
