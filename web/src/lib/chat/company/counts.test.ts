import { describe, expect, it } from 'vitest';
import type { PersonUpdate, Unread } from '$lib/api/types';
import { badge, countsOf, firstUnreadOf, hear, mentionsOf, readUpTo, unreadOf, type Counts } from './counts';

const ROOM = 'room';
const ME = 'me';

function state(fields: Partial<Unread> = {}): Unread {
  return { room_id: ROOM, read: 0, last: 0, unread: 0, first: null, mentions: 0, topics: [], ...fields };
}

function news(...messages: [number, string, string[]?][]): PersonUpdate {
  return {
    kind: 'news',
    room_id: ROOM,
    unread: null,
    messages: messages.map(([sequence, author_id, mentions]) => ({
      sequence,
      author_id,
      topic_id: null,
      mentions: mentions ?? [],
    })),
  };
}

function heard(counts: Counts, ...updates: PersonUpdate[]): Counts {
  return updates.reduce((before, update) => hear(before, update) ?? before, counts);
}

const unread = (counts: Counts): number => unreadOf(counts.get(ROOM), ME);

describe('counts of unread messages', () => {
  it('adds the news of others, each once', () => {
    const counts = heard(countsOf([state({ last: 3, unread: 2, first: 2 })]), news([3, 'ada'], [4, 'ada'], [5, ME]));
    expect(unread(counts)).toBe(3);
    expect(unread(heard(counts, news([4, 'ada'])))).toBe(3);
    expect(firstUnreadOf(counts.get(ROOM), ME)).toBe(2);
  });

  it('keeps news that a state does not know yet', () => {
    const update: PersonUpdate = { kind: 'unread', room_id: ROOM, messages: [], unread: state({ read: 4, last: 4 }) };
    const counts = heard(countsOf([state({ last: 3 })]), news([4, 'ada'], [5, 'ada']), update);
    expect(unread(counts)).toBe(1);
    expect(firstUnreadOf(counts.get(ROOM), ME)).toBe(5);
  });

  it('keeps such news also when all counts are read anew', () => {
    const before = heard(countsOf([state({ last: 3 })]), news([4, 'ada'], [5, 'ada']));
    expect(unread(countsOf([state({ last: 4, unread: 1, first: 4 })], before))).toBe(2);
  });

  it('asks anew after a loss, and for a room that it does not know', () => {
    expect(hear(countsOf([]), news([1, 'ada']))).toBeNull();
    expect(hear(countsOf([state()]), { kind: 'recount', room_id: ROOM, unread: null, messages: [] })).toBeNull();
  });

  it('shows at once what was read', () => {
    const counts = heard(countsOf([state({ last: 3, unread: 3, first: 1 })]), news([4, 'ada'], [5, 'ada']));
    expect(unread(readUpTo(counts, ROOM, 4))).toBe(1);
    expect(unread(readUpTo(counts, ROOM, 5))).toBe(0);
    expect(readUpTo(counts, ROOM, 2)).toBe(counts);
    expect(readUpTo(counts, 'other', 9)).toBe(counts);
  });

  it('counts who is named apart, also where everybody is', () => {
    const here = '00000000-0000-0000-0000-000000000000';
    const counts = heard(
      countsOf([state({ last: 1, unread: 1, first: 1, mentions: 1 })]),
      news([2, 'ada', [ME]], [3, 'ada', ['bob']], [4, 'ada', [here]], [5, ME, [ME]]),
    );
    expect(mentionsOf(counts.get(ROOM), ME)).toBe(3);
    expect(mentionsOf(readUpTo(counts, ROOM, 2).get(ROOM), ME)).toBe(1);
    expect(mentionsOf(undefined, ME)).toBe(0);
  });

  it('counts no further than the server', () => {
    const counts = heard(countsOf([state({ last: 1, unread: 999, first: 1 })]), news([2, 'ada'], [3, 'ada']));
    expect(unread(counts)).toBe(1000);
    expect([badge(999), badge(1000)]).toEqual(['999', '999+']);
    expect(unreadOf(undefined, ME)).toBe(0);
    expect(firstUnreadOf(undefined, ME)).toBeNull();
  });
});
