/** What rooms are called, and what their kinds are. */
import type { Room } from '$lib/api/types';
import type { IconName } from '$lib/components/Icon.svelte';

export type RoomKind = Room['kind'];

interface Kind {
  name: string;
  icon: IconName;
  /** Who comes in, in a sentence. */
  words: string;
}

export const KINDS: Record<RoomKind, Kind> = {
  conversation: {
    name: 'Conversation',
    icon: 'chat',
    words: 'You and the desk, which answers each message. Colleagues can be added.',
  },
  open: { name: 'Open room', icon: 'hash', words: 'Everybody in the organisation finds it and may join.' },
  private: { name: 'Private room', icon: 'lock', words: 'Only those are in it who were invited.' },
  direct: { name: 'Direct', icon: 'user', words: 'The two of you, and nobody else.' },
  group: { name: 'Group', icon: 'people', words: 'A few people, called by their names. No title is needed.' },
};

export const ROOM_ROLES: Record<'owner' | 'moderator' | 'member' | 'reader', { name: string; words: string }> = {
  owner: { name: 'Owner', words: 'gives roles, and hands the room over' },
  moderator: { name: 'Moderator', words: 'makes links, takes people out, keeps order' },
  member: { name: 'Member', words: 'posts and invites' },
  reader: { name: 'Reader', words: 'reads' },
};

const MOST_NAMED = 3;

/** What a room is called by somebody: its title, or the others who are in it. */
export function roomName(room: Pick<Room, 'title' | 'kind' | 'people'>, me: string | undefined): string {
  if (room.title) return room.title;
  const others = room.people.filter((each) => each.id !== me).map((each) => each.name);
  if (others.length === 0) return room.kind === 'conversation' ? 'New conversation' : 'Only you';
  if (others.length <= MOST_NAMED) return others.join(', ');
  return `${others.slice(0, MOST_NAMED).join(', ')} and ${others.length - MOST_NAMED} more`;
}

/** What an update to everybody leaves out is each reader's own, and stays as it is. */
export function keepOwn(told: Room, known: Room | null | undefined): Room {
  if (!known || told.place) return told;
  const people = told.title || told.people.length > 0 ? told.people : known.people;
  return { ...told, archived: known.archived, place: known.place ?? null, people };
}
