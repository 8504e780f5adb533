import { describe, expect, it } from 'vitest';
import type { Receipts } from '$lib/api/types';
import { deliveredTo, facesBySequence, readBy } from './seen';

function receipts(fields: Partial<Receipts>): Receipts {
  return { room_id: 'room', version: 1, people: 3, receipts: [], counts: [], hidden: false, ...fields };
}

const few = receipts({
  receipts: [
    { person_id: 'me', read: 9, delivered: 9, topics: [] },
    { person_id: 'ada', read: 4, delivered: 9, topics: [{ topic_id: 't', read: 6 }] },
    { person_id: 'bob', read: 9, delivered: 9, topics: [] },
  ],
});

describe('who has seen a message', () => {
  it('shows each face once, under what they read last', () => {
    expect(facesBySequence(few, [3, 4, 8], 'me')).toEqual(
      new Map([
        [4, ['ada']],
        [8, ['bob']],
      ]),
    );
    expect(facesBySequence(few, [10], 'me')).toEqual(new Map());
    expect(facesBySequence(null, [1], 'me')).toEqual(new Map());
  });

  it('counts the others', () => {
    expect([readBy(few, 4, 'me'), readBy(few, 5, 'me'), readBy(few, 10, 'me')]).toEqual([2, 1, 0]);
    expect(deliveredTo(few, 9, 'me')).toBe(2);
  });

  it('knows of a topic who has read it, and not by the main stream', () => {
    expect(facesBySequence(few, [3, 6, 8], 'me', 't')).toEqual(new Map([[6, ['ada']]]));
    expect([readBy(few, 6, 'me', 't'), readBy(few, 7, 'me', 't'), readBy(few, 1, 'me', 'other')]).toEqual([1, 0, 0]);
    expect(readBy(receipts({ people: 300, counts: [{ sequence: 9, people: 100 }] }), 1, 'me', 't')).toBeNull();
  });

  it('counts in large rooms by how far people came', () => {
    const many = receipts({
      people: 300,
      counts: [
        { sequence: 9, people: 100 },
        { sequence: 7, people: 50 },
      ],
    });
    expect([readBy(many, 9, 'me'), readBy(many, 8, 'me'), readBy(many, 7, 'me')]).toEqual([99, 99, 149]);
    expect(readBy(receipts({ people: 300 }), 1, 'me')).toBe(0);
  });

  it('knows nothing where receipts are not shown', () => {
    expect(readBy(receipts({ hidden: true }), 1, 'me')).toBeNull();
    expect(readBy(null, 1, 'me')).toBeNull();
  });
});
