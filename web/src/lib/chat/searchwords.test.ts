import { describe, expect, it } from 'vitest';
import type { Room } from '$lib/api/types';
import { filterAt, findRooms, put, withTopics } from './searchwords';

function room(fields: Partial<Room>): Room {
  return { id: fields.title ?? 'id', title: '', kind: 'private', people: [], place: null, ...fields } as Room;
}

describe('the filter at the caret', () => {
  it('is what one types behind from: and in:', () => {
    expect(filterAt('cut from:ad', 11)).toEqual({ name: 'from', word: 'ad', start: 4, end: 11 });
    expect(filterAt('IN:', 3)).toEqual({ name: 'in', word: '', start: 0, end: 3 });
    expect(filterAt('in:"rates d', 11)).toEqual({ name: 'in', word: 'rates d', start: 0, end: 11 });
    // The caret in the middle: the rest of the word goes with it.
    expect(filterAt('in:rates cut', 5)).toEqual({ name: 'in', word: 'ra', start: 0, end: 8 });
    expect(filterAt('in:"rates desk" cut', 6)).toEqual({ name: 'in', word: 'ra', start: 0, end: 15 });
  });

  it('is none elsewhere', () => {
    for (const text of ['', 'from', 'within:a', 'in:rates ', 'in:"rates" ', 'has:link', '"from:a b"']) {
      expect(filterAt(text, text.length)).toBeNull();
    }
  });
});

describe('what is put in', () => {
  it('stands in quotation marks where it has a space', () => {
    const people = [
      { kind: 'person' as const, id: 'me', name: 'Ada', picture: null },
      { kind: 'person' as const, id: 'bob', name: 'Bob Broker', picture: null },
    ];
    const rooms = [room({ title: 'Rates' }), room({ title: 'The "big" desk' }), room({ kind: 'direct', people })];
    expect(findRooms(rooms, '', 'me').map((each) => each.insert)).toEqual([
      'in:Rates',
      'in:"The big desk"',
      'in:"Bob Broker"',
    ]);
    expect(findRooms(rooms, 'brok', 'me').map((each) => each.label)).toEqual(['Bob Broker']);
    // A group without a title cannot be told by one name.
    expect(findRooms([room({ kind: 'group', people })], '', 'me')).toEqual([]);
  });

  it('is a room before a topic, each name once, and topics have half of the places', () => {
    const named = (name: string, count: number) =>
      Array.from({ length: count }, (_, at) => ({ insert: `in:${name}${at}`, label: `${name}${at}` }));
    const inserts = (rooms: number, topics: number) =>
      withTopics(named('r', rooms), named('t', topics))
        .map((each) => each.insert[3])
        .join('');
    expect([inserts(2, 2), inserts(8, 8), inserts(8, 1), inserts(8, 0), inserts(1, 9)]).toEqual([
      'rrtt',
      'rrrrtttt',
      'rrrrrrrt',
      'rrrrrrrr',
      'rttttttt',
    ]);
    const same = { insert: 'in:Oil', label: 'Oil' };
    expect(withTopics([same], [same, same])).toEqual([same]);
  });

  it('takes the place of what was typed', () => {
    const at = filterAt('cut in:ra today', 9);
    expect(at && put('cut in:ra today', at, { insert: 'in:Rates', label: 'Rates' })).toEqual({
      text: 'cut in:Rates today',
      caret: 13,
    });
  });
});
