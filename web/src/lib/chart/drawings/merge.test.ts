import { describe, expect, it } from 'vitest';
import type { Drawing } from '$lib/api/types';
import { EMPTY_BOOK, find, listOf, take, takeList, takeOne, withDrags, type Book, type DrawingUpdate } from './merge';
import { rewardToRisk, sideOf } from './model';

function drawing(id: string, version: number, price = 1): Drawing {
  return {
    ...{ id, version, symbol: 'AAPL', room_id: null, kind: 'trend_line', text: '', side: null },
    points: [{ time: 1, price }],
    style: { colour: 'blue', width: 2, dash: 'solid' },
    ...{ created_by: null, created_at: `2026-01-0${id}T00:00:00Z` },
    ...{ changed_by: null, changed_at: `2026-01-0${id}T00:00:00Z` },
  };
}

const changed = (id: string, version: number): DrawingUpdate => ({
  ...{ kind: 'drawing', drawing_id: id, version },
  drawing: drawing(id, version),
});
const removed = (id: string, version: number): DrawingUpdate => ({
  ...{ kind: 'removed', drawing_id: id, version, drawing: null },
});

function versions(book: Book): [string, number][] {
  return listOf(book).map(({ id, version }) => [id, version]);
}

describe('joining drawings', () => {
  it('ends alike in whatever order the updates come, and however often', () => {
    const updates = [
      changed('1', 1),
      changed('1', 2),
      changed('2', 1),
      removed('1', 3),
      changed('3', 4),
      removed('3', 5),
    ];
    const ends = new Set<string>();
    let seed = 11;
    for (let round = 0; round < 200; round += 1) {
      const shuffled = [...updates, ...updates.slice(0, 3)];
      for (let at = shuffled.length - 1; at > 0; at -= 1) {
        seed = (seed * 16807) % 2147483647;
        const other = seed % (at + 1);
        [shuffled[at], shuffled[other]] = [shuffled[other] as DrawingUpdate, shuffled[at] as DrawingUpdate];
      }
      ends.add(JSON.stringify(versions(shuffled.reduce(take, EMPTY_BOOK))));
    }
    expect([...ends]).toEqual([JSON.stringify([['2', 1]])]);
  });

  it('brings nothing back by a late answer', () => {
    const book = takeOne(take(EMPTY_BOOK, removed('1', 3)), drawing('1', 2));
    expect(find(book, '1')).toBeNull();
    expect(find(takeOne(book, drawing('1', 4)), '1')?.version).toBe(4);
  });

  it('takes a whole list, and keeps what came while it was on its way', () => {
    const before = [drawing('1', 1), drawing('2', 1)].reduce(takeOne, EMPTY_BOOK);
    const meanwhile = takeOne(takeOne(before, drawing('3', 1)), drawing('1', 3));
    expect(versions(takeList(before, meanwhile, [drawing('1', 2)]))).toEqual([
      ['1', 3],
      ['3', 1],
    ]);
  });

  it('is ordered by when they were drawn', () => {
    const book = [drawing('3', 1), drawing('1', 1), drawing('2', 1)].reduce(takeOne, EMPTY_BOOK);
    expect(listOf(book).map(({ id }) => id)).toEqual(['1', '2', '3']);
  });
});

describe('what is being moved', () => {
  const drag = (version: number) => ({ drawing_id: '1', person_id: 'p', version, points: [{ time: 9, price: 9 }] });

  it('is where it is moved to, until it has changed', () => {
    expect(withDrags([drawing('1', 2)], [drag(2)], null)[0]?.points[0]?.time).toBe(9);
    expect(withDrags([drawing('1', 3)], [drag(2)], null)[0]?.points[0]?.time).toBe(1);
  });

  it('is where one holds it oneself', () => {
    expect(withDrags([drawing('1', 2)], [drag(2)], '1')[0]?.points[0]?.time).toBe(1);
  });
});

describe('a position', () => {
  const at = (...prices: number[]) => prices.map((price) => ({ time: 1, price }));

  it('is long or short by where its stop is, and nothing where the entry is not between', () => {
    expect(sideOf(at(100, 95, 110))).toBe('long');
    expect(sideOf(at(100, 105, 90))).toBe('short');
    expect(sideOf(at(100, 105, 110))).toBeNull();
    expect(rewardToRisk(at(100, 95, 110))).toBe(2);
    expect(rewardToRisk(at(100, 100, 110))).toBeNull();
  });
});
