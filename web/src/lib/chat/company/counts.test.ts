import { describe, expect, it } from 'vitest';
import type { PersonUpdate, Unread } from '$lib/api/types';
import { badge, countsOf, firstUnreadOf, hear, mentionsOf, readOf, readUpTo, unreadOf, type Counts } from './counts';

const ROOM = 'room';
const ME = 'me';

function state(fields: Partial<Unread> = {}): Unread {
  return { room_id: ROOM, read: 0, last: 0, unread: 0, first: null, mentions: 0, topics: [], ...fields };
}

function news(...messages: [number, string, string[]?, string?][]): PersonUpdate {
  return {
    kind: 'news',
    room_id: ROOM,
    unread: null,
    messages: messages.map(([sequence, author_id, mentions, topic]) => ({
      sequence,
      author_id,
      topic_id: topic ?? null,
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
    expect(unread(readUpTo(counts, ROOM, 4, ''))).toBe(1);
    expect(unread(readUpTo(counts, ROOM, 5, ''))).toBe(0);
    expect(readUpTo(counts, ROOM, 2, '')).toBe(counts);
    expect(readUpTo(counts, 'other', 9, '')).toBe(counts);
  });

  it('counts who is named apart, also where everybody is', () => {
    const here = '00000000-0000-0000-0000-000000000000';
    const counts = heard(
      countsOf([state({ last: 1, unread: 1, first: 1, mentions: 1 })]),
      news([2, 'ada', [ME]], [3, 'ada', ['bob']], [4, 'ada', [here]], [5, ME, [ME]]),
    );
    expect(mentionsOf(counts.get(ROOM), ME)).toBe(3);
    expect(mentionsOf(readUpTo(counts, ROOM, 2, '').get(ROOM), ME)).toBe(1);
    expect(mentionsOf(undefined, ME)).toBe(0);
  });

  it('counts the main stream and each topic apart', () => {
    const topics = [{ topic_id: 't', unread: 2, mentions: 1, read: 1, first: 2 }];
    const before = countsOf([state({ last: 4, unread: 3, first: 4, mentions: 2, topics })]);
    const counts = heard(before, news([5, 'ada', [ME], 't'], [6, 'ada'], [7, 'ada', [], 'new']));
    const streams = [undefined, '', 't', 'new', 'none'];
    const of = (which: Counts): (number | null)[][] =>
      streams.map((stream) => {
        const count = which.get(ROOM);
        return [unreadOf(count, ME, stream), mentionsOf(count, ME, stream), firstUnreadOf(count, ME, stream)];
      });
    expect(of(counts)).toEqual([
      [6, 3, 2],
      [2, 1, 4],
      [3, 2, 2],
      [1, 0, 7],
      [0, 0, null],
    ]);
    // Whoever reads a topic has read nothing else.
    expect(of(readUpTo(counts, ROOM, 5, 't'))).toEqual([
      [3, 1, 4],
      [2, 1, 4],
      [0, 0, null],
      [1, 0, 7],
      [0, 0, null],
    ]);
    expect([readOf(counts.get(ROOM), ''), readOf(counts.get(ROOM), 't'), readOf(counts.get(ROOM), 'none')]).toEqual([
      0, 1, 4,
    ]);
  });

  it('keeps what was read at once while a state does not know those messages', () => {
    const read = readUpTo(heard(countsOf([state({ last: 3 })]), news([4, 'ada'], [5, 'ada'])), ROOM, 5, '');
    const late: PersonUpdate = { kind: 'unread', room_id: ROOM, messages: [], unread: state({ read: 3, last: 3 }) };
    expect(unread(heard(read, late, news([5, 'ada']), news([6, 'ada'])))).toBe(1);
    // Marked unread on another device.
    const back = state({ read: 3, last: 5, unread: 2, first: 4 });
    expect(unread(heard(read, { kind: 'unread', room_id: ROOM, messages: [], unread: back }))).toBe(2);
  });

  it('counts no further than the server', () => {
    const counts = heard(countsOf([state({ last: 1, unread: 999, first: 1 })]), news([2, 'ada'], [3, 'ada']));
    expect(unread(counts)).toBe(1000);
    expect([badge(999), badge(1000)]).toEqual(['999', '999+']);
    expect(unreadOf(undefined, ME)).toBe(0);
    expect(firstUnreadOf(undefined, ME)).toBeNull();
  });
});
