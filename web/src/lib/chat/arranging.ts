/** How a person's rooms stand in their list: favourites first, then their own sections, then by kind. */
import type { Room } from '$lib/api/types';
import { roomName } from './naming';

export interface Group {
  id: string;
  title: string;
  rooms: Room[];
}

const KIND_GROUPS: [string, string, Room['kind'][]][] = [
  ['rooms', 'Rooms', ['open', 'private']],
  ['people', 'People', ['direct', 'group']],
  ['conversations', 'Conversations', ['conversation']],
];

function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Rooms whose name has every word that was typed, whatever its case and accents. */
export function filterRooms(rooms: readonly Room[], typed: string, me: string | undefined): Room[] {
  const words = fold(typed).split(/\s+/).filter(Boolean);
  return rooms.filter((room) => {
    const name = fold(`${roomName(room, me)} ${room.place?.section ?? ''}`);
    return words.every((word) => name.includes(word));
  });
}

/** The groups that have rooms, each in the order of the list. */
export function arrange(rooms: readonly Room[]): Group[] {
  const favourites = rooms.filter((room) => room.place?.favourite);
  const rest = rooms.filter((room) => !room.place?.favourite);
  const named = [...new Set(rest.map((room) => room.place?.section ?? ''))]
    .filter(Boolean)
    .sort((a, b) => a.localeCompare(b));
  const groups: Group[] = [
    { id: 'favourites', title: 'Favourites', rooms: favourites },
    ...named.map((title) => ({
      id: `section:${title}`,
      title,
      rooms: rest.filter((room) => room.place?.section === title),
    })),
    ...KIND_GROUPS.map(([id, title, kinds]) => ({
      id,
      title,
      rooms: rest.filter((room) => !room.place?.section && kinds.includes(room.kind)),
    })),
  ];
  return groups.filter((group) => group.rooms.length > 0);
}

/** The sections that a person has made. */
export function sectionsOf(rooms: readonly Room[]): string[] {
  return [...new Set(rooms.map((room) => room.place?.section ?? ''))]
    .filter(Boolean)
    .sort((a, b) => a.localeCompare(b));
}
