import { describe, expect, test } from 'vitest';
import type { Message } from '$lib/api/types';
import type { Outgoing } from './outgoing';
import { clockOf, dayOf, keepSame, rowsOf } from './rows';

// Local times throughout: the days of a room are the reader's.
const NOW = new Date(2026, 0, 7, 12, 0);

function said(sequence: number, by: string, at: Date, changes: Partial<Message> = {}): Message {
  return {
    ...{ id: `m${sequence}`, room_id: 'r', sequence, version: 1, text: 'x', status: 'posted', cards: [] },
    ...{ reply_to: null, client_id: null, activity: '', answer: null },
    author: { kind: 'person', id: by, name: by, picture: null },
    created_at: at.toISOString(),
    ...changes,
  } as Message;
}

const going = (clientId: string, at: Date): Outgoing => ({
  ...{ clientId, roomId: 'r', text: 'x', extra: {}, state: 'sending', error: '' },
  at: at.getTime(),
});

const shape = (messages: Message[], outgoing: Outgoing[] = []) =>
  rowsOf(messages, outgoing, 'ana', NOW).map((row) => [row.key, row.day, row.joined, row.continued]);

describe('rows', () => {
  test('of one author within five minutes stand together', () => {
    expect(
      shape([
        said(1, 'ana', new Date(2026, 0, 7, 10, 0)),
        said(2, 'ana', new Date(2026, 0, 7, 10, 4)),
        said(3, 'ben', new Date(2026, 0, 7, 10, 5)),
        said(4, 'ben', new Date(2026, 0, 7, 10, 10)),
      ]),
    ).toEqual([
      ['m1', 'Today', false, true],
      ['m2', '', true, false],
      ['m3', '', false, false],
      ['m4', '', false, false],
    ]);
  });

  test('begin anew on another day, however soon', () => {
    expect(shape([said(1, 'ana', new Date(2026, 0, 6, 23, 59)), said(2, 'ana', new Date(2026, 0, 7, 0, 1))])).toEqual([
      ['m1', 'Yesterday', false, false],
      ['m2', 'Today', false, false],
    ]);
  });

  test('of the AI stand alone', () => {
    const by = { author: { kind: 'assistant' as const, id: 'a', name: 'Desk', picture: null } };
    const at = new Date(2026, 0, 7, 10, 0);
    expect(shape([said(1, 'a', at, by), said(2, 'a', at, by)]).map((row) => row[2])).toEqual([false, false]);
  });

  test('of a message on its way out keep their place when it is there', () => {
    const before = said(1, 'ana', new Date(2026, 0, 7, 11, 58));
    const at = new Date(2026, 0, 7, 12, 0);
    const echo = shape([before], [going('c2', at)]);
    expect(shape([before, said(2, 'ana', at, { client_id: 'c2' })])).toEqual(echo);
    expect(echo[1]).toEqual(['c2', '', true, false]);
  });

  test("of others are not known by their writer's name for it", () => {
    expect(shape([said(1, 'ben', NOW, { client_id: 'c2' })])[0]?.[0]).toBe('m1');
  });
});

test('rows that did not change stay the same', () => {
  const messages = [1, 2, 3].map((sequence) => said(sequence, 'ana', new Date(2026, 0, 7, 10, sequence * 10)));
  const before = rowsOf(messages, [], 'ben', NOW);
  const [first, , third] = messages as [Message, Message, Message];
  const changed = said(2, 'ana', new Date(2026, 0, 7, 10, 20), { text: 'edited' });
  const after = keepSame(before, rowsOf([first, changed, third], [], 'ben', NOW));
  expect(after.map((row, index) => row === before[index])).toEqual([true, false, true]);
  // The second goes on with the first now, which is drawn otherwise although its message is the same.
  const nearer = said(2, 'ana', new Date(2026, 0, 7, 10, 12));
  const joined = keepSame(before, rowsOf([first, nearer, third], [], 'ben', NOW));
  expect(joined.map((row, index) => row === before[index])).toEqual([false, false, true]);
});

test('days are named as one says them', () => {
  expect(dayOf(new Date(2026, 0, 5, 1), NOW)).toBe('Monday 5 January');
  expect(dayOf(new Date(2025, 11, 31, 23), NOW)).toBe('Wednesday, 31 December 2025');
  expect(clockOf('not a time')).toBe('');
});
