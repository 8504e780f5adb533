import { describe, expect, it } from 'vitest';
import type { Room } from '$lib/api/types';
import { arrange, filterRooms, sectionsOf } from './arranging';
import { keepOwn, roomName } from './naming';

const person = (id: string, name: string) => ({ kind: 'person' as const, id, name, picture: null });

function room(id: string, change: Partial<Room> = {}): Room {
  return {
    id,
    title: id,
    kind: 'private',
    archived: false,
    created_at: '2026-01-01T00:00:00Z',
    last_activity_at: '2026-01-01T00:00:00Z',
    last_text: '',
    description: '',
    people: [],
    slow_s: 0,
    floor: 0,
    place: place({}),
    ...change,
  };
}

const place = (change: Partial<NonNullable<Room['place']>>) => ({
  role: 'member' as const,
  favourite: false,
  muted: false,
  muted_until: null,
  notices: 'mentions' as const,
  section: '',
  posts: true,
  silence: null,
  may_post_at: null,
  ...change,
});

describe('roomName', () => {
  it('is the title, or who else is in it', () => {
    expect(roomName(room('Rates'), 'me')).toBe('Rates');
    const direct = room('', { kind: 'direct', people: [person('me', 'Ada'), person('b', 'Ben')] });
    expect(roomName(direct, 'me')).toBe('Ben');
    expect(roomName(direct, 'b')).toBe('Ada');
    const many = ['Ben', 'Cyd', 'Dan', 'Eve', 'Fay'].map((name) => person(name, name));
    expect(roomName(room('', { kind: 'group', people: many }), 'me')).toBe('Ben, Cyd, Dan and 2 more');
    expect(roomName(room('', { kind: 'group', people: [person('me', 'Ada')] }), 'me')).toBe('Only you');
    expect(roomName(room('', { kind: 'conversation' }), 'me')).toBe('New conversation');
  });
});

describe('keepOwn', () => {
  it('keeps what is each reader’s own when the room changes for everybody', () => {
    const known = room('', {
      kind: 'group',
      archived: true,
      people: [person('b', 'Ben')],
      place: place({ muted: true }),
    });
    const told = room('', { kind: 'group', description: 'Lunch', place: null });
    expect(keepOwn(told, known)).toEqual({ ...known, description: 'Lunch' });
    expect(keepOwn({ ...told, title: 'Lunch' }, known).people).toEqual([]);
    expect(keepOwn(told, null)).toBe(told);
    expect(keepOwn(known, room(''))).toBe(known);
  });
});

describe('arrange', () => {
  const rooms = [
    room('Rates', { kind: 'open' }),
    room('Star', { place: place({ favourite: true, section: 'Desk' }) }),
    room('Oil', { place: place({ section: 'Energy' }) }),
    room('Ben', { kind: 'direct' }),
    room('Ask', { kind: 'conversation' }),
    room('Gas', { place: place({ section: 'Energy' }) }),
  ];

  it('puts favourites first, then own sections, then kinds, and each room once', () => {
    const groups = arrange(rooms);
    expect(groups.map((group) => [group.title, group.rooms.map((each) => each.id)])).toEqual([
      ['Favourites', ['Star']],
      ['Energy', ['Oil', 'Gas']],
      ['Rooms', ['Rates']],
      ['People', ['Ben']],
      ['Conversations', ['Ask']],
    ]);
    expect(sectionsOf(rooms)).toEqual(['Desk', 'Energy']);
    expect(arrange([])).toEqual([]);
  });

  it('finds rooms by every word, without case and accents', () => {
    const named = [...rooms, room('Café Zürich')];
    expect(filterRooms(named, ' ZUR cafe', 'me').map((each) => each.id)).toEqual(['Café Zürich']);
    expect(filterRooms(named, 'energy', 'me').map((each) => each.id)).toEqual(['Oil', 'Gas']);
    expect(filterRooms(named, '', 'me')).toHaveLength(7);
    expect(filterRooms(named, '.*', 'me')).toEqual([]);
  });
});
